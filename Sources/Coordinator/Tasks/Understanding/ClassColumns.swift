/// Recognises submissions that have one probability column for each class.
enum ClassColumns {
    /// The class each column stands for, in the columns' order, or `nil` when they do not stand for the classes.
    ///
    /// A column's name is its class (`setosa`), or all names put the same text before or after it (`Status_C`,
    /// `winner_b_prob`). Case, blanks and underscores may differ. Every class needs a column; one column alone counts
    /// when it
    /// is one of two classes.
    static func match(_ columns: [String], classes: Set<String>) -> [String]? {
        guard classes.count >= 2, columns.count >= classes.count || (columns.count == 1 && classes.count == 2) else {
            return nil
        }
        var byName: [String: String] = [:]
        for label in classes.sorted() { byName[plain(label)] = label }
        guard byName.count == classes.count else { return nil }
        for candidate in [columns, withoutCommonEnds(columns)] {
            let labels = candidate.map { byName[plain($0)] }
            let found = Set(labels.compactMap { $0 })
            if columns.count == 1, let only = labels[0] { return [only] }
            // A column for a class that training never shows keeps its own name.
            if found.count == classes.count {
                let named = zip(labels, candidate).map { $0 ?? $1 }
                if Set(named).count == named.count { return named }
            }
        }
        return nil
    }

    private static func plain(_ text: String) -> String {
        let plain = IdentityFinder.plain(text)
        return plain.hasSuffix(".0") ? String(plain.dropLast(2)) : plain
    }

    private static func withoutCommonEnds(_ columns: [String]) -> [String] {
        guard columns.count > 1 else { return columns }
        let texts = columns.map(Array.init)
        let shortest = texts.map(\.count).min() ?? 0
        var front = 0
        while front < shortest, texts.allSatisfy({ $0[front] == texts[0][front] }) { front += 1 }
        // Names cut in the middle of a word would match by chance: cut after a separator only.
        while front > 0, !isSeparator(texts[0][front - 1]) { front -= 1 }
        var back = 0
        while back < shortest - front,
            texts.allSatisfy({ $0[$0.count - 1 - back] == texts[0][texts[0].count - 1 - back] })
        {
            back += 1
        }
        while back > 0, !isSeparator(texts[0][texts[0].count - back]) { back -= 1 }
        return texts.map { String($0[front..<($0.count - back)]) }
    }

    private static func isSeparator(_ character: Character) -> Bool { "_-. :".contains(character) }
}

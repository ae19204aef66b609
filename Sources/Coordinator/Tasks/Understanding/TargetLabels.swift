/// What the fields of the target columns mean where the target is a class.
struct TargetLabels {
    let train: CSVFile
    /// What the columns of the submission name as classes: these may be words that usually say that a value is missing.
    let named: Set<String>
    /// What `classes:` of task.yaml lists.
    let listed: [String]?

    /// The classes that occur.
    func classes(of target: String) -> Set<String> {
        let fields = train.column(target) ?? []
        let known = classWords(among: fields)
        return Set(fields.filter { Self.isLabel($0, classes: known) })
    }

    /// Words for a missing value that are classes all the same.
    private func classWords(among fields: [String]) -> Set<String> {
        let known = named.union(listed ?? [])
        return listed == nil && Self.isNoneAClass(among: fields, from: 3) ? known.union([Self.none]) : known
    }

    /// The word that says "nothing of the kind" as often as "not known".
    static let none = "None"

    /// Whether `None` is a class like the others: at least so many rows have it, and all other labels are words.
    static func isNoneAClass(among fields: [String], from leastRows: Int) -> Bool {
        guard fields.count(where: { $0 == none }) >= leastRows else { return false }
        let others = Set(fields.filter { isLabel($0, classes: []) })
        return !others.isEmpty && others.allSatisfy { FieldSyntax(of: $0).isDisjoint(with: [.number, .truth]) }
    }

    /// Whether a field is a label: not empty and no word for a missing value, unless that is a class.
    static func isLabel(_ text: String, classes: Set<String>) -> Bool {
        !text.isEmpty && !(FieldSyntax(of: text).contains(.missingWord) && !classes.contains(text))
    }

    /// Says which rows count as unlabelled because of a word, and where a word counts as a class.
    func notes(on target: String) -> [String] {
        let fields = train.column(target) ?? []
        let known = classWords(among: fields)
        let place = "\(train.name), column '\(target)': "
        var notes: [String] = []
        if let words = Self.counted(fields.filter { !$0.isEmpty && !Self.isLabel($0, classes: known) }) {
            notes.append(
                "\(place)\(words.rows) count as rows without a label. If '\(words.first)' is a class, list it under "
                    + "'classes:' in task.yaml.")
        }
        let isToldClass = named.contains(Self.none) || listed?.contains(Self.none) == true
        if known.contains(Self.none), !isToldClass, let words = Self.counted(fields.filter { $0 == Self.none }) {
            notes.append(
                "\(place)\(words.rows) are rows of a class of that name. If they have no label, list the classes without "
                    + "it under 'classes:' in task.yaml.")
        }
        return notes
    }

    /// Says which rows of a column of numbers have a word in place of one.
    func noteOnNumbers(of target: String) -> String? {
        let fields = train.column(target) ?? []
        guard let words = Self.counted(fields.filter { FieldSyntax(of: $0).contains(.missingWord) }) else { return nil }
        return "\(train.name), column '\(target)': \(words.rows) count as rows without a number to learn."
    }

    /// `7 rows with 'NA'`.
    private static func counted(_ words: [String]) -> (first: String, rows: String)? {
        words.first.map { ($0, "\(words.count) \(words.count == 1 ? "row" : "rows") with '\($0)'") }
    }

    /// Refuses classes that programs read as one: `1` and `1.0` where all classes are numbers, `True` and `true`.
    func checkSpellings(of target: String) throws(TaskError) {
        let classes = classes(of: target)
        let syntaxes = classes.map { FieldSyntax(of: $0) }
        let isAlike =
            syntaxes.allSatisfy { $0.contains(.number) } || syntaxes.allSatisfy { $0.contains(.truth) }
        guard isAlike, Set(classes.map(Self.shared)).count < classes.count else { return }
        var first: [String: (text: String, row: Int)] = [:]
        for (row, text) in (train.column(target) ?? []).enumerated() where classes.contains(text) {
            guard let known = first[Self.shared(text)] else {
                first[Self.shared(text)] = (text, row)
                continue
            }
            guard known.text != text else { continue }
            throw TaskError(
                .contradiction,
                "\(train.name), line \(train.line(ofRow: row)), column '\(target)': '\(text)' is read as the same class "
                    + "as '\(known.text)' in line \(train.line(ofRow: known.row)). Write both alike.")
        }
    }

    /// The form that two spellings of one number or truth value share.
    private static func shared(_ text: String) -> String {
        var text = text.trimmingBlanks
        guard FieldSyntax(of: text).contains(.number) else { return text.lowercased() }
        return text.withUTF8 { String(decoding: FieldRewriting.number.rewritten($0), as: UTF8.self) }
    }
}

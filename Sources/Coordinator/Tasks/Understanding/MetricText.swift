/// A text as words, for comparing with phrases: case, punctuation, hyphens, underscores and links do not count.
struct MetricText {
    struct Word {
        let written: String
        let lowered: String
        /// What stands between it and the word before.
        var gap = ""
        /// A mark between two sentences, matching no phrase.
        var endsSentence: Bool { written == "|" }
    }

    let words: [Word]

    init(_ text: String) {
        var words: [Word] = []
        var current = ""
        var gap = ""
        func flush() {
            guard !current.isEmpty else { return }
            words.append(Word(written: current, lowered: current.lowercased(), gap: gap))
            (current, gap) = ("", "")
        }
        let characters = Array(Self.withoutLinks(text))
        for (index, character) in characters.enumerated() {
            if character.isLetter || character.isNumber || character == "@" || character == "^" {
                current.append(character)
                continue
            }
            flush()
            gap.append(character)
            let isLast = index + 1 == characters.count
            if character == ".", isLast || characters[index + 1].isWhitespace {
                words.append(Word(written: "|", lowered: "|"))
            }
        }
        flush()
        self.words = words
    }

    /// Whether the words of `phrase` follow each other somewhere.
    static func contains(_ phrase: [String], in words: [String]) -> Bool {
        guard words.count >= phrase.count else { return false }
        return (0...(words.count - phrase.count)).contains { Array(words[$0..<($0 + phrase.count)]) == phrase }
    }

    /// "MAP@5", "mean average precision @ 5", "mean average precision at 5": the number and how many words it took.
    static func precisionCount(_ words: ArraySlice<Word>) -> (at: Int, length: Int)? {
        let next = words.prefix(5).map(\.lowered)
        if let first = next.first, first.hasPrefix("map@"), let count = Int(first.dropFirst(4)), count > 0 {
            return (count, 1)
        }
        guard next.starts(with: ["mean", "average"]), next.count >= 3 else { return nil }
        if next[2].hasPrefix("precision@"), let count = Int(next[2].dropFirst(10)) { return (count, 3) }
        guard next.count == 5, next[2] == "precision", next[3] == "at" || next[3] == "@" else { return nil }
        return Int(next[4]).map { ($0, 5) }
    }

    /// Addresses of links are not prose.
    private static func withoutLinks(_ text: String) -> String {
        text.replacing(/\]\([^)\s]*\)/, with: " ").replacing(/https?:\/\/\S+/, with: " ")
    }
}

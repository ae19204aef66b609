/// The sentences of a text that name a metric.
struct MetricSentences {
    /// Those that speak of evaluation, or of nothing but the metric.
    private(set) var telling: [String] = []
    /// Those that may speak of anything: "The accuracy of the sensors is high."
    private(set) var passing: [String] = []

    init(of text: String) {
        for sentence in Self.sentences(of: text) {
            let mentions = MetricMentions(in: sentence)
            guard !mentions.all.isEmpty else { continue }
            let named = Set(mentions.all.flatMap(\.place))
            let others = mentions.words.indices.filter { !named.contains($0) }.map { mentions.words[$0].lowered }
            let isTelling = others.contains(where: Self.speaksOfEvaluation) || others.allSatisfy(Self.isSmall)
            if isTelling { telling.append(sentence) } else { passing.append(sentence) }
        }
    }

    private static func speaksOfEvaluation(_ word: String) -> Bool {
        let beginnings = ["evaluat", "metric", "scor", "judg", "leaderboard", "minimi", "maximi", "submi", "optimi"]
        return ["ranked", "graded", "better", "performance"].contains(word)
            || beginnings.contains(where: word.hasPrefix)
    }

    private static func isSmall(_ word: String) -> Bool { ["|", "the", "a", "an", "and", "or"].contains(word) }

    /// Lines of a paragraph belong together; headings and items of lists stand alone.
    private static func sentences(of text: String) -> [String] {
        var blocks: [String] = [""]
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let trimmed = String(line).trimmingBlanks
            let isApart = trimmed.isEmpty || "#-*|".contains(trimmed.first ?? " ")
            if isApart { blocks.append(trimmed) } else { blocks[blocks.count - 1] += " " + trimmed }
            if trimmed.hasPrefix("#") { blocks.append("") }
        }
        return blocks.flatMap { $0.split(separator: /[.!?](?=\s)/) }.map { String($0).trimmingBlanks }
            .filter { !$0.isEmpty }
    }
}

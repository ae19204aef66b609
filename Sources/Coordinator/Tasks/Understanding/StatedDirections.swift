import Vocabulary

/// What a text says of which way its metric gets better.
enum StatedDirections {
    /// "Lower is better", "higher scores are better", "the higher the better".
    static func compared(in text: String) -> [Direction] {
        let words = MetricText(text).words.map(\.lowered)
        return comparisons.filter { phrase, _ in MetricText.contains(phrase, in: words) }.map(\.1)
    }

    /// "Minimize the log loss", "maximise it", "to be minimized": what is demanded of the metric, not of the world.
    static func demanded(in mentions: MetricMentions) -> [Direction] {
        let named = Set(mentions.all.flatMap(\.place))
        let words = mentions.words
        return words.indices.compactMap { index in
            guard let (direction, ending) = verb(words[index].lowered) else { return nil }
            let next = (index + 1)..<min(words.count, index + 5)
            let isMeant = next.contains { named.contains($0) || objects.contains(words[$0].lowered) }
            return isMeant || ending == "ed" ? direction : nil
        }
    }

    private static func verb(_ word: String) -> (Direction, ending: String)? {
        for (stem, direction) in [("minimi", Direction.lowerIsBetter), ("maximi", .higherIsBetter)] {
            guard word.hasPrefix(stem), let letter = word.dropFirst(stem.count).first, "sz".contains(letter) else {
                continue
            }
            return (direction, String(word.dropFirst(stem.count + 1)))
        }
        return nil
    }

    private static let objects: Set = ["it", "this", "score", "scores", "metric", "error", "loss"]

    private static let comparisons: [([String], Direction)] = {
        let words: [(String, Direction)] =
            ["lower", "smaller"].map { ($0, .lowerIsBetter) }
            + ["higher", "larger", "greater", "bigger"].map { ($0, .higherIsBetter) }
        let ends = [["is", "better"], ["the", "better"], ["scores", "are", "better"], ["values", "are", "better"]]
        return words.flatMap { word, direction in ends.map { ([word] + $0, direction) } }
    }()
}

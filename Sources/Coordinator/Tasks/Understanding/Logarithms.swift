/// Whether a text takes logarithms for a metric, or only speaks of a column that holds some.
struct Logarithms {
    enum Finding {
        case none, taken, unclear
    }

    let words: [MetricText.Word]
    /// Where the metric stands.
    let place: Range<Int>

    /// From the sixteen words on both sides, within the sentence: "logarithms", "logarithm of …" and "log(…)" are
    /// taken; "not log-transformed" is not; what is part of a name (`log_price`) says nothing by itself.
    var finding: Finding {
        let behind = words[place.upperBound...].prefix(16).prefix { !$0.endsSentence }
        let before = words[..<place.lowerBound].suffix(16).reversed().prefix { !$0.endsSentence }
        let start = place.lowerBound - before.count
        let after = behind.indices.map(use).filter { $0 != .denied }
        let earlier = (start..<place.lowerBound).map(use)
        let isNamed = after.contains(.name) || earlier.contains(.name)
        if after.contains(.taken) { return isNamed ? .unclear : .taken }
        return after.contains(.loose) || earlier.contains(.taken) ? .unclear : .none
    }

    private enum Use {
        case absent, denied, name, taken, loose
    }

    private func use(at index: Int) -> Use {
        let word = words[index].lowered
        guard Self.spellings.contains(word) else { return .absent }
        let next = index + 1 < words.count ? words[index + 1] : nil
        let earlier = words[..<index].suffix(3).map(\.lowered)
        if earlier.contains(where: Self.denials.contains) { return .denied }
        if words[index].gap == "_" || next?.gap == "_" { return .name }
        guard Self.natural.contains(word) else { return .loose }
        let opens = next?.gap.first == "(" || (next?.gap.hasPrefix(" (") == true && next?.lowered == "1")
        if opens || next?.lowered == "of" || Self.plurals.contains(word) { return .taken }
        return .loose
    }

    private static let plurals: Set = ["logs", "logarithms"]
    private static let natural: Set = ["log", "logs", "logarithm", "logarithms", "logarithmic", "log1p", "ln"]
    private static let spellings = natural.union(["log10", "log2"])
    private static let denials: Set = ["not", "no", "without", "never", "non"]
}

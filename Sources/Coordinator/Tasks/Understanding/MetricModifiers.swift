/// Words beside a metric's name that make another metric of it.
struct MetricModifiers {
    let words: [MetricText.Word]
    /// Where the name stands.
    let place: Range<Int>

    /// The metric as the text means it, such as "weighted auc"; `nil` where the name stands for itself.
    func qualified(_ name: String) -> String? {
        let before = before
        let isCounted = before.count > 1 && Self.counted.contains(before[1])
        if let first = before.first, Self.ones.contains(first), isSubtracted, !isCounted { return "1 - \(name)" }
        if before.starts(with: ["minus", "one"]) { return "1 - \(name)" }
        if before.count > 1, before[1] == "top", before[0] == "k" || Int(before[0]) != nil { return "top-K \(name)" }
        let near = Array(before.drop(while: Self.averages.contains))
        if name == "accuracy", isOverClasses(near) { return "mean per-class accuracy" }
        if near.count > 1, near[1] == "per", name == "accuracy" || !Self.columns.contains(near[0]) {
            return "\(name) per \(near[0])"
        }
        if let found = near.drop(while: Self.fillers.contains).first.flatMap({ Self.modifiers[$0] }) {
            return "\(found) \(name)"
        }
        guard let place = after.firstIndex(where: { $0 != "score" }) else { return nil }
        let next = after[place]
        if next == "within" { return "\(name) within a tolerance" }
        guard !isAside(self.place.upperBound + place) else { return nil }
        return Self.modifiers[next].flatMap { $0 == "log" ? nil : "\($0) \(name)" }
    }

    /// Accuracy of each class first: "class accuracy", but not "multi-class accuracy"; "accuracy per class".
    private func isOverClasses(_ near: [String]) -> Bool {
        let number: Set = ["multi", "two", "binary", "single", "three", "four", "five", "ten"]
        if near.first == "class" { return near.count < 2 || !(number.contains(near[1]) || Int(near[1]) != nil) }
        if near.first == "classwise" || near.starts(with: ["wise", "class"]) { return true }
        let after = after
        for (place, word) in after.enumerated() where word == "class" || word == "classes" {
            let words = after[..<place]
            if words.last == "per" || words.last == "each" { return true }
            if words.contains("averaged") { return true }
        }
        return false
    }

    private var isSubtracted: Bool {
        let gap = words[place.lowerBound].gap.filter { !$0.isWhitespace }
        return gap == "-" || gap == "−" || gap == "–"
    }

    /// Up to four words before the name, the nearest first, as far as no mark divides them from it.
    private var before: [String] {
        var found: [String] = []
        for index in stride(from: place.lowerBound, to: max(0, place.lowerBound - 4), by: -1) {
            guard !Self.divides(words[index].gap, ".:;,!?#|/"), !words[index - 1].endsSentence else { break }
            found.append(words[index - 1].lowered)
        }
        return found
    }

    /// Up to eight words behind it, as far as no mark divides them.
    private var after: [String] {
        words[place.upperBound...].prefix(8).prefix { !$0.endsSentence && !Self.divides($0.gap, ":;!?#|/") }
            .map(\.lowered)
    }

    /// Whether a word in brackets belongs to what follows it: "(negative log-likelihood)" names the metric once more,
    /// "(adjusted)" and "(weighted by region)" change it.
    private func isAside(_ index: Int) -> Bool {
        guard words[index].gap.contains("("), index + 1 < words.count else { return false }
        let next = words[index + 1]
        return !next.gap.contains(")") && !["by", "across", "over"].contains(next.lowered)
    }

    private static func divides(_ gap: String, _ marks: String) -> Bool {
        gap.contains(where: marks.contains) || gap.filter(\.isNewline).count > 1
    }

    private static let ones: Set = ["1", "one"]
    /// "Stage 1 - AUC" subtracts nothing.
    private static let counted: Set = ["stage", "phase", "part", "round", "track", "task", "metric", "step"]
    private static let averages: Set = ["mean", "average", "averaged", "avg", "overall"]
    private static let fillers: Set = [
        "mean", "average", "averaged", "avg", "overall", "multi", "class", "multiclass", "column", "wise", "columnwise",
        "sample", "samples",
    ]
    /// What a mean over columns is taken over: that is how several columns are scored.
    private static let columns: Set = ["column", "target", "output", "variable", "label"]
    private static let modifiers = [
        "weighted": "weighted", "normalized": "normalized", "normalised": "normalized", "relative": "relative",
        "adjusted": "adjusted", "scaled": "scaled", "balanced": "balanced", "partial": "partial", "log": "log",
        "logarithmic": "log", "negative": "negative", "inverse": "inverse", "groupwise": "group-wise",
    ]
}

/// Compares plans by their words.
enum PlanText {
    /// Share of words that count as the same plan in other words: nine of ten.
    static let nearness = 0.9

    /// Whether two plans say nearly the same: the words of both over the words of either.
    static func areNear(_ a: String, _ b: String) -> Bool {
        let (left, right) = (words(a), words(b))
        let either = left.union(right).count
        guard either > 0 else { return true }
        return Double(left.intersection(right).count) / Double(either) >= nearness
    }

    private static func words(_ text: String) -> Set<Substring> {
        Set(text.lowercased().split { !$0.isLetter && !$0.isNumber })
    }
}

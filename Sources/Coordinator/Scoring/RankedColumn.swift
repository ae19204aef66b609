/// One column's scores in order beside its true classes: all that the area under the ROC curve depends on.
struct RankedColumn: Sendable {
    private let name: String
    private let order: RankOrder
    /// By place in the order, not by row, so that a sweep reads it in sequence.
    private let isPositive: [Bool]

    /// A column of the submission: scores and truth by row.
    init(name: String, scores: [Double], isPositive: [Bool]) {
        self.name = name
        order = RankOrder(scores)
        self.isPositive = order.rows.map { isPositive[$0] }
    }

    /// The share of (positive, negative) pairs in which the positive has the higher score, ties counting half, when
    /// row r occurs `multiplicities[r]` times; sorted once, so linear in the number of rows.
    ///
    /// Scores 0.1, 0.4, 0.4, 0.8 of classes 0, 0, 1, 1 → 3.5 of 4 pairs = 0.875.
    func area(multiplicities: [Double]) throws(ScoringError) -> Double {
        var pairs = 0.0
        var positives = 0.0
        var negatives = 0.0
        var tiedPositives = 0.0
        var tiedNegatives = 0.0
        for place in order.rows.indices {
            let count = multiplicities[order.rows[place]]
            if isPositive[place] { tiedPositives += count } else { tiedNegatives += count }
            guard order.endsTie[place] else { continue }
            pairs += tiedPositives * (negatives + tiedNegatives / 2)
            positives += tiedPositives
            negatives += tiedNegatives
            tiedPositives = 0
            tiedNegatives = 0
        }
        guard positives > 0, negatives > 0 else {
            throw ScoringError(
                message: "AUC is undefined: the true labels of column \(name.quoted) are all of one class.")
        }
        return pairs / (positives * negatives)
    }
}

/// The orders of one column's truth and predictions: all that Spearman's correlation depends on.
struct RankCorrelation: Sendable {
    private let name: String
    private let truth: RankOrder
    private let predictions: RankOrder

    /// A column of the submission: truth and predictions by row.
    init(name: String, truth: [Double], predictions: [Double]) {
        self.name = name
        self.truth = RankOrder(truth)
        self.predictions = RankOrder(predictions)
    }

    /// Pearson's correlation of the ranks, ties sharing their mean rank, when row r occurs `multiplicities[r]` times.
    ///
    /// Truth 1, 2, 3, 4 and predictions 10, 30, 20, 40 → 0.8.
    func value(multiplicities: [Double]) throws(ScoringError) -> Double {
        let x = truth.ranks(multiplicities: multiplicities)
        let y = predictions.ranks(multiplicities: multiplicities)
        // The mean of n ranks is (n + 1) / 2, ties or not.
        let mean = (multiplicities.reduce(0, +) + 1) / 2
        var covariance = 0.0
        var varianceX = 0.0
        var varianceY = 0.0
        for row in x.indices {
            let (dx, dy, count) = (x[row] - mean, y[row] - mean, multiplicities[row])
            covariance += count * dx * dy
            varianceX += count * dx * dx
            varianceY += count * dy * dy
        }
        guard varianceX > 0, varianceY > 0 else {
            let side = varianceX > 0 ? "predictions" : "true values"
            throw ScoringError(
                message: "Spearman's correlation is undefined: the \(side) of column \(name.quoted) are all equal.")
        }
        return covariance / (varianceX.squareRoot() * varianceY.squareRoot())
    }
}

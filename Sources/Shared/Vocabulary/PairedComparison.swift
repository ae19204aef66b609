/// How two solutions compare on the same rows.
public struct PairedComparison: Codable, Hashable, Sendable {
    /// Share of resamples in which the candidate is better, ties counting half; 0 to 1.
    public let probabilityBetter: Double
    /// How much better the candidate is on all rows, in units of the metric; positive is better in both directions.
    public let improvement: Double
    /// One standard error of `improvement` over the resamples.
    public let standardError: Double
    /// Number of rows compared.
    public let rowCount: Int

    /// A comparison.
    public init(probabilityBetter: Double, improvement: Double, standardError: Double, rowCount: Int) {
        self.probabilityBetter = probabilityBetter
        self.improvement = improvement
        self.standardError = standardError
        self.rowCount = rowCount
    }
}

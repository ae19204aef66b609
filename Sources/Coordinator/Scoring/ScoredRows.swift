import Vocabulary

/// Truth and predictions on the same rows, parsed once and reduced to what one metric depends on.
public struct ScoredRows: Sendable {
    /// Number of rows.
    public let count: Int
    /// What they were parsed for.
    let metric: Metric
    /// Stands for the truth's fields: rows of different truths must not be compared.
    let truthFingerprint: UInt64
    /// What the metric is computed from.
    let statistic: Statistic
}

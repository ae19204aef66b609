public import Vocabulary

/// Scores predictions with one task's metric.
///
/// Definitions are those of scikit-learn where it has the metric; where it has a choice, the functions that build the
/// statistics (`Scorer+…`) tell. Labels are compared as `Labels` says.
public struct Scorer: Sendable {
    /// What is computed.
    public let metric: Metric
    /// What the predictions look like.
    public let schema: SubmissionSchema
    /// The classes as written in training, sorted; may be empty.
    public let classes: [String]
    /// How labels are compared.
    let labels: Labels

    /// A scorer of one task.
    public init(metric: Metric, schema: SubmissionSchema, classes: [String]) {
        self.metric = metric
        self.schema = schema
        self.classes = classes
        labels = Labels(classes: classes)
    }

    /// Parses truth and predictions of the same rows in the same order.
    ///
    /// `truth` holds the target columns under their training names, `predictions` the schema's columns as `align`
    /// returns them. Throws when a column or all rows are missing, the row counts differ, a field cannot be read, or
    /// the metric does not fit the schema.
    public func rows(truth: Table, predictions: Table) throws(ScoringError) -> ScoredRows {
        try rows(truth: Truth(truth, scorer: self), predictions: parsed(predictions))
    }

    /// The metric over all rows, finite; throws where it is undefined, such as AUC with one class.
    public func value(of rows: ScoredRows) throws(ScoringError) -> Double {
        try checkMetric(of: rows)
        let value = try rows.statistic.value(multiplicities: [Double](repeating: 1, count: rows.count))
        guard value.isFinite else {
            throw ScoringError(message: "\(metric) is not finite: the predictions are too large.")
        }
        return value
    }

    /// One standard error of the metric over rows like these, in units of the metric.
    ///
    /// Where the metric is a mean over rows, from their standard deviation; otherwise the standard deviation over
    /// bootstrap resamples of the rows (fewer than asked for when there are more than 300 000 rows, see `Bootstrap`).
    /// `nil` for fewer than two rows and where the metric is undefined.
    public func standardError(of rows: ScoredRows, resamples: Int = 200, seed: UInt64) -> Double? {
        guard rows.count > 1, (try? value(of: rows)) != nil else { return nil }
        if let contributions = rows.statistic.meanContributions {
            return Bootstrap.standardDeviation(contributions).map { $0 / Double(rows.count).squareRoot() }
        }
        let bootstrap = Bootstrap(rowCount: rows.count, resamples: resamples, seed: seed)
        return Bootstrap.standardDeviation(bootstrap.values(rows.statistic.value))
    }

    /// How much better `candidate` is than `base` on the same rows, and how sure that is: a paired bootstrap.
    ///
    /// Each resample draws rows once and takes both solutions on them. `resamples` is lowered for more than 150 000 rows
    /// (see `Bootstrap`); resamples on which the metric is undefined are left out. Differences below 10⁻¹² of the
    /// values are rounding errors and count as ties, half for each side. The same seed gives the same comparison.
    /// Throws when the two do not have the same truth or one of them has no value.
    public func compare(
        _ candidate: ScoredRows, with base: ScoredRows, resamples: Int = 400, seed: UInt64
    ) throws(ScoringError) -> PairedComparison {
        let values = (candidate: try value(of: candidate), base: try value(of: base))
        guard candidate.count == base.count, candidate.truthFingerprint == base.truthFingerprint else {
            throw ScoringError(message: "Solutions are compared on the same rows; these differ in their true labels.")
        }
        let bootstrap = Bootstrap(rowCount: candidate.count, resamples: resamples, seed: seed)
        let improvement = metric.direction.improvement(of: values.candidate, over: values.base)
        let improvements = bootstrap.values(resampled(candidate.statistic, against: base.statistic))
        let tie = 1e-12 * max(abs(values.candidate), abs(values.base))
        return PairedComparison(
            probabilityBetter: shareBetter(improvements.isEmpty ? [improvement] : improvements, tie: tie),
            improvement: improvement, standardError: Bootstrap.standardDeviation(improvements) ?? 0,
            rowCount: candidate.count)
    }

    /// The improvement as a function of how often each row was drawn.
    private func resampled(
        _ candidate: Statistic, against base: Statistic
    ) -> ([Double]) throws(ScoringError) -> Double {
        let direction = metric.direction
        if let mine = candidate.meanContributions, let theirs = base.meanContributions {
            // The difference of two means is the mean of the differences: one pass instead of two.
            let differences = zip(mine, theirs).map { direction.improvement(of: $0, over: $1) }
            return RowSums(.mean, [differences]).value
        }
        return { (multiplicities: [Double]) throws(ScoringError) -> Double in
            direction.improvement(
                of: try candidate.value(multiplicities: multiplicities),
                over: try base.value(multiplicities: multiplicities))
        }
    }

    private func shareBetter(_ improvements: [Double], tie: Double) -> Double {
        let points = improvements.reduce(0) { $0 + ($1 > tie ? 1 : $1 < -tie ? 0 : 0.5) }
        return points / Double(improvements.count)
    }

    private func checkMetric(of rows: ScoredRows) throws(ScoringError) {
        guard rows.metric == metric else {
            throw ScoringError(message: "Rows parsed for \(rows.metric) cannot be scored with \(metric).")
        }
    }
}

import Scoring
import Testing
import Vocabulary

/// Truth and predictions with what another implementation makes of them; `make_scoring_fixtures.py` writes `all`.
struct MetricCase: Sendable, CustomTestStringConvertible {
    let name: String
    let scorer: Scorer
    let truth: Table
    /// With ids "0", "1", … in the first column, as `align` returns predictions.
    let predictions: Table
    let expected: Double
    /// The error of the mean of per-row values, where the metric is one.
    let standardError: Double?

    /// `truth` and `predictions` are columns with their fields joined by `|`.
    init(
        name: String, metric: String, columns: [SubmissionSchema.Column], classes: [String], targets: [String],
        truth: [String], predictions: [String], expected: Double, standardError: Double?
    ) {
        self.name = name
        scorer = Scorer(
            metric: Metric(name: metric) ?? .auc, schema: SubmissionSchema(idColumn: "id", columns: columns),
            classes: classes)
        self.truth = Table(names: targets, columns: truth.map(MetricCase.fields))
        let fields = predictions.map(MetricCase.fields)
        let ids = (fields.first ?? []).indices.map { "\($0)" }
        self.predictions = Table(names: scorer.schema.header, columns: [ids] + fields)
        self.expected = expected
        self.standardError = standardError
    }

    var testDescription: String { name }

    private static func fields(_ joined: String) -> [String] {
        joined.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    }
}

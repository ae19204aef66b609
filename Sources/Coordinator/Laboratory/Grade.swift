import Scoring
import Tasks
public import Vocabulary

/// The score of a submission whose answers are known.
public struct Grade: Sendable {
    /// What was computed; of several columns of scores `mean_column_auc`.
    public let metric: Metric
    /// In units of the metric.
    public let value: Double
    /// The class that each column of scores is about, by the column's name.
    public let positive: [String: String]
    /// What its owner should look at, if anything.
    public let note: String?

    /// Scores a submission; `positive` is the class that a single column of scores is about, `nil` for the usual one.
    ///
    /// - Throws: `TaskError`, `SubmissionDefect` or `ScoringError`, which say what is wrong and where.
    public init(_ submission: Table, answers: Table, metric: Metric, positive: String? = nil) throws {
        let key = try AnswerKey(answers: answers, submission: submission, metric: metric, positive: positive)
        let predicted = key.predictedLabels(in: submission)
        // A label that occurs in no answer is wrong, but it is a label.
        let classes = SubmissionCheck.widened(key.classes, by: predicted)
        let aligned = try SubmissionCheck.align(submission, to: key.ids, schema: key.schema, classes: classes)
        let scorer = Scorer(metric: key.metric, schema: key.schema, classes: classes)
        self.metric = key.metric
        value = try scorer.value(
            of: try scorer.rows(truth: key.truth, predictions: aligned.selecting(rows: key.scored)))
        self.positive = Dictionary(
            uniqueKeysWithValues: key.schema.columns.compactMap { column in
                column.positiveClass.map { (column.name, $0) }
            })
        let isForeign = !predicted.isEmpty && classes.count == key.classes.count + predicted.count
        note = isForeign ? "none of the predicted labels occurs in the answers" : nil
    }
}

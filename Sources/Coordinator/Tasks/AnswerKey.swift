public import Vocabulary

/// Known answers beside a submission: how the submission's columns are to be read, told from the two tables alone.
public struct AnswerKey: Sendable {
    /// What is computed: the metric asked for, but for several columns `mean_column_auc` instead of `auc`.
    public let metric: Metric
    /// What the submission must look like.
    public let schema: SubmissionSchema
    /// The classes that the answers hold or the submission has columns for, sorted; empty for numbers and texts.
    public let classes: [String]
    /// The answers' ids, in file order.
    public let ids: [String]
    /// The places in `ids` that are scored: all but those that a column `Usage` says to ignore.
    public let scored: [Int]
    /// The true values of the scored rows.
    public let truth: Table

    /// Reads the tables' headers and labels.
    ///
    /// The id is the answers' first column; every other column of the answers is a target, but for `Usage` as Kaggle
    /// writes it (`Public`, `Private`, `Ignored`). A submission answers a target in the column of its name, or, for
    /// probabilities of one target, in a column per class (`A` or `Status_A`).
    ///
    /// - Parameter positive: the class that a single column of scores is about; `nil` for the one that task folders
    ///   take.
    /// - Throws: a `TaskError` that names what is missing and what to write.
    public init(
        answers: Table, submission: Table, metric: Metric, positive: String? = nil
    ) throws(TaskError) {
        guard let idColumn = answers.names.first, let ids = answers[idColumn], submission[idColumn] != nil else {
            throw TaskError(
                .unclearColumns,
                "The submission has no column '\(answers.names.first ?? "")', which names the rows of the answers. "
                    + "Its columns are: \(submission.names.joined(separator: ", ")).")
        }
        try Self.checkDistinct(ids, column: idColumn)
        let usage = Self.usage(in: answers, submission: submission)
        let targets = answers.names.dropFirst().filter { $0 != usage }
        guard !targets.isEmpty else {
            throw TaskError(.unclearColumns, "The answers hold only '\(idColumn)'. Add the true values as a column.")
        }
        let words = usage.flatMap { answers[$0] }
        scored = ids.indices.filter { words?[$0].lowercased() != "ignored" }
        truth = answers.selecting(columns: targets).selecting(rows: scored)
        let reader = AnswerColumns(truth: truth, metric: metric, positive: positive)
        let columns = try reader.columns(answeredBy: submission.names.filter { $0 != idColumn })
        self.ids = ids
        self.metric = metric == .auc && columns.count > 1 ? .meanColumnAUC : metric
        schema = SubmissionSchema(idColumn: idColumn, columns: columns)
        let hasLabels = columns.contains { $0.content == .label || $0.positiveClass != nil }
        let labels = Set(truth.columns.joined()).union(columns.compactMap(\.positiveClass)).filter { !$0.isEmpty }
        classes = hasLabels ? PredictionRules.sorted(labels) : []
        if columns[0].content == .label { try checkTruthValues(predictedLabels(in: submission)) }
    }

    /// The labels that a submission predicts, sorted; empty where labels are not asked for.
    public func predictedLabels(in submission: Table) -> [String] {
        let columns = schema.columns.filter { $0.content == .label }.compactMap { submission[$0.name] }
        return PredictionRules.sorted(Set(columns.joined()).filter { !$0.isEmpty })
    }

    private static func checkDistinct(_ ids: [String], column: String) throws(TaskError) {
        var rowOf: [String: Int] = [:]
        for (row, id) in ids.enumerated() {
            guard let earlier = rowOf.updateValue(row, forKey: id) else { continue }
            throw TaskError(
                .contradiction,
                "The answers, column '\(column)': '\(id)' stands in row \(earlier + 1) and again in row \(row + 1). "
                    + "Each row needs an id of its own, in the first column.")
        }
    }

    /// The name of the column in which Kaggle says which leaderboard a row counts for.
    private static func usage(in answers: Table, submission: Table) -> String? {
        let words: Set = ["public", "private", "ignored"]
        return answers.names.dropFirst().first { name in
            name.lowercased() == "usage" && submission[name] == nil
                && answers[name]?.allSatisfy { words.contains($0.lowercased()) } == true
        }
    }

    /// A reader turns true and false into 1 and 0; compared as text none of them would be right.
    private func checkTruthValues(_ predicted: [String]) throws(TaskError) {
        let areWords: ([String]) -> Bool = { $0.allSatisfy { ["true", "false"].contains($0.lowercased()) } }
        let areDigits: ([String]) -> Bool = { $0.allSatisfy { Double($0) == 0 || Double($0) == 1 } }
        let differ = areWords(classes) && areDigits(predicted) || areDigits(classes) && areWords(predicted)
        guard differ, !classes.isEmpty, !predicted.isEmpty else { return }
        throw TaskError(
            .contradiction,
            "The answers hold the labels \(classes.joined(separator: ", ")), the submission "
                + "\(predicted.joined(separator: ", ")). Write labels as the answers do.")
    }
}

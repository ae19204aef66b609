public import Vocabulary

/// Known answers beside a submission: how the submission's columns are to be read, told from the two tables alone.
public struct AnswerKey: Sendable {
    /// What the submission must look like.
    public let schema: SubmissionSchema
    /// The classes that occur, sorted; empty for numbers and texts.
    public let classes: [String]
    /// The answers' ids, in file order.
    public let ids: [String]
    /// The true values, in the order of `ids`.
    public let truth: Table

    /// Reads the tables' headers and labels.
    ///
    /// The id is the answers' first column; every other column of the answers is a target. A submission answers a target
    /// in the column of its name, or, for probabilities of one target, in a column per class.
    ///
    /// - Throws: a `TaskError` that names what is missing and what to write.
    public init(answers: Table, submission: Table, metric: Metric) throws(TaskError) {
        guard let idColumn = answers.names.first, let ids = answers[idColumn], submission[idColumn] != nil else {
            throw TaskError(
                .unclearColumns,
                "The submission has no column '\(answers.names.first ?? "")', which names the rows of the answers. "
                    + "Its columns are: \(submission.names.joined(separator: ", ")).")
        }
        let targets = Array(answers.names.dropFirst())
        guard !targets.isEmpty else {
            throw TaskError(.unclearColumns, "The answers hold only '\(idColumn)'. Add the true values as a column.")
        }
        let labels = Set(targets.flatMap { answers[$0] ?? [] }.filter { !$0.isEmpty })
        let columns: [SubmissionSchema.Column]
        if targets.allSatisfy({ submission[$0] != nil }) {
            columns = targets.map { target in
                let own = Set(answers[target] ?? [])
                return Self.column(target, answering: target, classes: own, metric: metric)
            }
        } else if targets.count == 1, [.auc, .meanColumnAUC, .logLoss].contains(metric) {
            columns = PredictionRules.sorted(labels).map {
                SubmissionSchema.Column(name: $0, target: targets[0], positiveClass: $0, content: .probability)
            }
        } else {
            let missing = targets.filter { submission[$0] == nil }.joined(separator: ", ")
            throw TaskError(.unclearColumns, "The submission lacks the columns \(missing) of the answers.")
        }
        schema = SubmissionSchema(idColumn: idColumn, columns: columns)
        let predicted = Set(targets.flatMap { submission[$0] ?? [] }.filter { !$0.isEmpty })
        let hasLabels = columns.contains { $0.content == .label || $0.positiveClass != nil }
        // A label that occurs in no answer is wrong, but it is a label.
        let known = columns[0].content == .label ? labels.union(predicted) : labels
        classes = hasLabels ? PredictionRules.sorted(known) : []
        self.ids = ids
        truth = answers.selecting(columns: targets)
    }

    private static func column(
        _ name: String, answering target: String, classes: Set<String>, metric: Metric
    ) -> SubmissionSchema.Column {
        let content: PredictionContent
        switch metric {
        case .logLoss: content = .probability
        // Ranks are all that counts, so any finite number will do.
        case .auc, .meanColumnAUC: content = .number
        case .accuracy, .macroF1, .microF1, .matthewsCorrelation, .quadraticWeightedKappa: content = .label
        case .rootMeanSquaredError, .meanAbsoluteError, .coefficientOfDetermination, .spearman: content = .number
        case .rootMeanSquaredLogarithmicError: content = .nonNegativeNumber
        case .exactMatch, .phonemeErrorRate, .characterErrorRate, .meanAveragePrecision: content = .text
        }
        let isProbability = metric == .logLoss || metric == .auc || metric == .meanColumnAUC
        return SubmissionSchema.Column(
            name: name, target: target, positiveClass: isProbability ? PredictionRules.positive(of: classes) : nil,
            content: content)
    }
}

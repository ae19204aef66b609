import Vocabulary

/// Finds which columns of a submission answer which true columns, and what their fields must be.
struct AnswerColumns {
    /// The true values of the targets.
    let truth: Table
    let metric: Metric
    /// The class that scores are about, if its owner says so.
    let positive: String?

    /// The columns, as the answers order the targets or the submission orders the classes.
    func columns(answeredBy submitted: [String]) throws(TaskError) -> [SubmissionSchema.Column] {
        let targets = truth.names
        let missing = targets.filter { !submitted.contains($0) }
        if missing.isEmpty {
            var columns: [SubmissionSchema.Column] = []
            for target in targets { columns.append(try column(target)) }
            return columns
        }
        if targets.count == 1, metric.asksForScores, let named = classColumns(submitted) {
            try refusePositive("the submission has a column for each class")
            return zip(submitted, named).map {
                SubmissionSchema.Column(name: $0, target: targets[0], positiveClass: $1, content: content)
            }
        }
        throw unanswered(missing, submitted)
    }

    private var content: PredictionContent {
        switch metric {
        case .logLoss: .probability
        // Ranks are all that counts, so any finite number will do.
        case .auc, .meanColumnAUC: .number
        case .accuracy, .macroF1, .microF1, .matthewsCorrelation, .quadraticWeightedKappa: .label
        case .rootMeanSquaredError, .meanAbsoluteError, .coefficientOfDetermination, .spearman: .number
        case .rootMeanSquaredLogarithmicError: .nonNegativeNumber
        case .exactMatch, .phonemeErrorRate, .characterErrorRate, .meanAveragePrecision: .text
        }
    }

    private func column(_ target: String) throws(TaskError) -> SubmissionSchema.Column {
        let isF1OfSeveral = truth.names.count > 1 && (metric == .macroF1 || metric == .microF1)
        guard metric.asksForScores || isF1OfSeveral else {
            try refusePositive("'\(metric)' has none")
            return SubmissionSchema.Column(name: target, target: target, content: content)
        }
        return SubmissionSchema.Column(
            name: target, target: target, positiveClass: try positiveClass(of: target), content: content)
    }

    // MARK: The positive class of one column

    private func positiveClass(of target: String) throws(TaskError) -> String {
        let fields = truth[target] ?? []
        let isNoneAClass = positive == TargetLabels.none || TargetLabels.isNoneAClass(among: fields, from: 1)
        let words: Set = isNoneAClass ? [TargetLabels.none] : []
        if let row = fields.firstIndex(where: { !TargetLabels.isLabel($0, classes: words) }) {
            throw TaskError(
                .contradiction,
                "The answers, column '\(target)', row \(row + 1): '\(fields[row])' is no true value. Delete the rows "
                    + "without one, or give them 'Ignored' in a column 'Usage'.")
        }
        let labels = Set(fields)
        if let positive {
            guard labels.contains(positive) || labels.count < 2 else {
                throw TaskError(
                    .unclearColumns,
                    "The positive class '\(positive)' does not occur in column '\(target)' of the answers; there are: "
                        + "\(Self.shown(labels)).")
            }
            return positive
        }
        guard labels.count <= 2 else {
            throw TaskError(
                .unclearColumns,
                "'\(metric)' of one column needs two classes, but column '\(target)' of the answers has "
                    + "\(Self.shown(labels)). Submit a column for each class, or say with --positive which one the "
                    + "scores are about.")
        }
        guard labels.count == 1, let only = labels.first else { return PredictionRules.positive(of: labels) ?? "1" }
        guard let found = Self.positive(givenOnly: only) else {
            throw TaskError(
                .unclearColumns,
                "Column '\(target)' of the answers holds nothing but '\(only)'. Say with --positive which class the "
                    + "scores are about.")
        }
        return found
    }

    /// Of a pair that everybody writes, the positive one; `nil` for other words.
    private static func positive(givenOnly label: String) -> String? {
        if let number = Double(label), [-1, 0, 1].contains(number) { return number == 1 ? label : "1" }
        let pairs = ["false": "true", "no": "yes", "n": "y", "f": "t", "negative": "positive", "neg": "pos"]
        let word = label.lowercased()
        return pairs.values.contains(word) ? label : pairs[word]
    }

    // MARK: A column per class

    private func classColumns(_ submitted: [String]) -> [String]? {
        let labels = Set(truth.columns[0].filter { !$0.isEmpty })
        if let named = ClassColumns.match(submitted, classes: labels) { return named }
        // Answers that hold one class only, or a class whose name a column has literally.
        return submitted.count > 1 && labels.isSubset(of: submitted) ? submitted : nil
    }

    // MARK: What is wrong

    private func refusePositive(_ reason: String) throws(TaskError) {
        guard positive != nil else { return }
        throw TaskError(.contradiction, "A positive class is for one column of scores, but \(reason).")
    }

    private func unanswered(_ missing: [String], _ submitted: [String]) -> TaskError {
        let names = missing.map { "'\($0)'" }.joined(separator: ", ")
        let own = submitted.map { "'\($0)'" }.joined(separator: ", ")
        var message =
            "The submission answers in \(own.isEmpty ? "no column" : own), but the answers ask for \(names). "
        if truth.names.count == 1, metric.asksForScores {
            let classes = Self.shown(Set(truth.columns[0]))
            message += "Name its column so, or give it one for each class: \(classes)."
        } else {
            message += "Name its columns as the answers do."
        }
        return TaskError(.unclearColumns, message)
    }

    private static func shown(_ labels: Set<String>) -> String {
        let sorted = PredictionRules.sorted(labels)
        let more = sorted.count > 10 ? " and \(sorted.count - 10) more" : ""
        return sorted.prefix(10).map { "'\($0)'" }.joined(separator: ", ") + more
    }
}

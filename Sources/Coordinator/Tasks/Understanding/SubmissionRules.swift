import Vocabulary

/// What `submission:` in task.yaml says of the predicted columns, checked against what can be scored.
struct SubmissionRules {
    let settings: TaskSettings
    let metric: Metric
    /// The classes of each target.
    let classes: (_ target: String) -> Set<String>

    func applied(to columns: [SubmissionSchema.Column]) throws(TaskError) -> [SubmissionSchema.Column] {
        var result: [SubmissionSchema.Column] = []
        for column in columns {
            guard let rule = settings.submission.first(where: { $0.column == column.name }) else {
                result.append(column)
                continue
            }
            try check(rule, on: column)
            result.append(
                SubmissionSchema.Column(
                    name: column.name, target: column.target, positiveClass: rule.positive ?? column.positiveClass,
                    content: rule.content ?? column.content))
        }
        if metric.asksForScores { try checkPositives(result) }
        return result
    }

    // MARK: One column

    private func check(_ rule: TaskSettings.SubmissionRule, on column: SubmissionSchema.Column) throws(TaskError) {
        let key = "task.yaml: 'submission.\(column.name)"
        if let content = rule.content, !allowed(column.content).contains(content) {
            let names = allowed(column.content).map(\.rawValue).joined(separator: ", ")
            throw TaskError(
                .malformedConfiguration,
                "\(key).content' is '\(content.rawValue)', but the metric '\(metric.name)' allows: \(names).")
        }
        guard let positive = rule.positive else { return }
        guard metric.asksForScores else {
            throw TaskError(
                .malformedConfiguration,
                "\(key).positive' is '\(positive)', but with the metric '\(metric.name)' no column holds the "
                    + "probability of a class. Leave the key out.")
        }
        let known = classes(column.target).union(settings.classes ?? [])
        guard !known.isEmpty, !known.contains(positive) else { return }
        throw TaskError(
            .malformedConfiguration,
            "\(key).positive' is '\(positive)', but '\(column.target)' has no such class. Allowed: "
                + "\(PredictionRules.sorted(known).joined(separator: ", ")).")
    }

    private func allowed(_ found: PredictionContent) -> [PredictionContent] {
        switch metric {
        // Ranks are all that counts, so any number will do.
        case .auc, .meanColumnAUC: [.probability, .number]
        case .rootMeanSquaredError, .meanAbsoluteError, .coefficientOfDetermination, .spearman:
            [.number, .nonNegativeNumber]
        default: [found]
        }
    }

    // MARK: Columns of one target together

    /// Where several columns hold probabilities of one target, each must have a class of its own and each class a
    /// column.
    private func checkPositives(_ columns: [SubmissionSchema.Column]) throws(TaskError) {
        for (target, own) in Dictionary(grouping: columns, by: \.target).sorted(by: { $0.key < $1.key }) {
            let known = PredictionRules.sorted(classes(target))
            guard own.count > 1 else { continue }
            let positives = own.compactMap(\.positiveClass)
            let missing = known.filter { !positives.contains($0) }
            guard positives.count < own.count || Set(positives).count < own.count || !missing.isEmpty else { continue }
            throw TaskError(
                .unclearColumns,
                "The columns \(own.map { "'\($0.name)'" }.joined(separator: ", ")) all predict '\(target)', so each needs "
                    + "a class of its own, and each of the classes \(known.joined(separator: ", ")) a column. Write in "
                    + "task.yaml, each class beside the right column: "
                    + "'\(Self.example(own.map(\.name), target: target, classes: known))'.")
        }
    }

    /// The text as it stands in YAML: in quotes unless it is a plain word.
    static func yaml(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        return isPlain && !text.isEmpty ? text : TaskFolder.quoted(text)
    }

    /// `submission: {p0: {target: y, positive: low}, …}`.
    static func example(_ columns: [String], target: String, classes: [String]) -> String {
        let entries = columns.enumerated().map { place, column in
            "\(yaml(column)): {target: \(yaml(target)), positive: \(place < classes.count ? yaml(classes[place]) : "CLASS")}"
        }
        return "submission: {\(entries.joined(separator: ", "))}"
    }
}

extension Metric {
    /// Whether predictions are scores of a class rather than labels or values.
    var asksForScores: Bool { [.auc, .meanColumnAUC, .logLoss].contains(self) }
}

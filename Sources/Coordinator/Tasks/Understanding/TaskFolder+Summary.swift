import Vocabulary

extension TaskFolder {
    /// What was understood, for people, a line a fact.
    public func summary() -> String {
        var lines: [(String, String)] = [
            ("task", "\(specification.name) (\(path))"),
            ("rows", "\(profile.trainingRowCount) to train on, \(profile.testRowCount) to predict"),
            ("id", identityText),
            ("target", targetText),
            ("kind", specification.kind.rawValue),
            ("metric", "\(specification.metric.name), \(specification.direction.rawValue) is better"),
            ("submission", submissionText),
            ("columns", columnText),
            ("split", "\(split.name): \(split.reason)"),
            ("scores", hiddenText),
        ]
        lines += notes.map { ("note", $0) }
        lines += files.map { ("file", "\($0.path): \($0.role.shown), \($0.byteCount) bytes") }
        lines.append(("fingerprint", fingerprint.short))
        return lines.map { name, text in
            name + ":" + String(repeating: " ", count: max(1, 13 - name.count)) + text
        }.joined(separator: "\n") + "\n"
    }

    private var identityText: String {
        switch identity {
        case .column(let name): name
        case .renamedColumn(let table, let submission): "\(submission), which the tables call '\(table)'"
        case .rowOrder(let column, isInSubmission: true):
            "row order: column '\(column)' of the sample submission is added to the tables that scripts see"
        case .rowOrder(let column, isInSubmission: false):
            "row order: a column '\(column)' is added to the tables that scripts see and left out of submissions"
        case .unrelated(let column): "\(column), which is not a row of the test table"
        }
    }

    private var targetText: String {
        let names = specification.targets.joined(separator: ", ")
        guard !specification.classes.isEmpty else { return names }
        let shown = specification.classes.prefix(8).joined(separator: ", ")
        return
            "\(names); \(specification.classes.count) classes: \(shown)\(specification.classes.count > 8 ? ", …" : "")"
    }

    private var submissionText: String {
        let columns = specification.submission.columns.prefix(6).map { column in
            var text = "\(column.name) (\(column.content.rawValue)"
            if let positive = column.positiveClass { text += " that \(column.target) is '\(positive)'" }
            if column.positiveClass == nil, column.target != column.name { text += " of \(column.target)" }
            return text + ")"
        }
        let more = specification.submission.columns.count - columns.count
        return ([specification.submission.idColumn] + columns).joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }

    private var columnText: String {
        let features = profile.columns.filter { $0.isInTest && $0.name != identity.column }
        let kinds: [DataProfile.Content] = [.number, .category, .date, .text, .constant]
        let counts = kinds.compactMap { kind in
            let count = features.filter { $0.content == kind }.count
            return count == 0 ? nil : "\(count) \(kind.rawValue)"
        }
        return counts.isEmpty ? "none in both tables" : counts.joined(separator: ", ") + " (in train and test)"
    }

    private var hiddenText: String {
        switch hiddenEvaluation {
        case .applicable: "hidden: held-out training rows are mixed with the test rows under new ids"
        case .notApplicable(let reason): "reported by the scripts themselves, because \(reason)"
        }
    }
}

extension TaskFile.Role {
    var shown: String {
        switch self {
        case .description: "description"
        case .settings: "settings"
        case .train: "training table"
        case .test: "test table"
        case .sampleSubmission: "sample submission"
        case .extra: "extra file"
        case .folder(let count): "folder of \(count) files"
        }
    }
}

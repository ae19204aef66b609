import Vocabulary

extension TaskFolder {
    /// A `task.yaml` that says what was found, every key with what it may hold. Reading the folder with it gives the
    /// same
    /// understanding.
    public func yamlTemplate() -> String {
        var lines = [
            "# Everything here was found in the folder; a key that is left out is found again. Delete what needs no "
                + "saying.",
            "name: \(Self.quoted(specification.name))",
            "description: \(Self.quoted(layout.description))",
            "# one of: \(MetricNames.allowed)",
            "metric: \(Self.quoted(specification.metric.name))",
            "# one of: binary, multiclass, multilabel, regression, text",
            "kind: \(specification.kind.rawValue)",
        ]
        if case .rowOrder(_, isInSubmission: false) = identity {
            lines.append("# id: rows have no id column")
        } else {
            lines.append("id: \(Self.quoted(identity.column))")
        }
        if !labelled.isEmpty { lines.append("targets: [\(labelled.map(Self.quoted).joined(separator: ", "))]") }
        if !specification.classes.isEmpty, specification.classes.count <= 200 {
            lines.append("classes: [\(specification.classes.map(Self.quoted).joined(separator: ", "))]")
        }
        lines += ["files:", "  train: \(Self.quoted(layout.train))"]
        if let test = layout.test { lines.append("  test: \(Self.quoted(test))") }
        if let sample = layout.sample { lines.append("  sample_submission: \(Self.quoted(sample))") }
        lines += submissionLines + splitLines
        switch hiddenEvaluation {
        case .applicable: lines += ["# false: let scripts report their own scores", "hidden: true"]
        case .notApplicable(HiddenCheck.ownersWish): lines.append("hidden: false")
        // The key would stand for the reason in every later check.
        case .notApplicable(let reason): lines.append("# hidden: labels cannot be hidden, because \(reason)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var submissionLines: [String] {
        var lines = ["# content: probability, number, nonNegativeNumber, label, text", "submission:"]
        for column in specification.submission.columns {
            var parts = labelled.contains(column.target) ? ["target: \(Self.quoted(column.target))"] : []
            if let positive = column.positiveClass { parts.append("positive: \(Self.quoted(positive))") }
            parts.append("content: \(column.content.rawValue)")
            lines.append("  \(Self.quoted(column.name)): {\(parts.joined(separator: ", "))}")
        }
        return lines
    }

    private var splitLines: [String] {
        let (kind, column): (String, String?) =
            switch split.kind {
            case .stratified: ("stratified", nil)
            case .plain: ("plain", nil)
            case .grouped(let column): ("grouped", column)
            case .forwardInTime(let column): ("forward", column)
            }
        let body = column.map { "kind: \(kind), column: \(Self.quoted($0))" } ?? "kind: \(kind)"
        return ["# kind: stratified, plain, grouped (with column), forward (with column)", "split: {\(body)}"]
    }

    /// Double-quoted YAML, so that `1`, `yes` and `null` stay texts.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

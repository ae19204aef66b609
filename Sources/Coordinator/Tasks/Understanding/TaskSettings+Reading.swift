import Foundation
import Vocabulary
import Yams

extension TaskSettings {
    /// Reads `task.yaml`; the error lists everything that is wrong with it.
    static func read(_ path: String) throws(TaskError) -> TaskSettings {
        let text: String
        do {
            text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        } catch {
            throw TaskError(.inaccessibleFile, "task.yaml cannot be read as UTF-8 text: check that it may be read.")
        }
        return try parse(text)
    }

    /// Understands the text of a `task.yaml`.
    static func parse(_ text: String) throws(TaskError) -> TaskSettings {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw TaskError(.malformedConfiguration, "task.yaml is not YAML: \(error)")
        }
        var settings = TaskSettings()
        guard let root, !(root.scalar?.string.isEmpty ?? false) else { return settings }
        var reader = SettingsReader()
        reader.entries(of: root, in: "task.yaml", allowed: TaskSettings.keys) { key, value, reader in
            settings.take(key, value, &reader)
        }
        guard reader.faults.isEmpty else {
            throw TaskError(.malformedConfiguration, reader.faults.joined(separator: "\n"))
        }
        return settings
    }

    /// The keys of `task.yaml`.
    static let keys = [
        "name", "description", "metric", "direction", "kind", "id", "targets", "classes", "files", "split",
        "submission", "hidden",
    ]

    private mutating func take(_ key: String, _ value: Node, _ reader: inout SettingsReader) {
        switch key {
        case "name": name = reader.name(value, key)
        case "description": description = reader.text(value, key)
        case "metric": metric = reader.metric(value, key)
        case "direction":
            direction = reader.choice(value, key, [("lower", Direction.lowerIsBetter), ("higher", .higherIsBetter)])
        case "kind": kind = reader.choice(value, key, Self.kinds)
        case "id": id = reader.text(value, key)
        case "targets": targets = reader.texts(value, key)
        case "classes": classes = reader.texts(value, key)
        case "hidden": isHidden = reader.choice(value, key, [("true", true), ("false", false)])
        case "files": takeFiles(value, &reader)
        case "split": split = Self.split(value, &reader)
        default: takeSubmission(value, &reader)
        }
    }

    private mutating func takeFiles(_ value: Node, _ reader: inout SettingsReader) {
        reader.entries(of: value, in: "files", allowed: ["train", "test", "sample_submission"]) { key, value, reader in
            let file = reader.text(value, "files.\(key)")
            switch key {
            case "train": trainFile = file
            case "test": testFile = file
            default: sampleFile = file
            }
        }
    }

    private static func split(_ value: Node, _ reader: inout SettingsReader) -> SplitAdvice.Kind? {
        var kind: String?
        var column: String?
        reader.entries(of: value, in: "split", allowed: ["kind", "column"]) { key, value, reader in
            if key == "kind" {
                kind = reader.choice(value, "split.kind", Self.splitKinds.map { ($0, $0) })
            } else {
                column = reader.text(value, "split.column")
            }
        }
        switch (kind, column) {
        case ("stratified", nil): return .stratified
        case ("plain", nil): return .plain
        case ("grouped", let column?): return .grouped(column: column)
        case ("forward", let column?): return .forwardInTime(column: column)
        case (nil, _): reader.fault(value, "split needs 'kind', one of: \(splitKinds.joined(separator: ", "))")
        case (let kind?, nil): reader.fault(value, "split of kind '\(kind)' needs 'column', a column of train.csv")
        case (let kind?, _): reader.fault(value, "split of kind '\(kind)' has no 'column': leave that key out")
        }
        return nil
    }

    private mutating func takeSubmission(_ value: Node, _ reader: inout SettingsReader) {
        reader.entries(of: value, in: "submission", allowed: nil) { column, value, reader in
            var rule = SubmissionRule(column: column)
            let place = "submission.\(column)"
            reader.entries(of: value, in: place, allowed: ["target", "positive", "content"]) { key, value, reader in
                switch key {
                case "target": rule.target = reader.text(value, "\(place).target")
                case "positive": rule.positive = reader.text(value, "\(place).positive")
                default: rule.content = reader.choice(value, "\(place).content", Self.contents)
                }
            }
            submission.append(rule)
        }
    }

    private static let splitKinds = ["stratified", "grouped", "forward", "plain"]
    private static let kinds: [(String, TaskKind)] = [
        ("binary", .binaryClassification), ("multiclass", .multiclassClassification),
        ("multilabel", .multilabelClassification), ("regression", .regression), ("text", .textGeneration),
    ]
    private static let contents: [(String, PredictionContent)] = [
        ("probability", .probability), ("number", .number), ("nonNegativeNumber", .nonNegativeNumber),
        ("label", .label), ("text", .text),
    ]
}

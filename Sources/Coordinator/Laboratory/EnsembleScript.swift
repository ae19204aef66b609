import Foundation
import Scoring
import Vocabulary

/// The script that stands for an ensemble: it holds its members' scripts, runs each in a folder of its own and combines
/// what they predict as `Blend` does.
struct EnsembleScript {
    /// One script with its share.
    struct Member {
        let name: StepPath
        let script: Script
        let weight: Double
    }

    let members: [Member]
    let task: TaskSpecification

    /// The whole program.
    var script: Script {
        var text = String(decoding: PackageResources.ensemble_py, as: UTF8.self)
        let names = members.indices.map { "member-\($0 + 1)" }
        let weights = zip(names, members).map { "\"\($0)\": \($1.weight)" }.joined(separator: ", ")
        var guesses = 1
        if case .meanAveragePrecision(let count) = task.metric { guesses = count }
        let scorer = Scorer(metric: task.metric, schema: task.submission, classes: task.classes)
        let classes = ClassShares.apply(to: scorer) ? task.classes : []
        let columns = task.submission.columns.map { "\(literal($0.name)): \"\(sort(of: $0))\"" }
        let constants = [
            "ID": literal(task.submission.idColumn), "COLUMNS": "{\(columns.joined(separator: ", "))}",
            "GUESSES": "\(guesses)", "CLASSES": "[\(classes.map(literal).joined(separator: ", "))]",
            "WEIGHTS": "{\(weights)}",
            "MEMBERS": zip(names, members).map(text(of:_:)).joined(separator: "\n\n"),
        ]
        for (name, value) in constants.sorted(by: { $0.key > $1.key }) {
            text = text.replacing("__\(name)__", with: value, maxReplacements: 1)
        }
        return Script(text)
    }

    private func text(of name: String, _ member: Member) -> String {
        "# \(member.name), weight \(member.weight)\nMEMBERS[\"\(name)\"] = \(source(member.script.text))"
    }

    /// The program as a Python text: between triple quotes, so that it can be read, where it has none itself.
    private func source(_ text: String) -> String {
        let isPlain = !text.contains("'''") && !text.hasSuffix("'") && !text.hasSuffix("\\") && !text.contains("\r")
        return isPlain ? "r'''\(text)'''" : literal(text)
    }

    /// A text as a Python literal on one line; JSON's escapes mean the same in Python.
    private func literal(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }

    private func sort(of column: SubmissionSchema.Column) -> String {
        if case .meanAveragePrecision = task.metric { return "guesses" }
        switch column.content {
        case .label, .text: return "votes"
        case .probability, .number, .nonNegativeNumber:
            if task.metric == .auc || task.metric == .meanColumnAUC { return "ranks" }
            return column.content == .probability ? "probabilities" : "mean"
        }
    }
}

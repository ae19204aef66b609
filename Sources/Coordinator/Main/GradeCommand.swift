import ArgumentParser
import Foundation
import Laboratory
import Reporting
import Tasks
import Vocabulary

struct GradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grade", abstract: "Scores a submission against known answers.",
        discussion: """
            The answers' first column names the rows, every other one is a target ('Usage' as Kaggle writes it is not). The \
            submission has a column of each target's name, or, for auc and logloss, a column for each class.
            """)

    @Argument(help: "The submission (CSV).")
    var submission: String

    @Option(help: "The answers (CSV).")
    var answers: String

    @Option(help: "The metric's name, such as auc, rmsle, macro_f1 or map@5.")
    var metric: String

    @Option(
        help: """
            The class that a column of scores is about, for auc and logloss. Else: 1, the larger of two numbers, true or yes; of other labels the last.
            """)
    var positive: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// What is printed with `--json`.
    private struct Printed: Encodable {
        let metric: String
        let better: String
        let valid: Bool
        let score: Double?
        let positive: [String: String]?
        let note: String?
        let error: String?
    }

    func run() throws {
        guard let metric = Metric(spelling: metric) else {
            let names = Metric.named.map(\.name).joined(separator: ", ")
            throw ValidationError("--metric '\(metric)' is unknown; known: \(names), map@K")
        }
        let result = Result { try grade(by: metric) }
        if json { print(try JSONText.line(printed(result, metric: metric))) }
        switch result {
        case .success(let grade):
            if !json { show(grade) }
            if let note = grade.note { tell("Note: \(note)") }
        case .failure(let error):
            tell("Error: \(error)")
            throw Ending.unusableInput
        }
    }

    private func grade(by metric: Metric) throws -> Grade {
        try Grade(
            try CSVFile(path: submission).table(), answers: try CSVFile(path: answers).table(), metric: metric,
            positive: positive)
    }

    private func printed(_ result: Result<Grade, any Error>, metric: Metric) -> Printed {
        let direction = metric.direction.rawValue
        switch result {
        case .success(let grade):
            return Printed(
                metric: grade.metric.name, better: direction, valid: true, score: grade.value,
                positive: grade.positive.isEmpty ? nil : grade.positive, note: grade.note, error: nil)
        case .failure(let error):
            return Printed(
                metric: metric.name, better: direction, valid: false, score: nil, positive: nil, note: nil,
                error: "\(error)")
        }
    }

    private func show(_ grade: Grade) {
        print("\(grade.metric) \(grade.value)")
        for (column, label) in grade.positive.sorted(by: { $0.key < $1.key }) {
            print("positive class of column '\(column)': '\(label)'")
        }
    }
}

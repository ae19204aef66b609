import ArgumentParser
import Foundation
import Reporting
import Scoring
import Tasks
import Vocabulary

struct GradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grade", abstract: "Scores a submission against known answers.",
        discussion: "The answers' first column names the rows, every other one is a target.")

    @Argument(help: "The submission (CSV).")
    var submission: String

    @Option(help: "The answers (CSV).")
    var answers: String

    @Option(help: "The metric's name, such as auc, rmsle, macro_f1 or map@5.")
    var metric: String

    @Flag(help: "Print JSON.")
    var json = false

    /// What is printed with `--json`.
    private struct Grade: Encodable {
        let metric: String
        let better: String
        let valid: Bool
        let score: Double?
        let error: String?
    }

    func run() throws {
        guard let metric = Metric(name: metric) else {
            let names = Metric.named.map(\.name).joined(separator: ", ")
            throw ValidationError("--metric '\(metric)' is unknown; known: \(names), map@K")
        }
        var score: Double?
        var error: String?
        do { score = try value(by: metric) } catch let failure { error = "\(failure)" }
        if json {
            let direction = metric.direction.rawValue
            let grade = Grade(
                metric: metric.name, better: direction, valid: score != nil, score: score, error: error)
            print(try JSONText.line(grade))
        } else if let score {
            print("\(metric) \(score)")
        }
        if let error {
            tell("Error: \(error)")
            throw Ending.unusableInput
        }
    }

    private func value(by metric: Metric) throws -> Double {
        let answers = try CSVFile(path: self.answers).table()
        let submission = try CSVFile(path: self.submission).table()
        let key = try AnswerKey(answers: answers, submission: submission, metric: metric)
        let aligned = try SubmissionCheck.align(submission, to: key.ids, schema: key.schema, classes: key.classes)
        let scorer = Scorer(metric: metric, schema: key.schema, classes: key.classes)
        return try scorer.value(of: try scorer.rows(truth: key.truth, predictions: aligned))
    }
}

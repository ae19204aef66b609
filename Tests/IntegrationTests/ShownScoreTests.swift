import Foundation
import Journal
import TestKit
import Testing
import Vocabulary

@testable import CoordinatorMain
@testable import Dispatching

@Suite("A score says how it was obtained", .timeLimit(.minutes(5)))
struct ShownScoreTests {
    private static let evaluations: [Evaluation] = [.hidden, .hiddenWeakly, .hiddenUnprotected, .selfReported]

    private func scores(_ evaluation: Evaluation) throws -> [ScoreRecord] {
        try [0.6, 0.9, 0.7].enumerated().map { index, value in
            ScoreRecord(
                path: StepPath("solution-\(index + 1)"), part: "search",
                score: try #require(Score(value, rowCount: 9, evaluation: evaluation)))
        }
    }

    @Test("in the live block and in its news", arguments: evaluations)
    func live(evaluation: Evaluation) throws {
        let task = TaskSpecification(
            name: "t", description: "", kind: .binaryClassification, metric: .auc, targets: ["y"], classes: [],
            submission: SubmissionSchema(idColumn: "id", columns: []))
        let moment = ProgressMoment(
            scores: try scores(evaluation), dispatch: DispatchSnapshot(), task: task, run: RunID("r"),
            budget: .seconds(60), left: .seconds(30))
        #expect(moment.lines[0].hasSuffix("best 0.9 (\(evaluation)) at solution-2"))
        #expect(moment.news.map(\.text).allSatisfy { $0.contains("(\(evaluation))") })
    }

    @Test("the best script is marked in the news; an ensemble's score, which does not compare with its, is not")
    func bestScript() throws {
        let ensemble = ScoreRecord(
            path: StepPath("finish-1/average"), part: "search",
            score: try #require(Score(0.95, rowCount: 9, evaluation: .hidden)))
        let task = TaskSpecification(
            name: "t", description: "", kind: .binaryClassification, metric: .auc, targets: ["y"], classes: [],
            submission: SubmissionSchema(idColumn: "id", columns: []))
        let moment = ProgressMoment(
            scores: try scores(.hidden) + [ensemble], dispatch: DispatchSnapshot(), task: task, run: RunID("r"),
            budget: .seconds(60), left: .seconds(30))
        let marked = moment.news.filter { $0.text.hasSuffix("← best script so far") }
        #expect(marked.map(\.path) == [StepPath("solution-2")])
    }

    @Test("in the list of runs and its JSON", arguments: evaluations)
    func list(evaluation: Evaluation) async throws {
        let folder = try TemporaryFolder()
        let journal = try Journal(folder: folder.path)
        let run = RunID("r")
        try journal.enter(
            NewRun(
                id: run, taskName: "small", taskPath: "/task",
                taskFingerprint: ContentHash(String(repeating: "ab", count: 32)), settings: "{}", strategy: "s",
                budget: .seconds(600), outPath: "/out", direction: .higherIsBetter), as: .running)
        for score in try scores(evaluation) {
            try journal.ask(score.path, of: run, kind: .run, request: "x")
            try journal.answer(score.path, of: run, with: "x", scores: [score])
        }
        let list = try await Program.run("mlestar", ["list", "--state", folder.path])
        #expect(list.output.contains("best 0.9 (\(evaluation))"), "\(list.output) \(list.errors)")
        let json = try await Program.run("mlestar", ["list", "--json", "--state", folder.path])
        let runs = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
        #expect(runs?.first?["best"] as? Double == 0.9)
        #expect(runs?.first?["bestEvaluation"] as? String == evaluation.rawValue)
    }
}

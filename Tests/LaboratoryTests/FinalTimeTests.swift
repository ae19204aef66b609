import Journal
import Search
import Tasks
import TestKit
import Testing
import Vocabulary

@testable import Laboratory

@Suite("Time kept back for the final steps", .timeLimit(.minutes(5)))
struct FinalTimeTests {
    /// What is kept back after runs named by solution, score and seconds.
    private func time(
        _ ensemble: Ensembling, after runs: [(solution: Int, score: Double, seconds: Int)], slots: Int = 1,
        mode: EvaluationMode = .hidden, answers: [Duration] = [], checksLeakage: Bool = true
    ) throws -> Duration? {
        var settings = Bench.settings
        settings.plan = SearchPlan(
            solutions: 3, finalists: 2, ensemble: ensemble, ensembleMembers: 3, checksLeakage: checksLeakage)
        settings.slots = slots
        settings.mode = mode
        var final = FinalTime(of: settings, direction: .higherIsBetter)
        for answer in answers { final.answered(after: answer) }
        for (number, run) in runs.enumerated() {
            let score = try #require(Score(run.score, rowCount: 9, evaluation: .hidden))
            let report = RunReport(score: score, failure: nil, wall: .seconds(run.seconds), selfReported: nil)
            final.ran(StepPath("solution-\(run.solution)/candidate-\(number)/evaluate"), report)
        }
        return final.time
    }

    private static let runs = [(1, 0.5, 10), (1, 0.9, 20), (1, 0.8, 40), (2, 0.7, 50), (3, 0.6, 100)]

    @Test("before a script has a score nothing is known")
    func nothing() throws {
        #expect(try time(.weighted, after: [], answers: [.seconds(9)]) == nil)
    }

    @Test("where a single script wins: 1.6 times the best one's time and 5 s", arguments: [Ensembling.none, .bestOfN])
    func single(ensemble: Ensembling) throws {
        #expect(try time(ensemble, after: Self.runs, slots: 4) == .seconds(37))
    }

    @Test(
        "an ensemble's members share the slots: a weighted one's are the best scripts, an average's the best of the solutions",
        arguments: [
            (Ensembling.weighted, 1, 20 + 40 + 50), (.weighted, 2, 55), (.weighted, 8, 50), (.average, 1, 20 + 50),
            (.average, 2, 50), (.average, 8, 50),
        ])
    func members(ensemble: Ensembling, slots: Int, seconds: Int) throws {
        #expect(try time(ensemble, after: Self.runs, slots: slots) == .seconds(seconds) * 1.6 + .seconds(5))
    }

    @Test(
        "where scores are self-reported one script is trained, after the answers that bring it to all rows",
        arguments: [(true, 4), (false, 3)])
    func selfReported(checksLeakage: Bool, answers: Int) throws {
        let time = try time(
            .weighted, after: Self.runs, mode: .selfReported, answers: [.seconds(4), .seconds(6)],
            checksLeakage: checksLeakage)
        #expect(time == .seconds(20 + 5 * answers) * 1.6 + .seconds(5))
    }

    @Test("under hidden evaluation nobody is asked at the end")
    func hidden() throws {
        #expect(try time(.agent, after: Self.runs, answers: [.seconds(100)]) == .seconds(37))
    }

    @Test("a lab keeps it back from the search, with what the calls of earlier sittings took; ablations do not count")
    func lab() async throws {
        let bench = try Bench()
        for (attempt, path) in [(1, "a"), (2, "a"), (1, "b")] {
            let call = try bench.journal.begin(
                NewCall(path: StepPath(path), role: "coder", attempt: attempt, model: "m", request: []), of: bench.run)
            try bench.journal.answer(call: call, with: [], cost: .none, latency: .seconds(6), notes: [])
        }
        var settings = Bench.settings
        settings.mode = .selfReported
        let mount = try bench.task.originalMount(in: "\(bench.folder.path)/original")
        let lab = bench.lab(
            StubJobs(reporting: ["good": 0.9]), basis: .selfReported(mount, testIDs: (201...240).map(String.init)),
            settings: settings)
        func kept() -> Double { (lab.budget.remaining(.finish) - lab.budget.remaining(.search)) / .seconds(1) }
        let script = Script("good")
        _ = try await lab.run(RunRequest(kind: .ablation, script: script), at: StepPath("solution-1/ablation"))
        #expect(abs(kept() - 5) < 0.1)
        _ = try await lab.run(RunRequest(kind: .candidateEvaluation, script: script), at: StepPath("solution-1/a"))
        #expect(abs(kept() - ((1 + 4 * 9) * 1.6 + 5)) < 0.1)
    }
}

import Journal
import Search
import Tasks
import TestKit
import Testing
import Vocabulary

@testable import Laboratory

@Suite("Time charged for outcomes used again", .timeLimit(.minutes(5)))
struct ChargedTimeTests {
    private let bench: Bench
    private let path = StepPath("solution-1/candidate-1/evaluate")
    private let other = RunID("other")

    init() throws {
        bench = try Bench()
        try bench.enter(other)
    }

    private func request(_ kind: JobKind, _ mount: MountChoice = .search) -> RunRequest {
        RunRequest(kind: kind, script: Script("good"), mount: mount)
    }

    /// Settings whose first scripts run four at once.
    private func settings(slots: Int) -> RunSettings {
        var settings = Bench.settings
        settings.slots = slots
        return settings
    }

    private func basis(folds: Int) throws -> Examiner.Basis {
        let settings = SplitSettings(seed: 1, folds: folds)
        return .hidden(
            try HiddenEvaluation.prepare(bench.task, settings: settings, in: "\(bench.folder.path)/\(folds)"),
            isProtected: false)
    }

    /// What the second of two equal runs is charged for a step that takes a second per fold.
    private func charged(folds: Int, slots: Int, _ kind: JobKind = .candidateEvaluation) async throws -> Duration {
        let (basis, settings) = (try basis(folds: folds), settings(slots: slots))
        let recording = RecordingJobs(journal: bench.journal)
        _ = try await bench.lab(recording, basis: basis, settings: settings).run(request(kind), at: path)
        let jobs = StubJobs()
        let lab = bench.lab(jobs, run: other, reuses: true, basis: basis, settings: settings)
        #expect(try await lab.run(request(kind), at: path).score != nil && jobs.runs.isEmpty)
        #expect(lab.budget.charged == (try bench.journal.chargedTime(of: other)))
        return lab.budget.charged
    }

    @Test("folds share the slots: three seconds of them on two slots cost a second and a half")
    func folds() async throws {
        #expect(try await charged(folds: 3, slots: 2) == .seconds(1.5))
    }

    @Test("folds of a step that has the slots to itself cost as much as the longest of them")
    func longestFold() async throws {
        #expect(try await charged(folds: 3, slots: 12, .ensemble) == .seconds(1))
    }

    @Test("no more steps share the slots than the search has under way at once")
    func narrowSearch() async throws {
        // Two solutions of two first scripts each: with more slots than these can use, a quarter each.
        #expect(try await charged(folds: 1, slots: 16) == .seconds(0.25))
    }

    @Test("two equal runs on two slots: the second is charged no more than the time that the first has taken")
    func atMostTheTimeTaken() {
        let time = ChargedTime(plan: SearchPlan(), slots: 2)
        let steps: [(JobKind, [Duration])] = [
            (.candidateEvaluation, [.seconds(3), .seconds(5)]), (.ablation, [.seconds(2), .seconds(2)]),
            (.parallelSolution, [.seconds(4), .seconds(4)]),
        ]
        let charged = steps.reduce(Duration.zero) { $0 + time.time(of: $1.0, walls: $1.1) }
        #expect(charged == .seconds(10))
    }

    @Test("the final steps charge nothing")
    func finish() async throws {
        let path = StepPath("finish-1/refit")
        _ = try await bench.lab(RecordingJobs(journal: bench.journal)).run(request(.submission, .full), at: path)
        let jobs = StubJobs()
        let lab = bench.lab(jobs, run: other, reuses: true)
        #expect(try await lab.run(request(.submission, .full), at: path).failure == nil && jobs.runs.isEmpty)
        #expect(lab.budget.charged == .zero)
    }

    @Test("a run that is resumed knows what it was charged, and is not charged again for a known step")
    func resumed() async throws {
        let before = try await charged(folds: 1, slots: 1)
        let budget = Budget(total: .seconds(600), spent: .zero)
        let lab = bench.lab(StubJobs(), run: other, budget: budget, reuses: true, basis: try basis(folds: 1))
        #expect(before == .seconds(1) && budget.charged == before)
        #expect(try await lab.run(request(.candidateEvaluation), at: path).score != nil)
        #expect(budget.charged == before)
    }

    @Test("what a run has trained itself is not charged")
    func ownOutcomes() async throws {
        _ = try await bench.lab(RecordingJobs(journal: bench.journal)).run(request(.candidateEvaluation), at: path)
        let lab = bench.lab(StubJobs(), reuses: true)
        _ = try await lab.run(request(.candidateEvaluation), at: StepPath("again"))
        #expect(lab.budget.charged == .zero)
    }
}

/// Jobs whose outcomes are entered in the journal, as the dispatcher does.
struct RecordingJobs: JobRunning {
    let journal: Journal

    func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        let result = try await StubJobs().outcome(of: job)
        try journal.record([.submitted(job), .settled(try result.get())])
        return result
    }
}

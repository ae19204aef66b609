import Journal
import Search
import Synchronization
import TestKit
import Testing
import Vocabulary

@testable import Laboratory

@Suite("The lab over a journal", .timeLimit(.minutes(6)))
struct JournaledLabTests {
    private let bench: Bench
    private let path = StepPath("solution-1/candidate-1/evaluate")

    init() throws { bench = try Bench() }

    private func request(_ word: String, _ mount: MountChoice = .search) -> RunRequest {
        RunRequest(kind: .candidateEvaluation, script: Script(word), mount: mount)
    }

    @Test("a finished step answers from the journal: nothing is trained twice")
    func answeredOnce() async throws {
        let first = StubJobs()
        let report = try await bench.lab(first).run(request("good"), at: path)
        #expect(report.score != nil)
        let second = StubJobs()
        #expect(try await bench.lab(second).run(request("good"), at: path) == report)
        #expect(first.runs.count == 1 && second.runs.isEmpty)
    }

    @Test("scores come from hidden labels, say so, and follow the quality of the predictions")
    func scores() async throws {
        let lab = bench.lab(StubJobs())
        let good = try await lab.run(request("good"), at: StepPath("a"))
        let bad = try await lab.run(request("bad"), at: StepPath("b"))
        let score = try #require(good.score)
        #expect(score.value > 0.7 && (bad.score?.value ?? 1) < 0.3)
        #expect(score.evaluation == .hiddenUnprotected && score.rowCount > 10 && score.standardError != nil)
        let evidence = try await lab.observe(
            CompareRuns(candidate: StepPath("a"), base: StepPath("b")), at: StepPath("c"))
        #expect(evidence.probabilityBetter > 0.95 && evidence.improvement > 0)
    }

    @Test("a submission that lacks a row is a typed failure that says so")
    func invalidSubmission() async throws {
        let report = try await bench.lab(StubJobs()).run(request("short"), at: path)
        #expect(report.score == nil && report.failure?.ending == .invalidSubmission)
        #expect(report.failure?.message.isEmpty == false)
    }

    @Test("a signal is never journaled: with a larger budget the search goes on")
    func signals() async throws {
        let spent = bench.lab(StubJobs(), budget: Budget(total: .seconds(10), spent: .seconds(10)))
        await #expect(throws: Signal.outOfBudget) { try await spent.run(request("good"), at: path) }
        #expect(try bench.journal.steps(of: bench.run).isEmpty)
        let budget = Budget(total: .seconds(600), spent: .zero)
        let hanging = HangingJobs()
        let lab = bench.lab(hanging, budget: budget)
        let report = Task { try await lab.run(request("good"), at: path) }
        await hanging.started()
        budget.finishNow()
        await #expect(throws: Signal.outOfBudget) { try await report.value }
        #expect(try bench.journal.steps(of: bench.run).map(\.answer) == [nil])
        #expect(try await bench.lab(StubJobs()).run(request("good"), at: path).score != nil)
    }

    @Test("a paused run begins no step, keeps what is known, and its clock stands still")
    func paused() async throws {
        _ = try await bench.lab(StubJobs()).run(request("good"), at: path)
        let budget = Budget(total: .seconds(600), spent: .zero)
        budget.pause()
        let (left, jobs) = (budget.remaining(.finish), StubJobs())
        let lab = bench.lab(jobs, budget: budget)
        #expect(try await lab.run(request("good"), at: path).score != nil, "what is known is answered")
        let report = Task { try await lab.run(request("good"), at: StepPath("later")) }
        for _ in 0..<1_000 { await Task.yield() }
        #expect(jobs.runs.isEmpty)
        #expect(try bench.journal.steps(of: bench.run).map(\.path) == [path])
        #expect(budget.remaining(.finish) == left && budget.isPaused)
        budget.unpause()
        #expect(try await report.value.score != nil)
        #expect(budget.elapsed < .seconds(600) && jobs.runs.count == 1)
    }

    @Test("a script that trains when its run is paused ends and counts; whoever ends the run ends the pause")
    func endedInPause() async throws {
        let budget = Budget(total: .seconds(600), spent: .zero)
        let hanging = HangingJobs()
        let lab = bench.lab(hanging, budget: budget)
        let report = Task { try await lab.run(request("good"), at: path) }
        await hanging.started()
        budget.pause()
        let waiting = Task { try await lab.run(request("good"), at: StepPath("later")) }
        budget.finishNow()
        #expect(!budget.isPaused)
        await #expect(throws: Signal.outOfBudget) { try await report.value }
        await #expect(throws: Signal.outOfBudget) { try await waiting.value }
        budget.pause()
        budget.cancel()
        #expect(!budget.isPaused)
        await #expect(throws: Signal.cancelled) { try await lab.run(request("good"), at: StepPath("last")) }
    }

    @Test("a job no worker could run is a failure of this step only")
    func abandoned() async throws {
        let report = try await bench.lab(AbandoningJobs()).run(request("good"), at: path)
        #expect(report.failure?.ending == .unavailable && report.failure?.message.contains("gone") == true)
    }

    @Test("an equal job of another run is answered with its outcome, and its time is charged")
    func reuse() async throws {
        _ = try await bench.lab(RecordingJobs(journal: bench.journal)).run(request("good"), at: path)
        let other = RunID("other")
        try bench.enter(other)
        let jobs = StubJobs()
        let budget = Budget(total: .seconds(600), spent: .zero)
        let lab = bench.lab(jobs, run: other, budget: budget, reuses: true)
        #expect(try await lab.run(request("good"), at: path).score != nil)
        #expect(jobs.runs.isEmpty)
        #expect(budget.charged == .seconds(1), "the second that it took on the only slot")
        let finished = try bench.journal.finishedRun(at: path, of: other)
        #expect(finished?.isReused == true && finished?.walls == [])
    }

    @Test("the final steps stand under a new number when the finalists have changed")
    func finishPaths() async throws {
        let lab = bench.lab(StubJobs())
        let one = try await lab.finishPath(for: [StepPath("a")])
        #expect(try await lab.finishPath(for: [StepPath("b")]) == StepPath("finish-2"))
        #expect(try await lab.finishPath(for: [StepPath("a")]) == one)
        #expect(one == StepPath("finish-1"))
    }

    @Test("a whole search ends with the refined script, refitted on all rows")
    func wholeSearch() async throws {
        let lab = bench.lab(StubJobs())
        let finish = try #require(try await bench.search(lab).search())
        #expect(finish.solution.script.text.contains("setup good"))
        #expect(finish.submission == StepPath("finish-1/refit"))
        let submission = try lab.submissions.deliverable(at: finish.submission)
        #expect(submission.names == ["id", "y"] && submission["id"] == (201...240).map(String.init))
        let scored = try lab.submissions.deliverable(at: finish.solution.path)
        #expect(scored["id"] == submission["id"])
    }

    @Test("killed at every job in turn and resumed, the search ends the same and trains nothing twice")
    func killedAnywhere() async throws {
        let whole = try await bench.search(bench.lab(StubJobs())).search()
        let total = try bench.journal.steps(of: bench.run).count { $0.kind == .run }
        for count in 0..<total {
            let run = RunID("killed-\(count)")
            try bench.enter(run)
            let crashing = StubJobs(failingAfter: count)
            await #expect(throws: StubCrash.self) {
                _ = try await bench.search(bench.lab(crashing, run: run)).search()
            }
            let answered = try bench.journal.steps(of: run).filter { $0.kind == .run && $0.answer != nil }
            let resumed = StubJobs()
            #expect(try await bench.search(bench.lab(resumed, run: run)).search() == whole)
            for step in answered { #expect(resumed.runs[JobID(run: run, path: step.path)] == nil) }
            #expect(resumed.runs.count == total - answered.count)
        }
    }
}

/// Jobs that never end.
private final class HangingJobs: JobRunning {
    private let stream = AsyncStream.makeStream(of: Void.self)

    func started() async { for await _ in stream.stream { return } }

    func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        stream.continuation.yield()
        // Ends when the caller is cancelled, like a job that is withdrawn.
        for await _ in AsyncStream<Void>.makeStream().stream {}
        throw CancellationError()
    }
}

/// Jobs that no worker can run.
private struct AbandoningJobs: JobRunning {
    func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        .failure(JobAbandoned(story: ["the worker is gone"]))
    }
}

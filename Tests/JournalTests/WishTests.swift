import TestKit
import Testing
import Vocabulary

@testable import Journal

@Suite("What people want of runs and workers", .timeLimit(.minutes(5)))
struct WishTests {
    private let folder: TemporaryFolder
    private let journal: Journal

    init() throws {
        folder = try TemporaryFolder()
        journal = try Journal.withRun(in: folder)
    }

    @Test("a wish is heeded once it was, and stays a wish when the journal is opened again and the run begun again")
    func heeded() throws {
        #expect(try journal.run(Sample.run).wish == .go && journal.run(Sample.run).isHeeded)
        #expect(try journal.wish(.pause, for: Sample.run))
        #expect(try journal.wish(for: Sample.run) == .pause)
        #expect(try !journal.run(Sample.run).isHeeded)
        try journal.heed(.go, of: Sample.run)
        #expect(try !journal.run(Sample.run).isHeeded, "another wish was heeded")
        try journal.heed(.pause, of: Sample.run)
        #expect(try journal.run(Sample.run).isHeeded)
        #expect(try journal.wish(.pause, for: Sample.run))
        #expect(try journal.run(Sample.run).isHeeded, "the same wish again is no news")
        let reopened = try Journal(folder: folder.path)
        #expect(try reopened.begin(Sample.run).wish == .pause)
        #expect(try reopened.begin(Sample.run, wish: .go).wish == .go)
    }

    @Test(
        "a run that has ended cannot be asked, and what was wanted of it is over",
        arguments: [
            RunState.finished, .interrupted, .failed,
        ])
    func ended(as state: RunState) throws {
        #expect(try journal.wish(.pause, for: Sample.run))
        try journal.end(Sample.run, as: state, result: nil)
        #expect(try journal.run(Sample.run).wish == .go)
        #expect(try !journal.wish(.finish, for: Sample.run))
        #expect(try !journal.wish(.finish, for: RunID("unknown")))
    }

    @Test("a submitted run that has ended can be handed in again with another budget, one of `mlestar run` cannot")
    func requeued() throws {
        let other = RunID("other")
        try journal.enter(Sample.newRun(other), as: .queued)
        #expect(try !journal.requeue(other, budget: nil), "it waits already")
        for run in [Sample.run, other] { try journal.end(run, as: .finished, result: "{}") }
        #expect(try !journal.requeue(Sample.run, budget: .seconds(90)))
        #expect(try journal.requeue(other, budget: .seconds(90)))
        #expect(try journal.servedRuns().map(\.id) == [other])
        #expect(try journal.run(other).budget == .seconds(90))
    }

    @Test("a request to drain workers is open until it is answered, once")
    func drains() throws {
        let one = try journal.drain(WorkerID("w"), handsBack: true)
        let all = try journal.drain(nil, handsBack: false)
        #expect(try journal.openDrains().map(\.number) == [one, all])
        #expect(try journal.openDrains().map(\.worker) == [WorkerID("w"), nil])
        #expect(try journal.openDrains().map(\.handsBack) == [true, false])
        try journal.answer(drain: one, as: .refused, words: "no worker w is there")
        try journal.answer(drain: one, as: .heeded, words: "late")
        let answered = try #require(try journal.drain(one))
        #expect(answered.state == .refused && answered.words == "no worker w is there")
        #expect(try journal.openDrains().map(\.number) == [all])
        #expect(try journal.drain(99) == nil)
    }

    @Test("progress counts steps, scripts, and jobs that wait or run")
    func progress() throws {
        let jobs = ["a", "b"].map { Sample.job($0) }
        try journal.record(jobs.map { .submitted($0) })
        let attempt = Attempt(job: jobs[0].id, term: .first)
        try journal.record([.assigned(attempt, worker: WorkerID("w"), incarnation: Incarnation("w-1"))])
        try journal.ask(StepPath("a"), of: Sample.run, kind: .run, request: "x")
        try journal.ask(StepPath("b"), of: Sample.run, kind: .ask, request: "x")
        for path in ["a", "b"] { try journal.answer(StepPath(path), of: Sample.run, with: "y", scores: []) }
        #expect(
            try journal.progress(of: Sample.run) == RunProgress(steps: 2, scripts: 1, running: 1, waiting: 1))
    }

    @Test("what a script prints is kept for whoever asked for it, and for nobody else")
    func tails() throws {
        let job = Sample.job("a")
        try journal.record([.submitted(job)])
        let attempt = Attempt(job: job.id, term: LeaseTerm(rawValue: 2))
        let tail = LogTail(
            attempt: attempt, output: LogTail.Stream(size: 100, tail: Array("end".utf8)),
            errors: LogTail.Stream(size: 0, tail: []))
        try journal.record([.printed(tail)])
        #expect(try journal.tail(of: job.id, toldAfter: 0) == nil && journal.wantedTails() == [])
        try journal.wantTails(of: [job.id])
        #expect(try journal.wantedTails() == [job.id] && journal.tail(of: job.id, toldAfter: 0) == nil)
        try journal.record([.printed(tail)])
        #expect(try journal.tail(of: job.id, toldAfter: 0) == tail)
        #expect(try journal.tail(of: job.id, toldAfter: .infinity) == nil)
        #expect(try journal.jobs(of: Sample.run) == [JobStanding(id: job.id, state: "queued")])
        #expect(try journal.keptLog(of: job.id) == nil)
        try journal.record([.settled(Sample.outcome(of: job))])
        #expect(try journal.keptLog(of: job.id)?.log == "l")
        #expect(try journal.keptLog(of: job.id)?.ending == .succeeded)
    }
}

import Blobs
import GRDB
import TestKit
import Testing
import Vocabulary

@testable import Journal

@Suite("Jobs in the journal", .timeLimit(.minutes(5)))
struct JobTests {
    private let folder: TemporaryFolder
    private let journal: Journal
    private let job = Sample.job("a/evaluate")
    private let worker = WorkerID("w")
    private let incarnation = Incarnation("w-1")

    init() throws {
        folder = try TemporaryFolder()
        journal = try Journal.withRun(in: folder)
    }

    private func attempt(_ term: Int) -> Attempt { Attempt(job: job.id, term: LeaseTerm(rawValue: term)) }

    @Test("the outcome that settles a job comes back whole")
    func settled() throws {
        let outcome = Sample.outcome(of: job)
        try journal.record([.submitted(job), .assigned(attempt(1), worker: worker, incarnation: incarnation)])
        #expect(try journal.settlingOutcome(of: job.id) == nil)
        try journal.record([.settled(outcome)])
        #expect(try journal.settlingOutcome(of: job.id) == outcome)
        #expect(try journal.unfinishedJobs(of: [Sample.run]).isEmpty)
    }

    @Test(
        "what a script ran in, all it printed, its model and class probabilities are kept, and the packages of its environment"
    )
    func details() throws {
        let plain = Sample.outcome(of: job)
        let outcome = Outcome(
            job: job.id, term: plain.term, ending: .succeeded,
            usage: Usage(wall: .zero, cpu: .zero, peakMemoryBytes: 1, peakGPUMemoryBytes: 2), message: "", log: "",
            selfReported: nil, submission: nil, environment: plain.environment, sandbox: .landlock, wholeLog: [1, 2],
            model: [3], probabilities: [4])
        try journal.record([.submitted(job), .settled(outcome)])
        let stored = try #require(try journal.settlingOutcome(of: job.id))
        #expect(stored.sandbox == .landlock && stored.usage.peakGPUMemoryBytes == 2 && stored.model == [3])
        #expect(stored.probabilities == [4])
        #expect(try journal.wholeLog(of: job.id) == [1, 2])
        #expect(try journal.packages(of: plain.environment) == nil && journal.sharedPackages() == nil)
        for _ in 0..<2 { try journal.keep(packages: ["numpy==2"], of: plain.environment) }
        #expect(try journal.packages(of: plain.environment) == ["numpy==2"])
        #expect(try journal.sharedPackages() == ["numpy==2"])
        let other = ContentHash(String(repeating: "9", count: 64))
        try journal.keep(packages: ["numpy==2", "torch==2"], of: other)
        #expect(try journal.sharedPackages() == ["numpy==2"])
    }

    @Test("what a job asks of a worker is kept, and what an interrupted attempt left")
    func needsAndCheckpoint() throws {
        let needs = Needs(gpus: 2, gpuMemoryBytes: 1 << 34, cores: 3, memoryBytes: 1 << 35, environment: "deep")
        let asking = Job(
            id: job.id, kind: job.kind, script: job.script, mount: job.mount, seed: 1, cores: 3, limits: job.limits,
            needs: needs)
        try journal.record([.submitted(asking), .submitted(Sample.job("b"))])
        #expect(try journal.unfinishedJobs(of: [Sample.run]).map(\.job.needs) == [needs, Needs()])
        #expect(try journal.checkpoint(of: job.id) == nil)
        for (term, files) in [(1, [1]), (3, nil), (2, [2])] as [(Int, [UInt8]?)] {
            try journal.record([
                .late(
                    Outcome(
                        job: job.id, term: LeaseTerm(rawValue: term), ending: .interrupted, usage: .none, message: "",
                        log: "", selfReported: nil, submission: nil, environment: Sample.hash, checkpoint: files))
            ])
        }
        let kept = try #require(try journal.checkpoint(of: job.id))
        #expect(kept.term == LeaseTerm(rawValue: 2) && kept.files == [2])
    }

    @Test("a checkpoint is kept until a later one or the job's outcome has come; equal ones of others stay")
    func checkpointsRemoved() throws {
        func left(_ job: Job, _ term: Int, _ files: [UInt8]) -> JobRecord {
            .late(
                Outcome(
                    job: job.id, term: LeaseTerm(rawValue: term), ending: .interrupted, usage: .none, message: "",
                    log: "", selfReported: nil, submission: nil, environment: Sample.hash, checkpoint: files))
        }
        let other = Sample.job("b/evaluate")
        try journal.record([.submitted(job), .submitted(other)])
        try journal.record([left(job, 1, [1])])
        try journal.record([left(other, 1, [2])])
        try journal.record([left(job, 2, [2])])
        #expect(try journal.blob(Hashing.hash([1])) == nil && journal.checkpoint(of: job.id)?.files == [2])
        try journal.record([left(job, 3, [2])])
        #expect(try journal.checkpoint(of: job.id)?.files == [2])
        try journal.record([.settled(Sample.outcome(of: job, term: 4))])
        #expect(try journal.checkpoint(of: job.id) == nil)
        #expect(try journal.checkpoint(of: other.id)?.files == [2])
        try journal.record([.settled(Sample.outcome(of: other, term: 2))])
        #expect(try journal.blob(Hashing.hash([2])) == nil)
    }

    @Test("a job whose workers were lost is put in quarantine, one that workers could not run is not")
    func quarantine() throws {
        let other = Sample.job("b", script: "other()")
        try journal.record([.submitted(job), .submitted(other)])
        for term in 1...2 {
            let of = Attempt(job: other.id, term: LeaseTerm(rawValue: term))
            try journal.record([
                .assigned(attempt(term), worker: worker, incarnation: incarnation),
                .lost(attempt(term), reason: "worker departed", counts: true),
                .assigned(of, worker: worker, incarnation: incarnation),
                .lost(of, reason: term == 1 ? "lease expired" : "unavailable", counts: true),
            ])
        }
        #expect(try !journal.hasQuarantine())
        try journal.record([.abandoned(job.id, story: ["one", "two"]), .abandoned(other.id, story: ["three"])])
        #expect(try journal.quarantine(of: Sample.run) == [QuarantinedJob(job: job.id, story: ["one", "two"])])
        #expect(try journal.quarantine(of: Sample.job("elsewhere"))?.job == job.id)
        #expect(try journal.quarantine(of: other) == nil)
    }

    @Test("why a run waits is kept until it does not")
    func obstacle() throws {
        try journal.record([.waits(Sample.run, reason: "no GPU"), .waits(RunID("unknown"), reason: "no GPU")])
        #expect(try journal.obstacle(of: Sample.run) == "no GPU")
        try journal.record([.waits(Sample.run, reason: nil)])
        #expect(try journal.obstacle(of: Sample.run) == nil)
    }

    @Test("a late outcome is kept and counts nowhere")
    func late() throws {
        try journal.record([
            .submitted(job), .assigned(attempt(1), worker: worker, incarnation: incarnation),
            .lost(attempt(1), reason: "lease expired", counts: true),
            .assigned(attempt(2), worker: worker, incarnation: incarnation),
            .settled(Sample.outcome(of: job, term: 2, submission: "winner")),
            .late(Sample.outcome(of: job, term: 1, submission: "late")),
        ])
        #expect(try journal.settlingOutcome(of: job.id)?.submission == Array("winner".utf8))
        #expect(try journal.attemptCounts(of: Sample.run) == [job.id: 2])
    }

    @Test("the database itself refuses a second outcome that settles a job")
    func once() throws {
        try journal.record([.submitted(job), .settled(Sample.outcome(of: job, term: 1))])
        #expect(throws: DatabaseError.self) { try journal.record([.settled(Sample.outcome(of: job, term: 2))]) }
    }

    @Test("a batch that fails leaves nothing behind")
    func atomic() throws {
        let other = Sample.job("b/evaluate")
        #expect(throws: DatabaseError.self) {
            try journal.record([
                .submitted(other), .assigned(attempt(1), worker: worker, incarnation: incarnation),
            ])
        }
        #expect(try journal.unfinishedJobs(of: [Sample.run]).isEmpty)
    }

    @Test("unfinished jobs come back with their holder, term and losses")
    func unfinished() throws {
        let waiting = Sample.job("b/evaluate")
        try journal.record([
            .submitted(job), .submitted(waiting), .assigned(attempt(1), worker: worker, incarnation: incarnation),
            .lost(attempt(1), reason: "worker departed", counts: true),
            .assigned(attempt(2), worker: worker, incarnation: Incarnation("w-2")),
        ])
        let jobs = try journal.unfinishedJobs(of: [Sample.run])
        #expect(jobs.map(\.job) == [job, waiting])
        #expect(jobs.map(\.holder) == [Incarnation("w-2"), nil])
        #expect(jobs.map(\.lastTerm) == [LeaseTerm(rawValue: 2), nil])
        #expect(jobs.map(\.losses) == [1, 0] && jobs.map(\.interruptions) == [0, 0])
        let past = try journal.past(of: [job.id, waiting.id])
        #expect(past == [job.id: JobPast(settled: nil, lastTerm: LeaseTerm(rawValue: 2))])
        let outcome = Sample.outcome(of: job, term: 2)
        try journal.record([.settled(outcome)])
        #expect(try journal.past(of: [job.id])[job.id]?.settled == outcome)
    }

    @Test("an attempt that is taken up again is open again")
    func adopted() throws {
        try journal.record([
            .submitted(job), .assigned(attempt(1), worker: worker, incarnation: incarnation),
            .lost(attempt(1), reason: "lease expired", counts: true),
            .adopted(attempt(1), incarnation: Incarnation("w-9")),
        ])
        #expect(try journal.unfinishedJobs(of: [Sample.run]).map(\.holder) == [Incarnation("w-9")])
    }

    @Test("a withdrawn job may be wanted again")
    func withdrawn() throws {
        try journal.record([.submitted(job), .withdrawn(job.id)])
        #expect(try journal.unfinishedJobs(of: [Sample.run]).isEmpty)
        try journal.record([.submitted(job)])
        #expect(try journal.unfinishedJobs(of: [Sample.run]).map(\.job) == [job])
    }

    @Test("an outcome is used again for equal content only, and only if it is reproducible")
    func reuse() throws {
        try journal.record([.submitted(job), .settled(Sample.outcome(of: job))])
        let equal = Sample.job("elsewhere/evaluate")
        #expect(try journal.reusableOutcome(for: equal, environment: Sample.hash)?.job == job.id)
        #expect(try journal.reusableOutcome(for: Sample.job("x", script: "other"), environment: Sample.hash) == nil)
        #expect(try journal.reusableOutcome(for: equal, environment: ContentHash("other")) == nil)
        let slow = Sample.job("slow/evaluate", script: "slow")
        try journal.record([.submitted(slow), .settled(Sample.outcome(of: slow, ending: .timeout))])
        #expect(try journal.reusableOutcome(for: Sample.job("s", script: "slow"), environment: Sample.hash) == nil)
    }

    @Test("an outcome of a job of another journal is passed over")
    func stranger() throws {
        try journal.record([.late(Sample.outcome(of: Sample.job("never/asked")))])
        #expect(try journal.settlingOutcome(of: Sample.job("never/asked").id) == nil)
    }

    @Test("a journal that several open for the first time at once is made once")
    func openedTogether() async throws {
        let folder = try TemporaryFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [path = folder.path] in _ = try Journal(folder: path) }
            }
            try await group.waitForAll()
        }
    }

    @Test("every commit is flushed: WAL with synchronous FULL")
    func durability() throws {
        let modes = try journal.database.writeWithoutTransaction { db in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous")
            )
        }
        #expect(modes.0 == "wal" && modes.1 == 2)
    }
}

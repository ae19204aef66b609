import TestKit
import Testing
import Vocabulary

@testable import Journal

@Suite("What runs have to do", .timeLimit(.minutes(5)))
struct OpenWorkTests {
    private let folder: TemporaryFolder
    private let journal: Journal

    init() throws {
        folder = try TemporaryFolder()
        journal = try Journal.withRun(in: folder)
    }

    @Test("jobs that wait are counted, jobs under a lease by their worker, and settled or lost ones no more")
    func counts() throws {
        let jobs = ["a", "b", "c", "d"].map { Sample.job($0) }
        func attempt(_ job: Job, _ term: Int = 1) -> Attempt { Attempt(job: job.id, term: LeaseTerm(rawValue: term)) }
        try journal.record(jobs.map { .submitted($0) })
        try journal.record(
            jobs.dropFirst().map { .assigned(attempt($0), worker: WorkerID("w"), incarnation: Incarnation("w-1")) })
        try journal.record([
            .settled(Sample.outcome(of: jobs[1])), .lost(attempt(jobs[2]), reason: "lease expired", counts: true),
            .assigned(attempt(jobs[2], 2), worker: WorkerID("v"), incarnation: Incarnation("v-1")),
        ])
        let work = try journal.openWork(of: [Sample.run])
        #expect(work == OpenWork(queued: 1, held: [WorkerID("w"): 1, WorkerID("v"): 1]))
        #expect(try journal.wish(.pause, for: Sample.run))
        #expect(try journal.openWork(of: [Sample.run]).queued == 0, "what is paused fills no slot")
        #expect(try journal.openWork(of: []) == OpenWork())
        #expect(try journal.totals().jobs == ["queued": 1, "leased": 2, "settled": 1])
    }
}

import Journal
import Laboratory
import Logging
import Synchronization
import Tasks
import Testing
import Vocabulary

@Suite("Jobs that are run twice", .timeLimit(.minutes(5)))
struct BackupJobsTests {
    private let bench: Bench
    private let cluster: Cluster

    init() throws {
        bench = try Bench()
        cluster = Cluster(journal: bench.journal)
    }

    private func job(_ name: String, script: String = "good") -> Job {
        Job(
            id: JobID(run: bench.run, path: StepPath(name)), kind: .candidateEvaluation, script: Script(script),
            mount: bench.evaluation.searchMounts[0], seed: 0, cores: 1, limits: Bench.settings.limits)
    }

    /// Backups after no time at all.
    private func backups(
        hasRoom: @escaping @Sendable (WorkerID) -> Bool = { _ in true },
        changing change: (inout BackupJobs.Policy) -> Void = { _ in }
    ) -> BackupJobs {
        var policy = BackupJobs.Policy()
        (policy.least, policy.factor, policy.interval) = (.zero, 0, .milliseconds(2))
        change(&policy)
        return BackupJobs(
            cluster, journal: bench.journal, policy: policy, logger: Self.silent, hasRoom: hasRoom)
    }

    @Test(
        "a script that takes longer than on another fold is run elsewhere; the first end counts, the slow one is withdrawn"
    )
    func overdue() async throws {
        let slow = job("fold-2")
        cluster.hang(slow.id)
        let backups = backups(hasRoom: { $0 == WorkerID("w") })
        _ = try await backups.outcome(of: job("fold-1"))
        let outcome = try await backups.outcome(of: slow).get()
        #expect(outcome.job == slow.id.backup && outcome.ending == .succeeded)
        #expect(cluster.withdrawn == [slow.id])
        // After a restart the backup's outcome stands, though the step that asked for the other one had not ended.
        let later = Cluster(journal: bench.journal)
        let resumed = BackupJobs(later, journal: bench.journal, logger: Self.silent) { _ in true }
        #expect(try await resumed.outcome(of: slow).get() == outcome)
        #expect(later.begun.isEmpty)
    }

    @Test("where nothing of the script is known, the median of its kind counts once three are known")
    func kind() async throws {
        let backups = backups()
        for name in ["a", "b"] { _ = try await backups.outcome(of: job(name, script: "good \(name)")) }
        try await expectNoBackup(of: job("x", script: "other"), by: backups)
        _ = try await backups.outcome(of: job("c", script: "good c"))
        let slow = job("d", script: "good d")
        cluster.hang(slow.id)
        #expect(try await backups.outcome(of: slow).get().job == slow.id.backup)
    }

    @Test("nothing is run twice while no other worker has room, or before its time")
    func tooSoon() async throws {
        _ = try await backups().outcome(of: job("first"))
        try await expectNoBackup(of: job("a"), by: backups(hasRoom: { _ in false }), after: job("b"))
        try await expectNoBackup(of: job("c"), by: backups(changing: { $0.factor = 100_000_000 }), after: job("d"))
        try await expectNoBackup(of: job("e"), by: backups(changing: { $0.least = .seconds(1_000) }), after: job("f"))
    }

    @Test("given up, a job has its backup's outcome, and a backup that is given up changes nothing")
    func abandoned() async throws {
        let backups = backups()
        _ = try await backups.outcome(of: job("known"))
        let cases: [(String, @Sendable (Job) -> JobID)] = [("a", { $0.id }), ("b", { $0.id.backup })]
        for (name, given) in cases {
            let slow = job(name)
            cluster.giveUp(given(slow), once: { [cluster] in cluster.begun.contains(slow.id.backup) })
            // Nothing tells when the first end was heard of; either order has the same result.
            cluster.hold(
                name == "a" ? slow.id.backup : slow.id, until: { [cluster] in cluster.hasGivenUp(given(slow)) })
            let outcome = try await backups.outcome(of: slow).get()
            #expect(outcome.job == (name == "a" ? slow.id.backup : slow.id))
        }
        // Both, or the only one.
        let lost = job("c")
        for id in [lost.id, lost.id.backup] {
            cluster.giveUp(id, once: { [cluster] in cluster.begun.contains(lost.id.backup) })
        }
        await #expect(throws: JobAbandoned.self) { try await backups.outcome(of: lost).get() }
        cluster.giveUp(job("e").id, once: { true })
        let alone = self.backups(hasRoom: { _ in false })
        await #expect(throws: JobAbandoned.self) { try await alone.outcome(of: job("e")).get() }
    }

    @Test("what only the backup's worker came to does not count, and is waited out")
    func unreproducible() async throws {
        let backups = backups()
        _ = try await backups.outcome(of: job("known"))
        let slow = job("a")
        cluster.hold(slow.id, until: { [bench] in (try? bench.journal.settlingOutcome(of: slow.id.backup)) != nil })
        cluster.runOutOfMemory(slow.id.backup)
        #expect(try await backups.outcome(of: slow).get().job == slow.id)
        #expect(cluster.begun.contains(slow.id.backup))
        // Nor after a restart.
        let resumed = BackupJobs(cluster, journal: bench.journal, logger: Self.silent) { _ in true }
        #expect(try await resumed.outcome(of: slow).get().job == slow.id)
    }

    @Test("a backup that is under way when the coordinator is started again is joined at once")
    func joined() async throws {
        let slow = job("a")
        try bench.journal.record([.submitted(slow), .submitted(slow.backup)])
        cluster.hang(slow.id)
        let resumed = BackupJobs(cluster, journal: bench.journal, logger: Self.silent) { _ in false }
        #expect(try await resumed.outcome(of: slow).get().job == slow.id.backup)
    }

    @Test("one backup at a time waits for a slot")
    func oneAtATime() async throws {
        let backups = backups()
        _ = try await backups.outcome(of: job("known"))
        let slow = [job("a"), job("b")]
        for id in slow.flatMap({ [$0.id, $0.id.backup] }) { cluster.hang(id) }
        cluster.keepWaiting(slow.map(\.id.backup))
        let callers = slow.map { job in Task { try await backups.outcome(of: job) } }
        while !slow.contains(where: { cluster.begun.contains($0.id.backup) }) {
            try await Task.sleep(for: .milliseconds(1))
        }
        try await Task.sleep(for: .milliseconds(40))
        #expect(cluster.begun.count { $0.original != nil } == 1)
        // Assigned, it makes way for the next.
        cluster.assignWaiting()
        while cluster.begun.count(where: { $0.original != nil }) < 2 { try await Task.sleep(for: .milliseconds(1)) }
        for caller in callers { caller.cancel() }
        for caller in callers { _ = try? await caller.value }
    }

    private static let silent = Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }

    @Test("a caller that is cancelled withdraws both")
    func cancelled() async throws {
        let backups = backups()
        _ = try await backups.outcome(of: job("known"))
        let slow = job("a")
        for id in [slow.id, slow.id.backup] { cluster.hang(id) }
        let caller = Task { try await backups.outcome(of: slow) }
        while !cluster.begun.contains(slow.id.backup) { try await Task.sleep(for: .milliseconds(1)) }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(Set(cluster.withdrawn) == [slow.id, slow.id.backup])
    }

    /// Runs a job that ends only when its backup has had its chance, which another job's end tells.
    private func expectNoBackup(of slow: Job, by backups: BackupJobs, after other: Job? = nil) async throws {
        if let other { _ = try await backups.outcome(of: other) }
        cluster.hang(slow.id)
        let caller = Task { try await backups.outcome(of: slow) }
        while !cluster.begun.contains(slow.id) { try await Task.sleep(for: .milliseconds(1)) }
        // Twenty looks.
        try await Task.sleep(for: .milliseconds(40))
        caller.cancel()
        _ = try? await caller.value
        #expect(!cluster.begun.contains(slow.id.backup))
    }
}

/// Jobs that end, hang or are given up as a test says, entered in the journal as the dispatcher does.
private final class Cluster: JobRunning {
    private struct State {
        var begun: [JobID] = []
        var withdrawn: [JobID] = []
        var hanging: Set<JobID> = []
        var held: [JobID: @Sendable () -> Bool] = [:]
        var lost: Set<JobID> = []
        var givenUp: [JobID: @Sendable () -> Bool] = [:]
        var outOfMemory: Set<JobID> = []
        var waiting: Set<JobID> = []
    }

    private let journal: Journal
    private let state = Mutex(State())

    init(journal: Journal) { self.journal = journal }

    var begun: [JobID] { state.withLock { $0.begun } }
    var withdrawn: [JobID] { state.withLock { $0.withdrawn } }

    func hang(_ job: JobID) { state.withLock { _ = $0.hanging.insert(job) } }
    /// Ends well, but not before.
    func hold(_ job: JobID, until isDue: @escaping @Sendable () -> Bool) { state.withLock { $0.held[job] = isDue } }
    func hasGivenUp(_ job: JobID) -> Bool { state.withLock { $0.lost.contains(job) } }
    func runOutOfMemory(_ job: JobID) { state.withLock { _ = $0.outOfMemory.insert(job) } }
    /// Finds no worker for these.
    func keepWaiting(_ jobs: [JobID]) { state.withLock { $0.waiting.formUnion(jobs) } }

    /// Gives what was asked for and waits to a worker.
    func assignWaiting() {
        let jobs = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting.intersection(state.begun)
        }
        for job in jobs { try? journal.record([Self.assigned(job)]) }
    }

    private static func assigned(_ job: JobID) -> JobRecord {
        .assigned(Attempt(job: job, term: .first), worker: WorkerID("w"), incarnation: Incarnation("w-1"))
    }

    func giveUp(_ job: JobID, once isDue: @escaping @Sendable () -> Bool) { state.withLock { $0.givenUp[job] = isDue } }

    func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        if let outcome = try journal.settlingOutcome(of: job.id) { return .success(outcome) }
        let isWaiting = state.withLock { $0.waiting.contains(job.id) }
        try journal.record([.submitted(job)] + (isWaiting ? [] : [Self.assigned(job.id)]))
        let plan = state.withLock { state in
            state.begun.append(job.id)
            return (state.hanging.contains(job.id), state.held[job.id], state.givenUp[job.id])
        }
        do {
            while plan.0 { try await Task.sleep(for: .seconds(100)) }
            if let isDue = plan.2 {
                while !isDue() { try await Task.sleep(for: .milliseconds(1)) }
                state.withLock { _ = $0.lost.insert(job.id) }
                return .failure(JobAbandoned(story: ["given up"]))
            }
            while let isDue = plan.1, !isDue() { try await Task.sleep(for: .milliseconds(1)) }
        } catch {
            state.withLock { $0.withdrawn.append(job.id) }
            throw error
        }
        var outcome = try await StubJobs().outcome(of: job).get()
        if state.withLock({ $0.outOfMemory.contains(job.id) }) {
            outcome = Outcome(
                job: job.id, term: .first, ending: .outOfMemory, usage: outcome.usage, message: "", log: "",
                selfReported: nil, submission: nil, environment: outcome.environment)
        }
        try journal.record([.settled(outcome)])
        return .success(outcome)
    }
}

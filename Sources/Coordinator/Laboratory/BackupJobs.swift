import Foundation
public import Journal
public import Logging
import Synchronization
public import Vocabulary

/// Runs jobs, and a second time elsewhere where a script takes far longer than it should while workers stand idle: whatever
/// ends first counts, the other is withdrawn. So one slow machine does not hold up what waits for the last of many jobs
/// (backup tasks of Dean and Ghemawat 2004, "MapReduce", section 3.6).
public struct BackupJobs: JobRunning {
    /// When a job is run a second time.
    public struct Policy: Sendable {
        /// How many times as long as expected it must have run.
        public var factor = 2.0
        /// How long it must have run in any case.
        public var least = Duration.seconds(30)
        /// Jobs of its kind that must have ended before something is expected of one whose script has not.
        public var known = 3
        /// How often a job is looked at.
        public var interval = Duration.seconds(1)

        /// The defaults.
        public init() {}
    }

    private typealias Ending = Result<Outcome, JobAbandoned>

    /// What the two tasks of a job come to.
    private enum Ended {
        case original(Ending)
        case backup(Ending)
    }

    private let jobs: any JobRunning
    private let journal: Journal
    private let policy: Policy
    private let logger: Logger
    private let hasRoom: @Sendable (_ apartFrom: WorkerID) -> Bool
    private let known = Known()

    /// Backups beside the jobs that `jobs` runs.
    ///
    /// - Parameter hasRoom: whether a worker other than this one has a free slot that no waiting job wants.
    public init(
        _ jobs: any JobRunning, journal: Journal, policy: Policy = Policy(), logger: Logger,
        hasRoom: @escaping @Sendable (_ apartFrom: WorkerID) -> Bool
    ) {
        self.jobs = jobs
        self.journal = journal
        self.policy = policy
        self.logger = logger
        self.hasRoom = hasRoom
    }

    /// Runs a job, if need be twice.
    public func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        // An earlier sitting's backup may have ended when the step that asked had not, or may be under way.
        if try journal.settlingOutcome(of: job.id) == nil,
            let outcome = try journal.settlingOutcome(of: job.id.backup), outcome.ending.isReproducible
        {
            return .success(outcome)
        }
        let isUnderWay = try journal.isUnfinished(job.id.backup)
        return try await withThrowingTaskGroup(of: Ended.self) { group in
            // What has not ended is withdrawn.
            defer {
                group.cancelAll()
                known.admit(nil, after: job.id.backup)
                known.note(job.id.backup, isAsked: false)
            }
            group.addTask { .original(try await jobs.outcome(of: job)) }
            group.addTask {
                if !isUnderWay { try await waitUntilOverdue(job) }
                known.note(job.id.backup, isAsked: true)
                return .backup(try await jobs.outcome(of: job.backup))
            }
            // Given up, while its backup may still come to something.
            var abandoned: Ending?
            while let ended = try await group.next() {
                switch ended {
                case .original(.success(let outcome)):
                    if outcome.ending == .succeeded { note(job) }
                    return .success(outcome)
                case .backup(.success(let outcome)) where outcome.ending.isReproducible: return .success(outcome)
                case .original(let ending):
                    guard known.isAsked(job.id.backup) else { return ending }
                    abandoned = ending
                case .backup:
                    if let abandoned { return abandoned }
                    known.note(job.id.backup, isAsked: false)
                }
            }
            throw CancellationError()
        }
    }

    /// Remembers how long a job took, from its assignment to its end.
    private func note(_ job: Job) {
        guard let attempt = try? journal.lastAttempt(of: job.id), let end = attempt.endedAt else { return }
        known.note(.seconds(end.timeIntervalSince(attempt.startedAt)), of: job)
    }

    private func waitUntilOverdue(_ job: Job) async throws {
        while true {
            try await Task.sleep(for: policy.interval)
            // A look that fails is no reason to end what runs.
            guard let expected = known.expected(of: job, from: policy.known),
                let attempt = try? journal.lastAttempt(of: job.id), attempt.endedAt == nil
            else { continue }
            let elapsed = Duration.seconds(Date().timeIntervalSince(attempt.startedAt))
            guard elapsed >= max(policy.least, expected * policy.factor), hasRoom(attempt.worker),
                admits(job.id.backup)
            else { continue }
            logger.info(
                "a script takes long: it is run elsewhere, too",
                metadata: [
                    "job": "\(job.id)", "worker": "\(attempt.worker)", "seconds": "\(Int(elapsed.seconds))",
                    "expected": "\(expected.seconds)",
                ])
            return
        }
    }

    /// Whether this backup is the next: one after the other, so that a single free slot does not call for many.
    private func admits(_ backup: JobID) -> Bool {
        if let last = known.admitted, (try? journal.lastAttempt(of: last)) == nil { return false }
        known.admit(backup, after: known.admitted)
        return known.admitted == backup
    }

    /// What was learned of jobs.
    private final class Known: Sendable {
        private struct State {
            var scripts: [Script: Duration] = [:]
            var kinds: [JobKind: [Duration]] = [:]
            var admitted: JobID?
            var asked: Set<JobID> = []
        }

        private let state = Mutex(State())

        /// The backup that was asked for last, until its job ends.
        var admitted: JobID? { state.withLock { $0.admitted } }

        /// Race: two may want to follow the same one; the first does.
        func admit(_ backup: JobID?, after last: JobID?) {
            state.withLock { if $0.admitted == last { $0.admitted = backup } }
        }

        /// Whether a backup was asked for and has not ended.
        func isAsked(_ backup: JobID) -> Bool { state.withLock { $0.asked.contains(backup) } }

        func note(_ backup: JobID, isAsked: Bool) {
            state.withLock { state in
                if isAsked { state.asked.insert(backup) } else { state.asked.remove(backup) }
            }
        }

        func note(_ time: Duration, of job: Job) {
            state.withLock { state in
                state.scripts[job.script] = max(state.scripts[job.script] ?? .zero, time)
                state.kinds[job.kind, default: []].append(time)
            }
        }

        /// As long as its script took at most, on other folds say; else the median of its kind, once some are known.
        func expected(of job: Job, from count: Int) -> Duration? {
            state.withLock { state in
                if let time = state.scripts[job.script] { return time }
                let times = (state.kinds[job.kind] ?? []).sorted()
                return times.count >= count ? times[times.count / 2] : nil
            }
        }
    }
}

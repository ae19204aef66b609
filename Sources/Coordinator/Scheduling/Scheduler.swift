import HeapModule
public import Vocabulary

/// Which job runs where: queue, leases and workers as one pure state machine.
///
/// `handle` takes what happened and the time and returns what to do; it does no I/O, reads no clock and throws no dice.
/// One owner calls it, commits the records of the effects, then acts.
public struct Scheduler: Sendable {
    /// A job that is not settled.
    struct JobState: Hashable, Sendable {
        enum Phase: Hashable, Sendable {
            case queued
            case leased(Lease)
        }

        let ticket: Ticket
        /// Whose share it counts in.
        let run: RunID
        /// Position among all submissions, kept when the job is queued again.
        let order: Int
        var phase: Phase = .queued
        /// Terms given so far.
        var terms = 0
        /// Attempts that were lost and count against the limit.
        var losses = 0
        /// Attempts that were handed back unfinished.
        var interruptions = 0
        var story: [Chapter] = []

        /// Takes a lease; terms are never given twice.
        mutating func hold(_ lease: Lease) {
            phase = .leased(lease)
            terms = max(terms, lease.term.rawValue)
        }
    }

    let policy: LeasePolicy
    var jobs: [JobID: JobState] = [:]
    /// The jobs under a lease, kept beside `jobs` so that nobody need look at the whole queue.
    var leased: Set<JobID> = []
    var workers: [Incarnation: WorkerState] = [:]
    /// Jobs leased to processes that have not said hello to this scheduler.
    var absent: [Incarnation: Set<JobID>] = [:]
    /// Workers with a free slot that take jobs.
    var free: Set<Incarnation> = []
    var runs: [RunID: RunState] = [:]
    /// Runs whose jobs are not given to workers now.
    var paused: Set<RunID> = []
    var nextOrder = 0
    /// No lease ends before this; renewals may have moved the end further.
    var firstExpiry: Instant?
    /// Whether something has changed since jobs were last looked at for free slots.
    var hasNews = false
    /// How often events were ignored, by reason.
    public private(set) var ignored: [IgnoreReason: Int] = [:]

    /// A scheduler that knows nothing yet.
    public init(policy: LeasePolicy = LeasePolicy()) { self.policy = policy }

    /// Takes one event in at a moment and says what to do, in order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        var effects = respond(to: event, at: now)
        assignWaiting(at: now, &effects)
        for case .ignore(let reason) in effects { ignored[reason, default: 0] += 1 }
        return effects
    }

    private mutating func respond(to event: Event, at now: Instant) -> [Effect] {
        switch event {
        case .jobSubmitted(let ticket): submit(ticket)
        case .jobWithdrawn(let job): withdraw(job)
        case .workerJoined(let hello): join(hello, at: now)
        case .workerHeard(let incarnation, let held): hear(incarnation, held: held, at: now)
        case .workerHasData(let incarnation, let data): note(data, at: incarnation)
        case .workerDraining(let incarnation): drain(incarnation)
        case .workerDeparted(let incarnation): depart(incarnation, .workerDeparted)
        case .workerLeft(let incarnation): depart(incarnation, .interrupted)
        case .runPaused(let run): pause(run)
        case .runResumed(let run): resume(run)
        case .outcomeArrived(let incarnation, let attempt, let isAnswer, let counts):
            take(attempt, from: incarnation, isAnswer: isAnswer, countsAsAttempt: counts)
        case .timePassed: expire(at: now)
        }
    }

    /// Takes up a job from the journal after a restart. A leased job waits one full lease for its worker; a job that is
    /// at the attempt limit already, because the limit was lowered or the job is wanted again, has one more attempt.
    ///
    /// Call before the first event.
    public mutating func recover(
        _ ticket: Ticket, leasedTo incarnation: Incarnation?, term: LeaseTerm?, losses: Int, interruptions: Int = 0,
        at now: Instant
    ) {
        var job = JobState(
            ticket: ticket, run: ticket.job.run, order: nextOrder,
            terms: max(ticket.earlierTerms, term?.rawValue ?? 0), losses: min(losses, policy.attemptLimit - 1),
            interruptions: interruptions)
        nextOrder += 1
        job.story.append(.recovered)
        jobs[ticket.job] = job
        if let incarnation, let term {
            lease(ticket.job, to: incarnation, term: term, at: now)
        } else {
            enqueue(job)
        }
    }

    /// What has happened to a job that is not settled.
    public func story(of job: JobID) -> [String] { jobs[job]?.story.map(\.words) ?? [] }

    /// Jobs waiting for a slot.
    public var queuedCount: Int { jobs.count - leased.count }

    /// Those of them that wait for their run to be resumed.
    public var pausedCount: Int {
        paused.isEmpty ? 0 : jobs.values.count { $0.phase == .queued && paused.contains($0.run) }
    }

    /// Jobs under a lease.
    public var leasedCount: Int { leased.count }

    /// The lease of a job; `nil` while it waits.
    public func lease(of job: JobID) -> Lease? { jobs[job]?.lease }

    /// Jobs under a lease, by holder.
    public var leases: [JobID: Lease] {
        Dictionary(uniqueKeysWithValues: leased.compactMap { job in jobs[job]?.lease.map { (job, $0) } })
    }

    /// Whether a process holds the lease of this attempt.
    public func holds(_ attempt: Attempt, by incarnation: Incarnation) -> Bool {
        guard let lease = jobs[attempt.job]?.lease else { return false }
        return lease.incarnation == incarnation && lease.term == attempt.term
    }

    /// Worker processes that have said hello, by incarnation: place, slots and jobs running.
    public var workerStates: [(incarnation: Incarnation, worker: WorkerID, slots: Int, running: Int)] {
        workers.map { ($0.key, $0.value.worker, $0.value.resources.slots, $0.value.running.count) }
            .sorted { $0.incarnation < $1.incarnation }
    }

    /// The place of a process that has said hello.
    public func worker(of incarnation: Incarnation) -> WorkerID? { workers[incarnation]?.worker }

    /// Puts a job under a lease and counts it where it runs.
    mutating func lease(_ job: JobID, to incarnation: Incarnation, term: LeaseTerm, at now: Instant) {
        let expiry = now + policy.leaseLength
        if let earlier = jobs[job]?.lease { vacate(job, at: earlier.incarnation) }
        jobs[job]?.hold(Lease(incarnation: incarnation, term: term, expiresAt: expiry, givenAt: now))
        leased.insert(job)
        firstExpiry = min(firstExpiry ?? expiry, expiry)
        occupy(job, at: incarnation)
    }
}

extension Scheduler.JobState {
    var lease: Lease? {
        if case .leased(let lease) = phase { lease } else { nil }
    }
}

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
        /// Position among all submissions, kept when the job is queued again.
        let order: Int
        var phase: Phase = .queued
        /// Terms given so far.
        var terms = 0
        /// Attempts that were lost and count against the limit.
        var losses = 0
        var story: [String] = []
    }

    /// A worker process that has said hello.
    struct WorkerState: Hashable, Sendable {
        let worker: WorkerID
        let slots: Int
        var running: Set<JobID> = []
        var isDraining = false
        var lastHeard: Instant

        var freeSlots: Int { isDraining ? 0 : max(0, slots - running.count) }
    }

    /// A place in the queue; stale when its job is no longer queued.
    struct Place: Hashable, Sendable, Comparable {
        let priority: Int
        let order: Int
        let job: JobID

        static func < (left: Place, right: Place) -> Bool {
            (right.priority, left.order) < (left.priority, right.order)
        }
    }

    let policy: LeasePolicy
    var jobs: [JobID: JobState] = [:]
    /// The jobs under a lease, kept beside `jobs` so that heartbeats need not look at the whole queue.
    var leased: Set<JobID> = []
    var workers: [Incarnation: WorkerState] = [:]
    var queue = Heap<Place>()
    var nextOrder = 0
    /// How often events were ignored, by reason.
    public private(set) var ignored: [IgnoreReason: Int] = [:]

    /// A scheduler that knows nothing yet.
    public init(policy: LeasePolicy = LeasePolicy()) { self.policy = policy }

    /// Takes one event in at a moment and says what to do, in order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        var effects = respond(to: event, at: now)
        effects += assignments(at: now)
        for case .ignore(let reason) in effects { ignored[reason, default: 0] += 1 }
        return effects
    }

    private mutating func respond(to event: Event, at now: Instant) -> [Effect] {
        switch event {
        case .jobSubmitted(let ticket): submit(ticket)
        case .jobWithdrawn(let job): withdraw(job)
        case .workerJoined(let hello): join(hello, at: now)
        case .workerHeard(let incarnation, let held): hear(incarnation, held: held, at: now)
        case .workerDraining(let incarnation): drain(incarnation)
        case .workerDeparted(let incarnation): depart(incarnation)
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
        _ ticket: Ticket, leasedTo incarnation: Incarnation?, term: LeaseTerm?, losses: Int, at now: Instant
    ) {
        var job = JobState(
            ticket: ticket, order: nextOrder, terms: max(ticket.earlierTerms, term?.rawValue ?? 0),
            losses: min(losses, policy.attemptLimit - 1))
        nextOrder += 1
        job.story.append("recovered from the journal")
        if let incarnation, let term {
            let expiry = now + policy.leaseLength
            job.phase = .leased(Lease(incarnation: incarnation, term: term, expiresAt: expiry, givenAt: now))
            leased.insert(ticket.job)
        } else {
            queue.insert(Place(priority: ticket.priority, order: job.order, job: ticket.job))
        }
        jobs[ticket.job] = job
    }

    /// What has happened to a job that is not settled.
    public func story(of job: JobID) -> [String] { jobs[job]?.story ?? [] }

    /// Jobs waiting for a slot.
    public var queuedCount: Int { jobs.count - leased.count }

    /// Jobs under a lease, by holder.
    public var leases: [JobID: Lease] {
        Dictionary(uniqueKeysWithValues: leased.compactMap { job in jobs[job]?.lease.map { (job, $0) } })
    }

    /// Worker processes that have said hello, by incarnation: place, slots and jobs running.
    public var workerStates: [(incarnation: Incarnation, worker: WorkerID, slots: Int, running: Int)] {
        workers.map { ($0.key, $0.value.worker, $0.value.slots, $0.value.running.count) }
            .sorted { $0.incarnation < $1.incarnation }
    }

    /// Gives queued jobs to free slots: the job that is first in the queue to the worker with most free slots, ties to
    /// the lower name.
    private mutating func assignments(at now: Instant) -> [Effect] {
        var effects: [Effect] = []
        while let incarnation = freest(at: now), let job = nextQueued() {
            effects.append(assign(job, to: incarnation, at: now))
        }
        return effects
    }

    private mutating func nextQueued() -> JobID? {
        while let place = queue.popMin() {
            if let job = jobs[place.job], job.phase == .queued, job.order == place.order { return place.job }
        }
        return nil
    }

    /// A worker that was silent for a lease may be gone: what it still holds waits for it, but nothing is added.
    private func freest(at now: Instant) -> Incarnation? {
        workers.filter { $0.value.freeSlots > 0 && now - $0.value.lastHeard < policy.leaseLength }.max { left, right in
            (left.value.freeSlots, right.key) < (right.value.freeSlots, left.key)
        }?.key
    }

    private mutating func assign(_ job: JobID, to incarnation: Incarnation, at now: Instant) -> Effect {
        guard var state = jobs[job] else { preconditionFailure("only jobs that are known are assigned") }
        state.terms += 1
        let term = LeaseTerm(rawValue: state.terms)
        let expiry = now + policy.leaseLength
        state.phase = .leased(Lease(incarnation: incarnation, term: term, expiresAt: expiry, givenAt: now))
        state.story.append("term \(term) to \(incarnation)")
        jobs[job] = state
        leased.insert(job)
        workers[incarnation]?.running.insert(job)
        return .assign(incarnation, Attempt(job: job, term: term))
    }
}

extension Scheduler.JobState {
    var lease: Lease? {
        if case .leased(let lease) = phase { lease } else { nil }
    }
}

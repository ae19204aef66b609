public import Vocabulary

/// What the scheduler needs to know of a job; the job itself stays in the journal.
public struct Ticket: Hashable, Sendable {
    /// The job.
    public let job: JobID
    /// Higher goes first; within one priority the earlier submission goes first.
    public let priority: Int
    /// Terms given in earlier sittings, for a job that was withdrawn and is wanted again.
    public let earlierTerms: Int
    /// What it asks of a worker beyond a free slot.
    public let needs: Needs
    /// The manifest of its data: a worker that has it already is preferred.
    public let data: ContentHash?

    /// A ticket.
    public init(
        job: JobID, priority: Int = 0, earlierTerms: Int = 0, needs: Needs = Needs(), data: ContentHash? = nil
    ) {
        self.job = job
        self.priority = priority
        self.earlierTerms = earlierTerms
        self.needs = needs
        self.data = data
    }
}

/// The right of one process of a worker to run a job until a moment.
public struct Lease: Hashable, Sendable {
    /// The holder.
    public let incarnation: Incarnation
    /// The lease's number.
    public let term: LeaseTerm
    /// When it was given or last renewed plus the lease length.
    public var expiresAt: Instant
    /// When it was given.
    public let givenAt: Instant

    /// A lease.
    public init(incarnation: Incarnation, term: LeaseTerm, expiresAt: Instant, givenAt: Instant) {
        self.incarnation = incarnation
        self.term = term
        self.expiresAt = expiresAt
        self.givenAt = givenAt
    }
}

/// How long leases last and how often a job is tried.
public struct LeasePolicy: Hashable, Sendable {
    /// How long a lease lasts without a heartbeat that names its job.
    public var leaseLength: Duration
    /// How long after an assignment a heartbeat may still lack the job, because the two crossed on the way.
    public var assignmentGrace: Duration
    /// Attempts that may be lost before the job is given up as one that takes its workers down.
    public var attemptLimit: Int
    /// Attempts that workers may hand back unfinished because they end, before further ones count as lost: a script that ends its
    /// worker the gentle way must not go round for ever.
    public var interruptionLimit = 20

    /// The defaults of decision record 0005.
    public init(
        leaseLength: Duration = .seconds(30), assignmentGrace: Duration = .seconds(10), attemptLimit: Int = 4
    ) {
        self.leaseLength = leaseLength
        self.assignmentGrace = assignmentGrace
        self.attemptLimit = attemptLimit
    }
}

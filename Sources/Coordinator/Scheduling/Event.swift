public import Vocabulary

/// What a worker says of itself when it joins.
public struct WorkerHello: Hashable, Sendable {
    /// Its place.
    public let worker: WorkerID
    /// Its process.
    public let incarnation: Incarnation
    /// What it has to give.
    public let resources: Resources
    /// Attempts it runs or whose outcomes it still holds.
    public let held: [Attempt]
    /// Manifests of the data it has already.
    public let data: Set<ContentHash>

    /// A hello.
    public init(
        worker: WorkerID, incarnation: Incarnation, resources: Resources, held: [Attempt] = [],
        data: Set<ContentHash> = []
    ) {
        self.worker = worker
        self.incarnation = incarnation
        self.resources = resources
        self.held = held
        self.data = data
    }
}

/// Something that happened, told to the scheduler.
public enum Event: Hashable, Sendable {
    /// The search wants a job run. A job that is known already stays as it is.
    case jobSubmitted(Ticket)
    /// Nobody waits for the job any more.
    case jobWithdrawn(JobID)
    /// A worker joined or, after it lost sight of the coordinator, joined again.
    case workerJoined(WorkerHello)
    /// A worker's heartbeat names everything it holds.
    case workerHeard(Incarnation, held: [Attempt])
    /// A worker says which data it has; sent when that has changed.
    case workerHasData(Incarnation, Set<ContentHash>)
    /// A worker takes no further jobs.
    case workerDraining(Incarnation)
    /// A worker's process is known to have ended, nobody knows how.
    case workerDeparted(Incarnation)
    /// A worker said goodbye: it has handed in what it ran, and what it does not name it never began.
    case workerLeft(Incarnation)
    /// No more jobs of the run are given to workers until it is resumed; what runs goes on.
    case runPaused(RunID)
    /// Jobs of the run are given to workers again.
    case runResumed(RunID)
    /// An outcome arrived; `isAnswer` tells whether it says something about the script.
    case outcomeArrived(Incarnation, Attempt, isAnswer: Bool, countsAsAttempt: Bool)
    /// Time to look at the leases.
    case timePassed
}

/// What the shell must do. All records of one batch commit before anything is sent.
public enum Effect: Hashable, Sendable {
    /// Record the attempt and send the job to the worker.
    case assign(Incarnation, Attempt)
    /// Tell the worker to stop an attempt that counts nowhere any more.
    case revoke(Incarnation, Attempt)
    /// Record the outcome as the job's and hand it to whoever waits.
    case settle(Incarnation, Attempt)
    /// Record the outcome as late; it counts nowhere.
    case recordLate(Incarnation, Attempt)
    /// Tell the worker that its outcome is safe.
    case acknowledge(Incarnation, Attempt)
    /// Record that an attempt ended without an outcome.
    case attemptLost(Attempt, LossReason)
    /// Record that a worker took an attempt up again under its old lease.
    case attemptAdopted(Incarnation, Attempt)
    /// Give the job up; the story tells why.
    case abandon(JobID, story: [String])
    /// Answer a hello.
    case welcome(Incarnation)
    /// Ask an unknown sender to say hello.
    case askForHello(Incarnation)
    /// Nothing to do; the reason is counted.
    case ignore(IgnoreReason)
}

/// Why an attempt ended without an outcome.
public enum LossReason: String, Hashable, Sendable, Codable {
    /// No heartbeat named the job until its lease ended.
    case leaseExpired = "lease expired"
    /// The worker's process ended.
    case workerDeparted = "worker departed"
    /// The worker does not know of the attempt.
    case notHeld = "not held by the worker"
    /// The worker stopped it or left before it began, or another attempt settled the job.
    case interrupted
    /// The worker stopped it or left before it began, oftener than is taken for chance.
    case interruptedTooOften = "interrupted too often"
    /// The worker could not start it.
    case unavailable

    /// Whether it counts against the limit of attempts: whether the script may be why.
    public var counts: Bool { self != .interrupted }
}

/// Why an event changed nothing.
public enum IgnoreReason: String, Hashable, Sendable {
    case jobKnown = "job is known already"
    case jobUnknown = "job is unknown or settled"
    case workerUnknown = "worker is unknown"
    case nothingDue = "nothing is due"
    case slotsInvalid = "a worker needs at least one slot"
}

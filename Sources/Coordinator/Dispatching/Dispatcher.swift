import Dispatch
import Foundation
public import Journal
public import Logging
public import Scheduling
import Synchronization
public import Vocabulary
import ZeroMQ

/// What came of a job.
public enum JobResult: Sendable {
    /// A worker ran the script.
    case outcome(Outcome)
    /// No worker could run it; the job's story, and whether its script is not run again because it, or one like it, took
    /// its workers down.
    case abandoned(story: [String], isQuarantined: Bool)
}

extension Ticket {
    /// After everything else.
    private static let backupPriority = -1

    /// A job's ticket.
    init(_ job: Job, earlierTerms: Int) {
        self.init(
            job: job.id, priority: job.id.original == nil ? job.kind.priority : Self.backupPriority,
            earlierTerms: earlierTerms, needs: job.needs,
            data: job.mount.manifest)
    }
}

extension JobKind {
    /// What has the longer way to the end of the search before it goes first: everything of a solution waits for its first
    /// scripts, and refinements wait for the ablation.
    var priority: Int {
        switch self {
        case .candidateEvaluation: 2
        case .ablation: 1
        case .parallelSolution, .ensemble, .submission: 0
        }
    }
}

/// The coordinator's door to its workers: one thread owns the ROUTER socket and the scheduler.
///
/// Each turn of the thread takes everything that has arrived, lets the scheduler decide, commits the records of the
/// whole batch in one transaction, and only then sends and answers. A commit that fails ends the dispatcher: what is
/// known is what the journal holds, and a new dispatcher begins from there.
public final class Dispatcher: Sendable {
    /// How the door is set up.
    public struct Settings: Sendable {
        /// Where to listen, such as `ipc:///path` or `tcp://127.0.0.1:5555`.
        public var endpoint: String
        /// How leases last.
        public var leases: LeasePolicy
        /// How often workers send heartbeats.
        public var heartbeat: Duration
        /// A second endpoint, `ipc://`, for workers of this user on this machine; they need no key.
        public var privateEndpoint: String?
        /// Who is let in over TCP; `nil` for everybody.
        public var keys: KeyFolder?
        /// How much one peer may say.
        public var limits = PeerLimits()
        /// How long workers that are dismissed are waited for; a word to one that was being reached anew would be lost.
        public var farewell = Duration.seconds(5)

        /// Settings.
        public init(
            endpoint: String, privateEndpoint: String? = nil, keys: KeyFolder? = nil,
            leases: LeasePolicy = LeasePolicy(), heartbeat: Duration = .seconds(1)
        ) {
            self.endpoint = endpoint
            self.privateEndpoint = privateEndpoint
            self.keys = keys
            self.leases = leases
            self.heartbeat = heartbeat
        }
    }

    let settings: Settings
    let journal: Journal
    let logger: Logger
    let wakeup: Wakeup
    let mailbox = Mutex(Mailbox())
    private let snapshot = Mutex(DispatchSnapshot())
    private let reading = DispatchQueue(label: "mounts", qos: .utility)

    /// What other threads leave for the dispatcher's thread.
    struct Mailbox {
        var orders: [Order] = []
        var isClosed = false
    }

    /// What other threads want.
    enum Order: Sendable {
        case run(Job, CheckedContinuation<JobResult, any Error>)
        case withdraw(JobID)
        case withdrawUnwanted(RunID, sparesSubmissions: Bool)
        case departed(WorkerID)
        case recover([UnfinishedJob])
        case know(ContentHash, Result<MountIndex, ManifestMismatch>)
        case pause(RunID)
        case resume(RunID)
        case drain(WorkerID?, handsBack: Bool, CheckedContinuation<DrainAnswer, Never>)
        case close(dismissWorkers: Bool)
    }

    /// A door that is not open yet.
    public init(settings: Settings, journal: Journal, logger: Logger) throws {
        self.settings = settings
        self.journal = journal
        self.logger = logger
        wakeup = try Wakeup()
    }

    /// What the dispatcher is doing now, for progress displays.
    public var now: DispatchSnapshot { snapshot.withLock { $0 } }

    /// Serves until `close` is called or the task is cancelled.
    ///
    /// - Parameter onListening: called with the endpoint once workers can connect.
    /// - Throws: `DispatchError` when the endpoint cannot be bound, or what the journal throws.
    public func serve(onListening: @escaping @Sendable (String) -> Void) async throws {
        try await withTaskCancellationHandler {
            try await serveInThread(onListening)
        } onCancel: {
            close(dismissWorkers: false)
        }
    }

    private func serveInThread(_ onListening: @escaping @Sendable (String) -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let thread = Thread {
                let result = Result {
                    var loop = try DispatchLoop(self)
                    onListening(loop.endpoint)
                    try loop.run()
                }
                self.refuseFurtherOrders(because: result)
                continuation.resume(with: result)
            }
            thread.name = "dispatcher"
            thread.start()
        }
    }

    /// Runs a job on some worker. A job the journal has settled answers at once.
    ///
    /// A cancelled caller withdraws the job.
    public func run(_ job: Job) async throws -> JobResult {
        // Whether the job is settled already is for the dispatcher's thread to say: asked here, an outcome could come
        // between the question and the order, and a finished training would be repeated.
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                order(.run(job, continuation))
                // Race: a task that was cancelled before this has ordered its withdrawal already, of nothing.
                if Task.isCancelled { order(.withdraw(job.id)) }
            }
        } onCancel: {
            order(.withdraw(job.id))
        }
    }

    /// Takes up what an earlier coordinator left unfinished of these runs; before their searches begin.
    public func recover(_ runs: [RunID]) throws {
        for run in runs {
            if try journal.wish(for: run) == .pause { pause(run) }
        }
        order(.recover(try journal.unfinishedJobs(of: runs)))
    }

    /// Withdraws jobs of a run that were taken up from the journal and that its search has not asked for: when it will not
    /// ask for them any more.
    ///
    /// - Parameter sparesSubmissions: whether it may still ask for its last scripts.
    public func withdrawUnwanted(of run: RunID, sparesSubmissions: Bool) {
        order(.withdrawUnwanted(run, sparesSubmissions: sparesSubmissions))
    }

    /// Gives no more jobs of a run to workers until it is resumed; what runs goes on.
    public func pause(_ run: RunID) { order(.pause(run)) }

    /// Gives jobs of a run to workers again.
    public func resume(_ run: RunID) { order(.resume(run)) }

    /// Gives no more jobs to a worker and asks it to end, after what it runs or, where `handsBack` says so, at once.
    ///
    /// The workers are asked again with every heartbeat until they have heard it. May be called again to learn that.
    ///
    /// - Parameter worker: `nil` for all workers that are there.
    public func drain(_ worker: WorkerID?, handsBack: Bool) async -> DrainAnswer {
        await withCheckedContinuation { order(.drain(worker, handsBack: handsBack, $0)) }
    }

    /// Tells that a worker's process is known to have ended.
    public func workerDeparted(_ worker: WorkerID) { order(.departed(worker)) }

    /// Ends `serve`.
    ///
    /// - Parameter dismissWorkers: whether the workers should end too.
    public func close(dismissWorkers: Bool) { order(.close(dismissWorkers: dismissWorkers)) }

    /// Looks at the files of a mount, one mount after the other, and tells the dispatcher's thread.
    func lookAtFiles(of mount: Mount) {
        reading.async { self.order(.know(mount.manifest, MountIndex.look(at: mount))) }
    }

    /// What an interrupted attempt left; a job whose checkpoint is damaged begins anew.
    func checkpoint(of job: Job) -> Checkpoint? {
        do {
            return try journal.checkpoint(of: job.id).map { Checkpoint(term: $0.term, files: $0.files) }
        } catch {
            logger.error(
                "a checkpoint cannot be read; the script begins anew",
                metadata: ["job": "\(job.id)", "why": "\(error)"])
            return nil
        }
    }

    func publish(_ snapshot: DispatchSnapshot) { self.snapshot.withLock { $0 = snapshot } }

    private func order(_ order: Order) {
        let isClosed = mailbox.withLock { mailbox in
            if !mailbox.isClosed { mailbox.orders.append(order) }
            return mailbox.isClosed
        }
        if isClosed {
            if case .run(_, let continuation) = order { continuation.resume(throwing: CancellationError()) }
            if case .drain(_, _, let continuation) = order { continuation.resume(returning: .closed) }
        } else {
            wakeup.ring()
        }
    }

    private func refuseFurtherOrders(because result: Result<Void, any Error>) {
        let left = mailbox.withLock { mailbox in
            mailbox.isClosed = true
            defer { mailbox.orders = [] }
            return mailbox.orders
        }
        for case .drain(_, _, let continuation) in left { continuation.resume(returning: .closed) }
        for case .run(_, let continuation) in left {
            switch result {
            case .success: continuation.resume(throwing: CancellationError())
            case .failure(let error): continuation.resume(throwing: error)
            }
        }
    }
}

/// What came of asking workers to take no more jobs.
public enum DrainAnswer: Hashable, Sendable {
    /// No such worker is there; who is.
    case absent(there: [WorkerID])
    /// Some have not said yet that they know.
    case asked
    /// They know; what each still runs.
    case heeded([WorkerLoad])
    /// The dispatcher has ended.
    case closed
}

/// What the dispatcher is doing at a moment.
public struct DispatchSnapshot: Hashable, Sendable {
    /// Jobs under a lease, by what they are run for.
    public var running: [JobID: JobKind] = [:]
    /// Jobs waiting for a slot.
    public var queued = 0
    /// Those of them whose runs are paused.
    public var paused = 0
    /// Workers that have said hello.
    public var workers: [WorkerID] = []
    /// Slots of all workers together.
    public var slots = 0
    /// Why jobs wait for workers that are not there, by run.
    public var obstacles: [RunID: String] = [:]
    /// Each worker's slots and the jobs it runs.
    public var loads: [WorkerLoad] = []
    /// What has been counted since the dispatcher began.
    public var counts = DispatchCounts()

    /// Slots that a waiting or running job fills.
    public var fillableSlots: Int { queued - paused + running.count }
    /// Messages that were not read: over a limit, malformed, or not their sender's to say.
    public var refusedMessages: Int { counts.refusals }
}

/// Why the door cannot be opened.
public struct DispatchError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried and what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}

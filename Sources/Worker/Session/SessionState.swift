import Vocabulary
import Wire

/// The worker's side of the protocol as a pure value: what it holds, whom it has heard, what to do next.
struct SessionState {
    enum Command: Hashable {
        case send(WorkerMessage)
        case start(Job, LeaseTerm, Checkpoint? = nil)
        case stop(Attempt)
        case drop(Attempt)
        /// Nothing was heard for long: the connection may be one that the other side no longer knows of.
        case reconnect
        case end(SessionEnding)
    }

    let capabilities: Capabilities
    let orphanTimeout: Duration?
    private(set) var running: Set<Attempt> = []
    /// Attempts whose outcomes are on disk and not acknowledged.
    private(set) var finished: Set<Attempt>
    private var isWelcome = false
    private var heartbeatInterval = Duration.seconds(1)
    private var lastHeard: Instant
    private var nextBeat: Instant
    private var connected: Instant
    private var isStopping = false

    /// How long nothing is heard, though every heartbeat is answered, before the worker connects anew.
    private var patience: Duration { max(.seconds(15), heartbeatInterval * 3) }

    init(capabilities: Capabilities, orphanTimeout: Duration?, finished: Set<Attempt>, now: Instant) {
        self.capabilities = capabilities
        self.orphanTimeout = orphanTimeout
        self.finished = finished
        lastHeard = now
        nextBeat = now
        connected = now
    }

    /// When `timePassed` wants to be called next.
    var nextDue: Instant { nextBeat }

    private var held: [Attempt] {
        running.union(finished).sorted { ($0.job, $0.term) < ($1.job, $1.term) }
    }

    mutating func receive(_ message: CoordinatorMessage, at now: Instant) -> [Command] {
        lastHeard = now
        switch message {
        case .welcome(let heartbeat):
            isWelcome = true
            heartbeatInterval = heartbeat
            nextBeat = now + heartbeat
            return []
        case .refused(let reason): return [.end(.refused(reason))]
        case .askForHello:
            isWelcome = false
            nextBeat = now + heartbeatInterval
            return [.send(.hello(capabilities, held: held))]
        case .assignment(let job, let term, let checkpoint): return assign(job, term, checkpoint)
        case .revocation(let attempt): return revoke(attempt)
        case .acknowledgement(let attempt):
            finished.remove(attempt)
            return [.drop(attempt)]
        case .heartbeatAnswer: return []
        case .shutdown: return running.map { .stop($0) } + [.send(.goodbye), .end(.dismissed)]
        }
    }

    /// A script has ended and its outcome is on disk.
    mutating func finish(_ outcome: Outcome) -> [Command] {
        // A revoked attempt is in neither set: its outcome counts nowhere.
        guard running.remove(outcome.attempt) != nil else { return [.drop(outcome.attempt)] }
        finished.insert(outcome.attempt)
        let report: [Command] = isWelcome ? [.send(.outcome(outcome))] : []
        return report + (isStopping && running.isEmpty ? [.send(.goodbye), .end(.stopped)] : [])
    }

    mutating func timePassed(at now: Instant) -> [Command] {
        if let orphanTimeout, now - lastHeard >= orphanTimeout { return [.end(.orphaned)] }
        var commands: [Command] = []
        if now - max(lastHeard, connected) >= patience {
            connected = now
            commands.append(.reconnect)
        }
        guard now >= nextBeat else { return commands }
        nextBeat = now + heartbeatInterval
        return commands + [.send(isWelcome ? .heartbeat(held: held) : .hello(capabilities, held: held))]
    }

    /// The user wants the worker to end: running scripts are stopped and handed back.
    mutating func stop() -> [Command] {
        isStopping = true
        let stops = running.sorted { $0.job < $1.job }.map(Command.stop)
        return [.send(.draining)] + stops + (running.isEmpty ? [.send(.goodbye), .end(.stopped)] : [])
    }

    private mutating func assign(_ job: Job, _ term: LeaseTerm, _ checkpoint: Checkpoint?) -> [Command] {
        let attempt = Attempt(job: job.id, term: term)
        // Delivery is at least once; an attempt is started once.
        guard !running.contains(attempt), !finished.contains(attempt), !isStopping else { return [] }
        running.insert(attempt)
        return [.start(job, term, checkpoint)]
    }

    private mutating func revoke(_ attempt: Attempt) -> [Command] {
        if running.remove(attempt) != nil { return [.stop(attempt)] }
        // A finished outcome is dropped only when it is acknowledged: the coordinator files it as late and says so.
        return []
    }
}

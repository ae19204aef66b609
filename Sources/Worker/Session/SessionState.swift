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
    private(set) var isWelcome = false
    /// Manifests of the data on this machine.
    private var data: Set<ContentHash>
    /// What the coordinator was told last of it.
    private var toldData: Set<ContentHash> = []
    private var heartbeatInterval = Duration.seconds(1)
    private var lastHeard: Instant
    private var nextBeat: Instant
    private var connected: Instant
    private var isStopping = false
    /// When a stopping worker stops waiting for what it handed in to be acknowledged.
    private var handInEnds: Instant?

    /// How long nothing is heard, though every heartbeat is answered, before the worker connects anew.
    /// How long a stopping worker waits for that, where the coordinator is heard at all.
    private static let handInPatience = Duration.seconds(30)

    private var patience: Duration { max(.seconds(15), heartbeatInterval * 3) }

    init(capabilities: Capabilities, orphanTimeout: Duration?, finished: Set<Attempt>, now: Instant) {
        self.capabilities = capabilities
        self.orphanTimeout = orphanTimeout
        self.finished = finished
        data = capabilities.data
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
            return [.send(hello())]
        case .assignment(let job, let term, let checkpoint): return assign(job, term, checkpoint)
        case .revocation(let attempt): return revoke(attempt)
        case .acknowledgement(let attempt):
            finished.remove(attempt)
            return [.drop(attempt)] + endIfDone(at: now)
        case .heartbeatAnswer, .dataChunk, .dataRefusal: return []
        case .shutdown: return running.map { .stop($0) } + [.send(.goodbye), .end(.dismissed)]
        }
    }

    /// A script has ended and its outcome is on disk.
    mutating func finish(_ outcome: Outcome, at now: Instant) -> [Command] {
        // A revoked attempt is in neither set: its outcome counts nowhere.
        guard running.remove(outcome.attempt) != nil else { return [.drop(outcome.attempt)] + endIfDone(at: now) }
        finished.insert(outcome.attempt)
        let report: [Command] = isWelcome ? [.send(.outcome(outcome))] : []
        return report + endIfDone(at: now)
    }

    mutating func timePassed(at now: Instant) -> [Command] {
        if let orphanTimeout, now - lastHeard >= orphanTimeout { return [.end(.orphaned)] }
        var commands = endIfDone(at: now)
        if now - max(lastHeard, connected) >= patience {
            connected = now
            // What was said last may be lost.
            toldData = []
            commands.append(.reconnect)
        }
        guard now >= nextBeat else { return commands }
        nextBeat = now + heartbeatInterval
        return commands + [.send(isWelcome ? heartbeat() : hello())]
    }

    /// Data has come or was removed; told with the next heartbeat.
    mutating func has(_ data: Set<ContentHash>) { self.data = data }

    private mutating func hello() -> WorkerMessage {
        toldData = data
        return .hello(capabilities.having(data), held: held)
    }

    private mutating func heartbeat() -> WorkerMessage {
        defer { toldData = data }
        return .heartbeat(held: held, data: data == toldData ? nil : data)
    }

    /// The user wants the worker to end: running scripts are stopped and handed back.
    mutating func stop(at now: Instant) -> [Command] {
        isStopping = true
        let stops = running.sorted { $0.job < $1.job }.map(Command.stop)
        return [.send(.draining)] + stops + endIfDone(at: now)
    }

    /// Ends a stopping worker that has nothing left to hand in, or nobody who takes it.
    private mutating func endIfDone(at now: Instant) -> [Command] {
        guard isStopping, running.isEmpty else { return [] }
        let ends = handInEnds ?? now + Self.handInPatience
        handInEnds = ends
        guard finished.isEmpty || now >= ends || now - lastHeard >= patience else { return [] }
        return [.send(.goodbye), .end(.stopped)]
    }

    private mutating func assign(_ job: Job, _ term: LeaseTerm, _ checkpoint: Checkpoint?) -> [Command] {
        let attempt = Attempt(job: job.id, term: term)
        // Delivery is at least once; an attempt is started once.
        guard !running.contains(attempt), !finished.contains(attempt) else { return [] }
        guard !isStopping else {
            // Race: it was assigned before the coordinator heard that this worker stops.
            return [
                .send(
                    .outcome(
                        Outcome(
                            job: job.id, term: term, ending: .interrupted, usage: .none,
                            message: "the worker was told to end", log: "", selfReported: nil, submission: nil,
                            environment: capabilities.environment)))
            ]
        }
        running.insert(attempt)
        return [.start(job, term, checkpoint)]
    }

    private mutating func revoke(_ attempt: Attempt) -> [Command] {
        if running.remove(attempt) != nil { return [.stop(attempt)] }
        // A finished outcome is dropped only when it is acknowledged: the coordinator files it as late and says so.
        return []
    }
}

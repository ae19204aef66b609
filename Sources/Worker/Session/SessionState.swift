import Vocabulary
import Wire

/// The worker's side of the protocol as a pure value: what it holds, whom it has heard, what to do next.
struct SessionState {
    enum Command: Hashable {
        case send(WorkerMessage)
        case start(Job, LeaseTerm, Checkpoint? = nil)
        case stop(Attempt)
        case drop(Attempt)
        /// Tell what an attempt that runs has printed last.
        case tell(Attempt)
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
    /// What the coordinator was told last of it; `nil` when that may be lost.
    private var toldData: Set<ContentHash>? = []
    private var heartbeatInterval = Duration.seconds(1)
    private var lastHeard: Instant
    private var nextBeat: Instant
    private var connected: Instant
    /// How the worker will end; it takes nothing more.
    private var leaving: SessionEnding?
    /// When a stopping worker stops waiting for what it handed in to be acknowledged.
    private var handInEnds: Instant?
    /// Tails that may still be told before `nextTails`.
    private var tailsLeft = Self.tailsPerSecond
    private var nextTails: Instant

    /// What a worker tells of its logs at most.
    static let tailsPerSecond = 32

    /// How long a stopping worker waits for that, where the coordinator is heard at all.
    private static let handInPatience = Duration.seconds(30)

    /// How long nothing is heard, though every heartbeat is answered, before the worker connects anew.
    private var patience: Duration { max(.seconds(15), heartbeatInterval * 3) }

    init(capabilities: Capabilities, orphanTimeout: Duration?, finished: Set<Attempt>, now: Instant) {
        self.capabilities = capabilities
        self.orphanTimeout = orphanTimeout
        self.finished = finished
        data = capabilities.data
        lastHeard = now
        nextBeat = now
        connected = now
        nextTails = now + .seconds(1)
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
            return hello()
        case .assignment(let job, let term, let checkpoint): return assign(job, term, checkpoint)
        case .revocation(let attempt): return revoke(attempt)
        case .acknowledgement(let attempt):
            finished.remove(attempt)
            return [.drop(attempt)] + endIfDone(at: now)
        case .heartbeatAnswer, .dataChunk, .dataRefusal: return []
        case .shutdown: return running.map { .stop($0) } + [.send(.goodbye), .end(.dismissed)]
        case .drain(let handsBack): return drain(handsBack: handsBack, at: now)
        case .logRequest(let attempt): return tell(attempt, at: now)
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
            toldData = nil
            commands.append(.reconnect)
        }
        guard now >= nextBeat else { return commands }
        nextBeat = now + heartbeatInterval
        return commands + (isWelcome ? [.send(heartbeat())] : hello())
    }

    /// Data has come or was removed; told with the next heartbeat.
    mutating func has(_ data: Set<ContentHash>) { self.data = data }

    /// A message could not be queued: the data it told of is told with the next heartbeat.
    mutating func failed(toSend message: WorkerMessage) {
        switch message {
        case .hello, .heartbeat: toldData = nil
        case .outcome, .draining, .goodbye, .dataRequest, .logTail: break
        }
    }

    /// A new coordinator does not know that this worker is leaving.
    private mutating func hello() -> [Command] {
        toldData = data
        return [.send(.hello(capabilities.having(data), held: held))] + (leaving == nil ? [] : [.send(.draining)])
    }

    private mutating func heartbeat() -> WorkerMessage {
        defer { toldData = data }
        return .heartbeat(held: held, data: data == toldData ? nil : data)
    }

    /// The user wants the worker to end: running scripts are stopped and handed back.
    mutating func stop(at now: Instant) -> [Command] {
        leaving = .stopped
        return [.send(.draining)] + stops + endIfDone(at: now)
    }

    /// The coordinator wants the worker to end, after what it runs or at once; said again until it has been heard.
    private mutating func drain(handsBack: Bool, at now: Instant) -> [Command] {
        if leaving == nil { leaving = .drained }
        return [.send(.draining)] + (handsBack ? stops : []) + endIfDone(at: now)
    }

    private var stops: [Command] { running.sorted { $0.job < $1.job }.map(Command.stop) }

    /// Ends a leaving worker that has nothing left to hand in; a stopped one also when nobody takes it, because what is on
    /// its disk is handed in by the next process. A drained one has no next.
    private mutating func endIfDone(at now: Instant) -> [Command] {
        guard let leaving, running.isEmpty else { return [] }
        let ends = handInEnds ?? now + Self.handInPatience
        handInEnds = ends
        let isGivenUp = leaving == .stopped && (now >= ends || now - lastHeard >= patience)
        guard finished.isEmpty || isGivenUp else { return [] }
        return [.send(.goodbye), .end(leaving)]
    }

    private mutating func tell(_ attempt: Attempt, at now: Instant) -> [Command] {
        if now >= nextTails { (tailsLeft, nextTails) = (Self.tailsPerSecond, now + .seconds(1)) }
        guard running.contains(attempt), tailsLeft > 0 else { return [] }
        tailsLeft -= 1
        return [.tell(attempt)]
    }

    private mutating func assign(_ job: Job, _ term: LeaseTerm, _ checkpoint: Checkpoint?) -> [Command] {
        let attempt = Attempt(job: job.id, term: term)
        // Delivery is at least once; an attempt is started once.
        guard !running.contains(attempt), !finished.contains(attempt) else { return [] }
        // Race: it was assigned before the coordinator heard that this worker is leaving, if it ever did.
        if leaving != nil { return [.send(.draining), .send(.outcome(declined(attempt)))] }
        running.insert(attempt)
        return [.start(job, term, checkpoint)]
    }

    private func declined(_ attempt: Attempt) -> Outcome {
        Outcome(
            job: attempt.job, term: attempt.term, ending: .interrupted, usage: .none,
            message: "the worker takes no more jobs", log: "", selfReported: nil, submission: nil,
            environment: capabilities.environment, sandbox: capabilities.sandbox)
    }

    private mutating func revoke(_ attempt: Attempt) -> [Command] {
        if running.remove(attempt) != nil { return [.stop(attempt)] }
        // A finished outcome is dropped only when it is acknowledged: the coordinator files it as late and says so.
        return []
    }
}

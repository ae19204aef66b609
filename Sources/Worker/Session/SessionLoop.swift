import Execution
import Foundation
import Keys
import Logging
import Synchronization
import Vocabulary
import Wire
import ZeroMQ

/// The session's thread: everything it owns and one turn after the other.
struct SessionLoop {
    private let session: WorkerSession
    private let socket: ZeroMQSocket
    private var line: LineWatch
    private let start: (WorkerSession.Start) -> Void
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant
    private var outbox: Outbox
    private var state: SessionState
    private var stopLines: [Attempt: StopLine] = [:]
    private var deliveries = Deliveries()

    init(_ session: WorkerSession, start: @escaping (WorkerSession.Start) -> Void) throws {
        let settings = session.settings
        self.session = session
        self.start = start
        began = clock.now
        outbox = try Outbox(folder: "\(settings.folder)/outbox")
        let digits = UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(16)
        let incarnation = Incarnation("\(settings.worker)-\(digits)")
        let context = try ZeroMQContext()
        socket = try ZeroMQSocket(.dealer, in: context)
        try socket.setRoutingName(incarnation.rawValue)
        try socket.setImmediate()
        try socket.setMaximumMessage(bytes: Int64(maximumFrameBytes))
        try socket.noticeLostPeers()
        if let key = settings.key { try socket.useCurve(as: key.pair, to: key.server) }
        line = try LineWatch(socket, in: context, settings: settings, logger: session.logger)
        try socket.connect(settings.coordinator)
        let capabilities = Capabilities(
            worker: settings.worker, incarnation: incarnation, slots: settings.slots,
            coresPerSlot: settings.coresPerSlot, memoryBytes: settings.memoryBytes,
            environment: session.runner.environment.fingerprint, host: settings.host,
            packages: session.runner.environment.packages, sandbox: session.runner.sandbox.sandbox,
            gpus: session.runner.graphicsProcessors, environmentNames: settings.environmentNames,
            data: session.data.held)
        state = SessionState(
            capabilities: capabilities, orphanTimeout: settings.orphanTimeout,
            finished: Set(outbox.pending.keys), now: Instant(.zero))
    }

    /// Takes turns until the session ends.
    mutating func run() throws -> SessionEnding {
        defer {
            // However it ends: whoever waits for scripts must not wait for what nobody will stop.
            for line in stopLines.values { line.pull() }
            socket.stopMonitor()
        }
        while true {
            if let ending = try turn() { return ending }
            let pause = min(.milliseconds(500), max(.milliseconds(1), state.nextDue - now))
            try ZeroMQSocket.wait(for: pause, on: [socket, line.events], orUntil: session.wakeup)
        }
    }

    private var now: Instant { Instant(began.duration(to: clock.now)) }

    private mutating func turn() throws -> SessionEnding? {
        if let refusal = try line.look(at: now) { return .refused(refusal) }
        state.has(session.data.held)
        session.runner.tend()
        var commands = state.timePassed(at: now)
        while let frame = try socket.receiveLastFrame() { commands += received(frame) }
        let (outcomes, isStopping) = session.mailbox.withLock { mailbox in
            defer { mailbox = WorkerSession.Mailbox() }
            return (mailbox.outcomes, mailbox.isStopping)
        }
        let fresh = outcomes.filter { state.running.contains($0.attempt) }
        for outcome in outcomes {
            session.logger.info(
                "ended",
                metadata: [
                    "run": "\(outcome.job.run)", "job": "\(outcome.job)", "term": "\(outcome.term)",
                    "ending": "\(outcome.ending)",
                ])
            stopLines[outcome.attempt] = nil
            commands += state.finish(outcome, at: now)
        }
        if isStopping { commands += state.stop(at: now) }
        // The coordinator need not wait for this disk: it has its own. Ours is for when it cannot be reached.
        for command in commands {
            switch command {
            case .send(.outcome(let outcome)): try send(outcome)
            case .send(let message):
                if try !socket.send([try message.encoded()]) { state.failed(toSend: message) }
            case .reconnect where deliveries.isLineFree(at: now):
                try socket.reconnect(session.settings.coordinator)
                deliveries.beginAnew()
            default: break
            }
        }
        for outcome in fresh { try outbox.keep(outcome) }
        try requestData()
        try resend()
        return try carryOut(commands)
    }

    private mutating func carryOut(_ commands: [SessionState.Command]) throws -> SessionEnding? {
        for command in commands {
            switch command {
            case .send, .reconnect: break
            case .tell(let attempt):
                let tail = WorkerMessage.logTail(session.runner.tail(of: attempt))
                _ = try socket.send([try tail.encoded()])
            case .start(let job, let term, let checkpoint):
                let line = StopLine()
                stopLines[Attempt(job: job.id, term: term)] = line
                session.logger.info(
                    "started", metadata: ["run": "\(job.id.run)", "job": "\(job.id)", "term": "\(term)"])
                start(WorkerSession.Start(job: job, term: term, stopLine: line, checkpoint: checkpoint))
            case .stop(let attempt): stopLines[attempt]?.pull()
            case .drop(let attempt):
                // An attempt that was interrupted goes on elsewhere or later, perhaps here: its checkpoint stays.
                if outbox.pending[attempt]?.ending.isAnswer == true { session.runner.discardCheckpoint(of: attempt) }
                outbox.drop(attempt)
            case .end(let ending): return ending
            }
        }
        return nil
    }

    /// Sends again what should have arrived by now.
    private mutating func resend() throws {
        let now = self.now
        for (attempt, outcome) in outbox.pending where deliveries.isDue(attempt, at: now) { try send(outcome) }
        deliveries.forget(allBut: outbox.pending.keys)
    }

    private mutating func send(_ outcome: Outcome) throws {
        let bytes = try WorkerMessage.outcome(outcome).encoded()
        if try socket.send([bytes]) {
            deliveries.sent(outcome.attempt, bytes: bytes.count, at: now)
        } else {
            deliveries.failed(outcome.attempt, at: now)
        }
    }

    /// What is lost here is asked for again.
    private func requestData() throws {
        let requests = session.requests.waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        guard state.isWelcome else { return }
        for request in requests { _ = try socket.send([try WorkerMessage.dataRequest(request).encoded()]) }
    }

    private mutating func received(_ frame: Data) -> [SessionState.Command] {
        do {
            let message = try CoordinatorMessage(decoding: frame)
            switch message {
            case .dataChunk(let chunk): session.data.receive(chunk)
            case .dataRefusal(let refusal): session.data.receive(refusal)
            case .welcome:
                // A coordinator that has just come to know this worker has not got what an earlier one was sent.
                deliveries.beginAnew()
                session.data.connected()
            default: break
            }
            return state.receive(message, at: now)
        } catch {
            session.logger.warning("ignored a message", metadata: ["reason": "\(error)"])
            return []
        }
    }
}

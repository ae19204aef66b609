public import Execution
import Foundation
public import Logging
import Synchronization
import Vocabulary
import Wire
import ZeroMQ

/// A worker's life: joins the coordinator, runs what it is assigned, keeps outcomes until they are safe.
///
/// One thread owns the socket and the state; scripts run as tasks and hand their outcomes to that thread.
public final class WorkerSession: Sendable {
    private let settings: WorkerSettings
    private let runner: JobRunner
    private let logger: Logger
    private let wakeup: Wakeup
    private let mailbox = Mutex(Mailbox())

    /// What other threads leave for the session's thread.
    private struct Mailbox {
        var outcomes: [Outcome] = []
        var isStopping = false
    }

    /// An attempt to start, with the line that stops it.
    private struct Start: Sendable {
        let job: Job
        let term: LeaseTerm
        let stopLine: StopLine
    }

    /// A session; opens nothing yet.
    public init(settings: WorkerSettings, runner: JobRunner, logger: Logger) throws {
        self.settings = settings
        self.runner = runner
        self.logger = logger
        wakeup = try Wakeup()
    }

    /// Asks the session to end: running scripts are stopped and handed back to the coordinator.
    public func stop() {
        mailbox.withLock { $0.isStopping = true }
        wakeup.ring()
    }

    /// Runs until the session ends.
    ///
    /// - Throws: what opening the outbox or the socket throws.
    public func run() async throws -> SessionEnding {
        let (starts, continuation) = AsyncStream.makeStream(of: Start.self)
        async let ending = inThread { try self.serve { continuation.yield($0) } }
        async let scripts: Void = runScripts(starts)
        do {
            let result = try await ending
            continuation.finish()
            await scripts
            return result
        } catch {
            continuation.finish()
            throw error
        }
    }

    private func runScripts(_ starts: AsyncStream<Start>) async {
        await withDiscardingTaskGroup { group in
            for await start in starts {
                group.addTask {
                    let outcome = await self.runner.run(start.job, term: start.term, until: start.stopLine)
                    self.mailbox.withLock { $0.outcomes.append(outcome) }
                    self.wakeup.ring()
                }
            }
        }
    }

    /// Blocking work gets a thread of its own, never one of the cooperative pool.
    private func inThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try body() }) }
            thread.name = "session"
            thread.start()
        }
    }

    private func serve(start: (Start) -> Void) throws -> SessionEnding {
        var outbox = try Outbox(folder: "\(settings.folder)/outbox")
        let context = try ZeroMQContext()
        let socket = try ZeroMQSocket(.dealer, in: context)
        let incarnation = Incarnation("\(settings.worker)-\(UUID().uuidString.lowercased().prefix(8))")
        try socket.setRoutingName(incarnation.rawValue)
        try socket.setImmediate()
        try socket.setMaximumMessage(bytes: Int64(maximumFrameBytes))
        try socket.connect(settings.coordinator)
        let clock = ContinuousClock()
        let began = clock.now
        func now() -> Instant { Instant(began.duration(to: clock.now)) }
        let capabilities = Capabilities(
            worker: settings.worker, incarnation: incarnation, slots: settings.slots,
            coresPerSlot: settings.coresPerSlot, memoryBytes: settings.memoryBytes,
            environment: runner.environment.fingerprint, host: settings.host)
        var state = SessionState(
            capabilities: capabilities, orphanTimeout: settings.orphanTimeout,
            finished: Set(outbox.pending.keys), now: now())
        var stopLines: [Attempt: StopLine] = [:]
        var lastResend = now()

        while true {
            var commands = state.timePassed(at: now())
            while let frames = try socket.receive() { commands += received(frames, &state, at: now()) }
            var fresh: [Outcome] = []
            for outcome in mailbox.withLock({ take(&$0.outcomes) }) {
                stopLines[outcome.attempt] = nil
                if state.running.contains(outcome.attempt) { fresh.append(outcome) }
                commands += state.finish(outcome)
            }
            if mailbox.withLock({ take(&$0.isStopping) }) { commands += state.stop() }
            if now() - lastResend >= .seconds(2) {
                lastResend = now()
                // Only what has been here for a while: a fresh outcome's acknowledgement is on its way.
                commands += outbox.pending.values.map { .send(.outcome($0)) }
            }
            // The coordinator need not wait for this disk: it has its own. Ours is for when it cannot be reached.
            for case .send(let message) in commands { _ = try socket.send([try message.encoded()]) }
            for outcome in fresh { try outbox.keep(outcome) }
            for command in commands {
                switch command {
                case .send: break
                case .start(let job, let term):
                    let attempt = Attempt(job: job.id, term: term)
                    let line = StopLine()
                    stopLines[attempt] = line
                    logger.info("started", metadata: ["job": "\(job.id)", "term": "\(term)"])
                    start(Start(job: job, term: term, stopLine: line))
                case .stop(let attempt): stopLines[attempt]?.pull()
                case .drop(let attempt):
                    // An attempt that was interrupted goes on elsewhere or later, perhaps here.
                    if outbox.pending[attempt]?.ending.isAnswer == true { runner.discardCheckpoint(of: attempt) }
                    outbox.drop(attempt)
                case .end(let ending):
                    for line in stopLines.values { line.pull() }
                    return ending
                }
            }
            let pause = min(.milliseconds(500), max(.milliseconds(1), state.nextDue - now()))
            try socket.wait(for: pause, orUntil: wakeup)
        }
    }

    private func received(_ frames: [[UInt8]], _ state: inout SessionState, at now: Instant) -> [SessionState.Command] {
        do {
            guard let bytes = frames.last else { return [] }
            return state.receive(try CoordinatorMessage(decoding: bytes), at: now)
        } catch {
            logger.warning("ignored a message", metadata: ["reason": "\(error)"])
            return []
        }
    }
}

/// Empties a value and hands back what was in it.
private func take<Value>(_ value: inout [Value]) -> [Value] {
    defer { value = [] }
    return value
}

private func take(_ flag: inout Bool) -> Bool {
    defer { flag = false }
    return flag
}

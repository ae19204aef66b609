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
    let settings: WorkerSettings
    let runner: JobRunner
    let logger: Logger
    let wakeup: Wakeup
    let data: DataKeeper
    let mailbox = Mutex(Mailbox())
    let requests = RequestTray()
    private let isToldToStop = Mutex(false)

    /// What other threads leave for the session's thread.
    struct Mailbox {
        var outcomes: [Outcome] = []
        var isStopping = false
    }

    /// An attempt to start, with the line that stops it.
    struct Start: Sendable {
        let job: Job
        let term: LeaseTerm
        let stopLine: StopLine
        let checkpoint: Checkpoint?
    }

    /// Requests for data that the session's thread has not sent yet.
    final class RequestTray: Sendable {
        let waiting = Mutex<[DataRequest]>([])
    }

    /// A session; opens its cache of data, and no connection yet.
    public init(settings: WorkerSettings, runner: JobRunner, logger: Logger) throws {
        self.settings = settings
        self.runner = runner
        self.logger = logger
        let wakeup = try Wakeup()
        self.wakeup = wakeup
        data = try DataKeeper(
            folder: "\(settings.folder)/data", limit: settings.cacheBytes, usesSharedFiles: settings.usesSharedFiles,
            logger: logger
        ) { [requests] request in
            requests.waiting.withLock { $0.append(request) }
            wakeup.ring()
        }
    }

    /// Asks the session to end: running scripts are stopped and handed back to the coordinator.
    public func stop() {
        isToldToStop.withLock { $0 = true }
        mailbox.withLock { $0.isStopping = true }
        wakeup.ring()
    }

    /// Runs until the session ends.
    ///
    /// - Throws: what opening the outbox or the socket throws.
    public func run() async throws -> SessionEnding {
        let (starts, continuation) = AsyncStream.makeStream(of: Start.self)
        async let ending = inThread {
            var loop = try SessionLoop(self) { continuation.yield($0) }
            return try loop.run()
        }
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
                    let outcome = await self.judged(await self.run(start))
                    self.mailbox.withLock { $0.outcomes.append(outcome) }
                    self.wakeup.ring()
                }
            }
        }
    }

    /// Runs a script as soon as its data is here; until then its time does not run.
    private func run(_ start: Start) async -> Outcome {
        let attempt = Attempt(job: start.job.id, term: start.term)
        switch await data.provide(start.job.mount, for: attempt, until: start.stopLine) {
        case .folder(let path):
            let outcome = await runner.run(
                start.job.reading(from: path), term: start.term, until: start.stopLine, from: start.checkpoint)
            data.release(start.job.mount.manifest)
            return outcome
        case .stopped:
            return runner.outcome(
                of: start.job, term: start.term, endedBeforeItBegan: .interrupted,
                message: "the worker was stopped while the script waited for its data")
        case .missing(let reason):
            return runner.outcome(of: start.job, term: start.term, endedBeforeItBegan: .unavailable, message: reason)
        }
    }

    /// A failure that came with the end of the worker itself says nothing about the script.
    private func judged(_ outcome: Outcome) async -> Outcome {
        switch outcome.ending {
        case .succeeded, .interrupted: return outcome
        case .killed, .unavailable, .sandboxUnavailable, .exception("exit code 143"):
            // Race: a cluster that takes its machine back signals every process of the job at once, and a script or what
            // runs it may be gone before this process has seen its own signal.
            if !isToldToStop.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(250)) }
        default: break
        }
        guard isToldToStop.withLock({ $0 }) else { return outcome }
        return outcome.interruptedByItsWorker(leaving: runner.checkpoint(of: outcome.attempt))
    }

    /// Blocking work gets a thread of its own, never one of the cooperative pool.
    private func inThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try body() }) }
            thread.name = "session"
            thread.start()
        }
    }
}

extension Job {
    /// The same job with its data at another path.
    fileprivate func reading(from path: String) -> Job {
        Job(
            id: id, kind: kind, script: script, mount: Mount(manifest: mount.manifest, path: path),
            deliverable: deliverable, seed: seed, cores: cores, limits: limits, earlyStop: earlyStop, needs: needs)
    }
}

import ArgumentParser
import Blobs
import Configuration
import Dispatching
import Foundation
import Journal
import Laboratory
import Logging
import Logs
import Reporting
import Scheduling
import Search
import Synchronization
import Tasks
import Telemetry
import Vocabulary

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Hands a run to the coordinator that serves the state folder.")

    @OptionGroup var options: RunOptions
    @OptionGroup var state: StateOption

    func run() async throws {
        let configuration = try options.usableConfiguration()
        let folder = try StateFolder(named: state.folder)
        let journal = try folder.journal()
        let run = try await reportingInput {
            try await RunEntry.enter(
                options, configuration: configuration,
                workers: configuration.slotCount, as: .queued, in: journal, folder)
        }
        print(run)
    }
}

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Works on submitted runs with workers that are started by hand.",
        discussion: """
            Start workers with `mlestar-worker --coordinator URL --slots N`, hand in runs with `mlestar submit TASK`. \
            Ends on ctrl-C; runs that are not finished go on when it is started again.
            """)

    @Option(help: "Where to listen; beyond loopback keys are needed (`mlestar keys new NAME`).")
    var bind = "tcp://127.0.0.1:5555"

    @Option(
        help: "Where to serve numbers for Prometheus, such as 127.0.0.1:9464 (default: nowhere).",
        transform: MetricsAddress.read)
    var metrics: MetricsAddress?

    @Option(
        name: .customLong("log-format"), help: "text or json: one JSON object a line.", transform: LogFormat.read)
    var logFormat = LogFormat.text

    @OptionGroup var state: StateOption

    @Option(help: .hidden)
    var leaseSeconds = 30

    func validate() throws {
        try Binding.check(bind)
        guard (2...3600).contains(leaseSeconds) else { throw ValidationError("--lease-seconds must be 2 to 3600") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let folder = try StateFolder(named: state.folder)
        guard let lock = FolderLock(path: "\(folder.path)/serve.lock") else {
            throw InputError("another coordinator serves \(folder.path); choose another state folder with --state")
        }
        defer { lock.release() }
        let logger = logFormat.logger("coordinator")
        let journal = try folder.journal()
        var leases = LeasePolicy()
        leases.leaseLength = .seconds(leaseSeconds)
        let settings = Dispatcher.Settings(
            endpoint: bind, keys: try Binding.keys(for: bind, in: folder), leases: leases)
        let dispatcher = try Dispatcher(settings: settings, journal: journal, logger: logger)
        let desk = RunDesk(folder: folder, journal: journal, dispatcher: dispatcher, logger: logger)
        guard let metrics else { return try await desk.serve() }
        let numbers = MetricsServer(metrics, journal: journal, dispatcher: dispatcher)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await numbers.run { logger.info("metrics", metadata: ["at": "\($0)"]) } }
            group.addTask { try await desk.serve() }
            defer { group.cancelAll() }
            // The desk ends on ctrl-C; the numbers end only when their address cannot be had.
            _ = try await group.next()
        }
    }
}

/// The runs that a serving coordinator has taken, each under its lock.
private final class TakenRuns: Sendable {
    private struct Entry {
        let lock: FolderLock
        var isBegun = false
    }

    private let runs = Mutex<[RunID: Entry]>([:])

    func has(_ run: RunID) -> Bool { runs.withLock { $0[run] != nil } }

    func take(_ run: RunID, under lock: FolderLock) { runs.withLock { $0[run] = Entry(lock: lock) } }

    /// Whether a run that was taken is to be begun now.
    func begin(_ run: RunID) -> Bool {
        runs.withLock { runs in
            guard let entry = runs[run], !entry.isBegun else { return false }
            runs[run]?.isBegun = true
            return true
        }
    }

    func giveBack(_ run: RunID) { runs.withLock { $0.removeValue(forKey: run) }?.lock.release() }
}

/// Takes submitted runs and works on all of them at once, until ctrl-C.
struct RunDesk: Sendable {
    let folder: StateFolder
    let journal: Journal
    let dispatcher: Dispatcher
    let logger: Logger

    func serve() async throws {
        let stop = StopRequest()
        let watch = SignalWatch { _ in stop.request() }
        defer { watch.end() }
        // Before workers come back, so that what they hold is known. What another process works on is its own.
        let taken = TakenRuns()
        for run in try journal.servedRuns().map(\.id) { try take(run, in: taken) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { stop.request() }
                try await dispatcher.serve { endpoint in logger.info("listening", metadata: ["at": "\(endpoint)"]) }
            }
            group.addTask { await DrainDesk(journal: journal, dispatcher: dispatcher).run(until: stop) }
            group.addTask {
                defer { dispatcher.close(dismissWorkers: false) }
                await workOnRuns(taken, until: stop)
            }
            try await group.waitForAll()
        }
    }

    /// Takes a run that nobody works on, and takes up what was begun of it.
    private func take(_ run: RunID, in taken: TakenRuns) throws {
        guard !taken.has(run), let lock = FolderLock(path: "\(try folder.folder(of: run))/lock") else { return }
        taken.take(run, under: lock)
        try dispatcher.recover([run])
    }

    private func workOnRuns(_ taken: TakenRuns, until stop: StopRequest) async {
        await withDiscardingTaskGroup { group in
            while !stop.isRequested {
                for run in (try? journal.servedRuns()) ?? [] {
                    try? take(run.id, in: taken)
                    guard taken.begin(run.id) else { continue }
                    group.addTask {
                        await work(on: run.id, until: stop)
                        // `mlestar resume` may hand it in again.
                        taken.giveBack(run.id)
                    }
                }
                try? await Task.sleep(for: .milliseconds(300))
            }
        }
    }

    private func work(on run: RunID, until stop: StopRequest) async {
        do {
            // Race: it may have ended since the list was read.
            guard [.queued, .running].contains(try journal.run(run).state) else { return }
            let record = try journal.begin(run)
            let budget = Budget(total: record.budget, spent: record.spent)
            stop.cancels(budget)
            logger.info("run begins", metadata: ["run": "\(run)"])
            let sitting = RunSitting(
                run: record, task: try StoredRun.task(of: record), settings: try StoredRun.settings(of: record),
                journal: journal, state: folder, dispatcher: dispatcher, budget: budget, environment: nil,
                logger: logger)
            let end = try await sitting.conduct()
            logger.info(
                "run ended", metadata: ["run": "\(run)", "results": "\(record.outPath)", "why": "\(end.reason)"])
        } catch Signal.cancelled {
            logger.info("run stopped; it goes on when the coordinator is started again", metadata: ["run": "\(run)"])
        } catch let pause as RunPause {
            logger.error("run paused; `mlestar resume` goes on", metadata: ["run": "\(run)", "why": "\(pause)"])
            dispatcher.withdrawUnwanted(of: run, sparesSubmissions: false)
            try? journal.end(run, as: .interrupted, result: nil)
        } catch {
            logger.error("run failed", metadata: ["run": "\(run)", "why": "\(error)"])
            dispatcher.withdrawUnwanted(of: run, sparesSubmissions: false)
            try? journal.end(run, as: .failed, result: nil)
        }
    }
}

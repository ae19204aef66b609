import Blobs
import Dispatching
import Foundation
import Journal
import Laboratory
import Logging
import Reporting
import Search
import Tasks
import Vocabulary

/// Works on one run on this machine: the door, local workers, the search, progress on the terminal.
struct Coordinator {
    let run: RunID
    let state: StateFolder
    let journal: Journal
    /// Local workers to start; 0 for none.
    let workers: Int
    let python: String?
    /// Where to listen; `nil` for the private endpoint in the state folder.
    let bind: String?
    /// A new budget for the whole run; `nil` keeps the old one.
    let budget: Duration?
    /// What this sitting is told beside the settings.
    var options = SittingOptions()

    /// Works on the run until it ends or is stopped.
    func conduct() async throws -> FinishRecord {
        // A peer that is gone is an error of the call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let folder = try state.folder(of: run)
        guard let lock = FolderLock(path: "\(folder)/lock") else {
            throw InputError("another process works on run \(run); `mlestar list` shows it")
        }
        defer { lock.release() }
        let before = try journal.run(run)
        let task = try StoredRun.task(of: before)
        let settings = try StoredRun.settings(of: before)
        var options = options
        options.python =
            workers > 0 ? try await WorkerProgram.check(python, sandboxArguments: settings.sandboxArguments ?? []) : nil
        if let python = options.python { try await settings.guidance.checkSyntax(by: python.interpreter) }
        options.gpuShares = workers > 0 ? try await WorkerProgram.shares(for: settings.needs) : nil
        let record = try journal.begin(run, budget: budget, wish: .go)
        let logger = try LogFile.logger("\(folder)/coordinator.log")
        let dispatcher = try Dispatcher(settings: try doors(), journal: journal, logger: logger)
        let sitting = RunSitting(
            run: record, task: task, settings: settings, journal: journal, state: state, dispatcher: dispatcher,
            budget: Budget(total: record.budget, spent: record.spent), environment: options.python?.fingerprint,
            logger: logger, options: options)
        do {
            return try await serve(sitting, folder: folder)
        } catch Signal.cancelled {
            try journal.end(run, as: .interrupted, result: nil)
            throw Signal.cancelled
        } catch {
            // Whatever went wrong, what is in the journal is good: the run can be resumed.
            try journal.end(run, as: .interrupted, result: nil)
            throw error
        }
    }

    /// The private socket for local workers, and where others connect if they do.
    private func doors() throws -> Dispatcher.Settings {
        let home = try state.endpoint(of: run)
        guard let bind else { return .init(endpoint: home) }
        return .init(
            endpoint: bind, privateEndpoint: workers > 0 ? home : nil, keys: try Binding.keys(for: bind, in: state))
    }

    private func serve(_ sitting: RunSitting, folder: String) async throws -> FinishRecord {
        let dispatcher = sitting.dispatcher
        try dispatcher.recover([run])
        let (listening, announce) = AsyncStream.makeStream(of: String.self)
        return try await withThrowingTaskGroup(of: FinishRecord?.self) { group in
            group.addTask {
                defer { announce.finish() }
                try await dispatcher.serve { announce.yield($0) }
                return nil
            }
            group.addTask {
                guard let endpoint = await listening.first(where: { _ in true }) else { return nil }
                return try await search(sitting, folder: folder, endpoint: endpoint)
            }
            var record: FinishRecord?
            while let ended = try await group.next() { record = ended ?? record }
            guard let record else { throw CancellationError() }
            return record
        }
    }

    private func search(_ sitting: RunSitting, folder: String, endpoint: String) async throws -> FinishRecord {
        let dispatcher = sitting.dispatcher
        defer { dispatcher.close(dismissWorkers: true) }
        if bind != nil { tell("listening at \(endpoint)") }
        let interrupts = Interrupts(sitting.budget) { [journal, run] in
            sitting.budget.finishNow()
            // Whoever paused the run is overruled.
            _ = try? journal.wish(.finish, for: run)
        }
        defer { interrupts.end() }
        let local = LocalWorkers(
            count: workers, coresPerWorker: sitting.settings.cores,
            memoryPerWorker: try LocalWorkers.memory(ofEachOf: workers, for: sitting.settings.needs), folder: folder,
            endpoint: try state.endpoint(of: run), python: python,
            sandboxArguments: sitting.settings.sandboxArguments ?? [], shares: sitting.options.gpuShares,
            dispatcher: dispatcher, logger: sitting.logger)
        let display = ProgressDisplay(sitting)
        return try await withThrowingTaskGroup(of: FinishRecord?.self) { group in
            if workers > 0 {
                group.addTask {
                    await local.run(); return nil
                }
            }
            group.addTask {
                await display.run(); return nil
            }
            group.addTask { try await sitting.conduct() }
            defer {
                dispatcher.close(dismissWorkers: true)
                group.cancelAll()
            }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            throw CancellationError()
        }
    }
}

/// What the journal holds of a run, read back and checked.
enum StoredRun {
    static func task(of run: RunRecord) throws -> TaskFolder {
        let task = try TaskFolder.read(run.taskPath)
        guard task.fingerprint == run.taskFingerprint else {
            throw InputError(
                "the files of \(run.taskPath) have changed since run \(run.id) began; its scores would no longer be "
                    + "comparable: start a new run", isUnusableTask: true)
        }
        return task
    }

    static func settings(of run: RunRecord) throws -> RunSettings {
        guard run.strategy == RunEntry.strategy else {
            throw InputError(
                "run \(run.id) was made by strategy \(run.strategy), this program has \(RunEntry.strategy); "
                    + "start a new run")
        }
        return try JSONText.value(from: run.settings)
    }
}

/// Log files: one line per event.
enum LogFile {
    static func logger(_ path: String) throws -> Logger {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        var logger = Logger(label: "coordinator") { _ in FileLogHandler(file: file) }
        logger.logLevel = .info
        return logger
    }
}

/// Appends log lines to a file.
struct FileLogHandler: LogHandler {
    let file: FileHandle
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let words = fields.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        let time = Date().formatted(.iso8601)
        try? file.write(contentsOf: Data("\(time) \(event.level) \(event.message) \(words)\n".utf8))
    }
}

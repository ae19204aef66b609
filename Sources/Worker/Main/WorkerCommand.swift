import ArgumentParser
import Blobs
import Dispatch
import Execution
import Foundation
import Keys
import Logging
import Logs
import Machine
import Session
import Vocabulary

@main
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlestar-worker",
        abstract: "Runs training scripts for a mlestar coordinator.",
        discussion: """
            Exit codes: 0 dismissed or stopped · 1 an error · 3 no word from the coordinator for --orphan-timeout · \
            4 refused by the coordinator · 6 drained (`mlestar drain`) · 64 a wrong argument. `exec`: 0 the script succeeded · 5 it did not · 1 an error · 130, 143 interrupted.
            """,
        version: "0.1.0",
        subcommands: [ServeCommand.self, ExecuteCommand.self, EnvironmentCommand.self, GraphicsCommand.self],
        defaultSubcommand: ServeCommand.self)
}

/// Joins a coordinator and runs what it assigns.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Joins a coordinator and runs what it assigns (the default).")

    @Option(help: "Where the coordinator listens, such as tcp://10.0.0.1:5555 or ipc:///path/to/socket.")
    var coordinator: String

    @Option(help: "Key file, made by `mlestar keys new NAME` on the coordinator's host; needed beyond loopback.")
    var key: String?

    @Option(help: "Jobs to run at once.")
    var slots = 1

    @Option(help: "Cores each slot may use (default: the machine's cores divided by the slots).")
    var cores: Int?

    @Option(help: "Memory for all slots, in MiB (default: the machine's, or what its control group may use).")
    var memoryMib: Int?

    @Option(
        help: """
            The worker's name, one process at a time (default: the key's, else the host's). With a key named KEY it is KEY or \
            begins with KEY-; any other NAME becomes KEY-NAME.
            """)
    var name: String?

    @Option(help: "Folder for running jobs and outcomes not handed in yet.")
    var folder: String?

    @Option(help: "What data that the coordinator sends may take on this disk, in MiB.")
    var cacheMib = 65_536

    @Flag(help: "Do not look for data under the coordinator's path: have it sent.")
    var noSharedFiles = false

    @Flag(help: "Remove the folder at the end, unless --folder named it or something in it is not handed in.")
    var transient = false

    @OptionGroup var python: PythonOptions

    @OptionGroup var sandbox: SandboxOptions

    @Option(
        name: .customLong("log-format"), help: "text or json: one JSON object a line.", transform: LogFormat.read)
    var logFormat = LogFormat.text

    @Option(help: "End after so many seconds without a word from the coordinator; 0 waits for ever.")
    var orphanTimeout = 0

    func validate() throws {
        try Ranges.check(
            ("--slots", slots, 1...1024), ("--cores", cores ?? 1, 1...4096), ("--cache-mib", cacheMib, 1...1 << 30),
            ("--memory-mib", memoryMib ?? 1, 1...1 << 30), ("--orphan-timeout", orphanTimeout, 0...Int(Ranges.year)))
        guard let endpoint = Endpoint(coordinator) else {
            throw ValidationError("--coordinator \(Endpoint.form), not '\(coordinator)'")
        }
        if let obstacle = endpoint.obstacle(hasKey: key != nil) { throw ValidationError(obstacle) }
    }

    func run() async throws {
        // A peer that is gone is an error of the call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        var logger = logFormat.logger("worker")
        let host = ProcessInfo.processInfo.hostName
        let key = try key.map { try WorkerKey(path: $0) }
        let worker = key?.workerName(for: name) ?? name ?? host
        logger[metadataKey: "worker"] = "\(worker)"
        if let name, worker != name {
            logger.info("named after its key, which lets in no other names", metadata: ["asked for": "\(name)"])
        }
        let folder = self.folder ?? "\(HomeFolder.path())/workers/\(worker)"
        let coresPerSlot = cores ?? max(1, MachineCores.available / slots)
        let environment = try await python.environment()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard let lock = FolderLock(path: "\(folder)/lock") else {
            throw ValidationError("another worker uses the folder \(folder); give each its own --name or --folder")
        }
        defer { lock.release() }
        // Only now: this tidies the folder up.
        var policy = try await sandbox.policy(slots: slots)
        policy.coresPerSlot = coresPerSlot
        let runner = try await JobRunner(environment: environment, root: folder, policy: policy)
        logger.info(
            "scripts run in a sandbox",
            metadata: ["sandbox": "\(runner.sandbox.sandbox.rawValue)", "groups": "\(runner.sandbox.groups)"])
        for remark in runner.sandbox.remarks { logger.warning("a stronger sandbox does not work: \(remark)") }
        let known = NamedEnvironments(variables: ProcessInfo.processInfo.environment)
        var settings = WorkerSettings(
            worker: WorkerID(worker), coordinator: coordinator, slots: slots,
            coresPerSlot: coresPerSlot, memoryBytes: memoryMib.map { $0 << 20 } ?? MachineMemory.available, host: host,
            folder: folder,
            orphanTimeout: orphanTimeout == 0 ? nil : .seconds(orphanTimeout),
            environmentNames: [python.env ?? known.name(of: environment.interpreter)].compactMap { $0 }, key: key)
        settings.cacheBytes = cacheMib << 20
        settings.usesSharedFiles = !noSharedFiles
        let session = try WorkerSession(settings: settings, runner: runner, logger: logger)
        logger.info(
            "waiting for the coordinator",
            metadata: [
                "at": "\(coordinator)", "slots": "\(slots)",
                "gpus": "\(policy.gpus.map(\.processor.id).joined(separator: ","))",
            ])
        let signals = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { session.stop() }
            source.resume()
            return source
        }
        let ending = try await session.run()
        for source in signals { source.cancel() }
        if transient, self.folder == nil {
            // What prepares itself for further scripts would write its files anew.
            await runner.end()
            if !WorkerFolder.removeWhenHandedIn(folder) {
                logger.warning("not everything was handed in: the folder stays", metadata: ["folder": "\(folder)"])
            }
        }
        try finish(ending, logger)
    }

    private func finish(_ ending: SessionEnding, _ logger: Logger) throws {
        switch ending {
        case .dismissed, .stopped: logger.info("ended")
        case .drained:
            logger.info("drained: everything is handed in; ended")
            throw ExitCode(6)
        case .orphaned:
            logger.error("no word from the coordinator for \(orphanTimeout) s; ended")
            throw ExitCode(3)
        case .refused(let reason):
            logger.error("refused by the coordinator: \(reason)")
            throw ExitCode(4)
        }
    }
}

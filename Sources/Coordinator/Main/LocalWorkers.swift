import Blobs
import Dispatch
import Dispatching
import Foundation
import Logging
import Machine
import Subprocess
import SystemPackage
import Vocabulary

/// The workers a coordinator starts on its own machine: kept running while the run lasts, and found again after the
/// coordinator was killed, because they live on in sessions of their own.
struct LocalWorkers {
    let count: Int
    let coresPerWorker: Int
    /// Memory of each in bytes.
    let memoryPerWorker: Int
    /// The run's folder: each worker has one below it.
    let folder: String
    let endpoint: String
    let python: String?
    /// What the workers are told about sandboxes.
    let sandboxArguments: [String]
    /// Graphics processors that each worker gets to itself, in their order; `nil` where scripts ask for none.
    let shares: [[GraphicsProcessor]]?
    let dispatcher: Dispatcher
    let logger: Logger

    /// How long a worker goes on without a coordinator.
    static let orphanTimeout = 600
    /// How often one worker is started again.
    private static let restartLimit = 20

    /// As many workers as this machine has room and graphics processors for; at least one.
    ///
    /// - Throws: `InputError` when the processors cannot be listed.
    static func usualCount(cores: Int, needs: Needs?) async throws -> Int {
        let shares = try await WorkerProgram.shares(for: needs)?.count
        return MachineRoom.available.scripts(cores: cores, memoryBytes: needs?.memoryBytes ?? 0, shares: shares)
    }

    /// The memory of each of `count` workers in bytes.
    ///
    /// - Throws: `InputError` when a script that asks for memory would have too little.
    static func memory(ofEachOf count: Int, for needs: Needs?) throws -> Int {
        let all = MachineMemory.available
        let share = all / max(1, count)
        guard count > 0, let wanted = needs?.memoryBytes, wanted > share else { return share }
        throw InputError(
            "with \(count) workers each has \(share >> 20) MiB of this machine's \(all >> 20) MiB, and a script asks for "
                + "\(wanted >> 20) MiB (execution.memory_mib): "
                + (wanted > all ? "that is more than there is" : "start at most \(all / wanted) with --workers"))
    }

    /// Keeps the workers running until the task is cancelled; then they are asked to end, and ended.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for number in 1...max(1, count) {
                group.addTask {
                    let worker = WorkerID("local-\(number)")
                    await keepRunning(worker)
                    await dismiss(worker)
                }
            }
        }
    }

    private func keepRunning(_ worker: WorkerID) async {
        let lock = lockPath(of: worker)
        for attempt in 0..<Self.restartLimit where !Task.isCancelled {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(200 * attempt)) }
            if FolderLock.isHeld(path: lock) {
                // It outlived the coordinator before this one, and says hello by itself.
                logger.info("found a living worker", metadata: ["worker": "\(worker)"])
                while FolderLock.isHeld(path: lock), !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(200))
                }
            } else {
                dispatcher.workerDeparted(worker)
                await start(worker)
            }
            if Task.isCancelled { return }
            logger.warning("a worker ended", metadata: ["worker": "\(worker)", "log": "\(logPath(of: worker))"])
            dispatcher.workerDeparted(worker)
        }
    }

    /// Sees a worker to its end: one that outlived an earlier coordinator may not have heard of the dismissal.
    private func dismiss(_ worker: WorkerID) async {
        for signal in [SIGTERM, SIGKILL] {
            for _ in 0..<40 where FolderLock.isHeld(path: lockPath(of: worker)) { await pause(.milliseconds(50)) }
            if let process = FolderLock.holder(path: lockPath(of: worker)) { kill(process, signal) }
        }
    }

    /// Waits although the task is cancelled.
    private func pause(_ time: DispatchTimeInterval) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + time) { continuation.resume() }
        }
    }

    private func start(_ worker: WorkerID) async {
        do {
            let folder = "\(folder)/workers/\(worker)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let log = try FileDescriptor.open(
                logPath(of: worker), .writeOnly, options: [.create, .append, .closeOnExec],
                permissions: [.ownerReadWrite])
            var options = PlatformOptions()
            // Ctrl-C is for the coordinator: it tells the workers what to do.
            options.createSession = true
            options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(4))]
            _ = try await Subprocess.run(
                .path(.init(try WorkerProgram.path())), arguments: Arguments(arguments(worker, folder)),
                environment: WorkerProgram.environment.updating(devices(of: worker)), platformOptions: options,
                input: .none,
                output: .fileDescriptor(log, closeAfterSpawningProcess: false),
                error: .fileDescriptor(log, closeAfterSpawningProcess: true))
        } catch is CancellationError {
            return
        } catch {
            logger.error("cannot start a worker", metadata: ["worker": "\(worker)", "why": "\(error)"])
        }
    }

    private func arguments(_ worker: WorkerID, _ folder: String) -> [String] {
        [
            "--coordinator", endpoint, "--slots", "1", "--cores", "\(coresPerWorker)", "--memory-mib",
            "\(memoryPerWorker >> 20)", "--name", worker.rawValue, "--folder", folder, "--orphan-timeout",
            "\(Self.orphanTimeout)",
        ] + (shares != nil ? ["--gpus", "auto"] : []) + (python.map { ["--python", $0] } ?? []) + sandboxArguments
    }

    /// What tells a worker which graphics processors are its own; one that is left over has none.
    private func devices(of worker: WorkerID) -> [Environment.Key: String?] {
        guard let shares, let number = Int(worker.rawValue.drop { !$0.isNumber }) else { return [:] }
        let share = number <= shares.count ? shares[number - 1] : []
        return ["CUDA_VISIBLE_DEVICES": share.map(\.id).joined(separator: ",")]
    }

    private func lockPath(of worker: WorkerID) -> String { "\(folder)/workers/\(worker)/lock" }

    private func logPath(of worker: WorkerID) -> String { "\(folder)/workers/\(worker).log" }
}

/// The worker program beside this one.
enum WorkerProgram {
    /// The environment of this process without any key: a worker needs none, and its scripts could read them.
    static let environment: Environment = {
        let names = ProcessInfo.processInfo.environment.keys.filter { name in
            let word = name.uppercased()
            return ["_KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIALS"].contains(where: word.contains)
        }
        return .inherit.updating(
            Dictionary(uniqueKeysWithValues: names.map { (Environment.Key(stringLiteral: $0), String?.none) }))
    }()

    static func path() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let beside = (own as NSString).deletingLastPathComponent + "/mlestar-worker"
        guard FileManager.default.isExecutableFile(atPath: beside) else {
            throw InputError("mlestar-worker must lie beside mlestar, at \(beside); build both with `swift build`")
        }
        return beside
    }

    /// Shares out the graphics processors that the worker program finds here, one share for each script at a time.
    ///
    /// - Returns: `nil` where scripts ask for none.
    static func shares(for needs: Needs?) async throws -> [[GraphicsProcessor]]? {
        guard let needs, needs.gpus > 0 else { return nil }
        let result = try await Subprocess.run(
            .path(.init(try path())), arguments: ["gpus"], output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 16))
        guard result.terminationStatus.isSuccess else { throw refusal(result.standardError) }
        let processors = result.standardOutput.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t")
            let mebibytes = fields.count > 1 ? Int(fields[1]) ?? 0 : 0
            return GraphicsProcessor(id: String(fields[0]), memoryBytes: mebibytes << 20)
        }
        return processors.shares(for: needs)
    }

    /// What the worker program said, as an error of this one.
    private static func refusal(_ words: String) -> InputError {
        InputError(words.trimmingCharacters(in: .whitespacesAndNewlines).replacingOccurrences(of: "Error: ", with: ""))
    }

    /// Asks the worker program whether its Python environment can be used, and a sandbox with it.
    ///
    /// - Returns: what it is.
    static func check(_ python: String?, sandboxArguments: [String]) async throws -> CheckedPython {
        let result = try await Subprocess.run(
            .path(.init(try path())),
            arguments: Arguments(
                ["env", "check", "--try-sandbox"] + (python.map { ["--python", $0] } ?? []) + sandboxArguments),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
        let lines = result.standardOutput.split(separator: "\n").map(String.init)
        guard result.terminationStatus.isSuccess, lines.count > 1, let fingerprint = ContentHash(checking: lines[0])
        else { throw refusal(result.standardError) }
        return CheckedPython(fingerprint: fingerprint, interpreter: lines[1], packages: Array(lines.dropFirst(2)))
    }
}

/// A Python environment that workers can use.
struct CheckedPython: Sendable {
    /// Hash of its version and packages.
    let fingerprint: ContentHash
    /// The interpreter's path.
    let interpreter: String
    /// `name==version`, sorted.
    let packages: [String]
}

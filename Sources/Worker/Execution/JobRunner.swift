import Blobs
import Foundation
import Synchronization
public import Vocabulary

/// Runs jobs' scripts, each in a folder and a sandbox of its own, and tells how they ended.
public final class JobRunner: Sendable {
    /// The interpreter scripts run with.
    public let environment: PythonEnvironment
    /// What scripts run in.
    public let sandbox: ProvenSandbox
    let root: String
    let policy: SandboxPolicy
    let pool: WarmPool
    private let devices: DeviceShelf
    private let curves = Mutex(CurveBook())

    /// The largest submission taken, in bytes.
    static let largestSubmission = 200 << 20

    /// How long a checkpoint is kept for an attempt that may have gone elsewhere, or never come.
    static let checkpointLife = Duration.seconds(3 * 24 * 3600)

    /// A runner that keeps its files below `root`, which it makes when it is missing.
    ///
    /// - Throws: `ExecutionError` when the folder cannot be written, or no sandbox works that the policy allows.
    public init(environment: PythonEnvironment, root: String, policy: SandboxPolicy = SandboxPolicy()) async throws {
        self.environment = environment
        self.root = root
        self.policy = policy
        devices = DeviceShelf(policy.gpus)
        let files: LauncherFiles
        do {
            files = try LauncherFiles(below: root)
            // What an earlier process of this worker left behind is nobody's.
            for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/jobs")) ?? [] {
                FolderRemoval.remove("\(root)/jobs/\(name)")
            }
            JobFolder.finishRemovals(below: root)
            JobFolder.removeCheckpoints(below: root, unusedFor: Self.checkpointLife)
        } catch {
            throw ExecutionError(.folderUnusable, "cannot write to the worker's folder \(root): \(error)")
        }
        do {
            pool = try WarmPool(interpreter: environment.interpreter, files: files, slots: policy.slots)
            try await pool.plain().ready()
        } catch {
            throw ExecutionError(.pythonUnusable, "cannot start \(environment.interpreter): \(error)")
        }
        sandbox = try await SandboxProbe(environment: environment, policy: policy, root: root, launcher: pool.plain())
            .strongest()
    }

    /// The command that runs a script.
    static func command(_ interpreter: String, in box: String) -> [String] { [interpreter, "\(box)/solution.py"] }

    /// Runs one attempt to its end; never throws, because everything that can happen is an ending.
    ///
    /// - Parameters:
    ///   - stopLine: pulled from outside to end the script early.
    ///   - checkpoint: what an attempt elsewhere left; ignored when a later one was made here.
    public func run(
        _ job: Job, term: LeaseTerm, until stopLine: StopLine, from checkpoint: Checkpoint? = nil
    ) async -> Outcome {
        await attempt(job, term: term, until: stopLine, from: checkpoint).outcome
    }

    /// The same; tells, too, whether the script started from an interpreter that held its imports.
    func attempt(
        _ job: Job, term: LeaseTerm, until stopLine: StopLine, from checkpoint: Checkpoint? = nil
    ) async -> (outcome: Outcome, wasWarm: Bool) {
        let job = policy.coresPerSlot.map(job.inSlot) ?? job
        let attempt = Attempt(job: job.id, term: term)
        let folder = JobFolder(attempt: attempt, below: root)
        // What processes still have that could not be ended is nobody else's.
        var isAllGone = true
        defer {
            if isAllGone { folder.remove() }
            JobFolder.removeCheckpoints(below: root, unusedFor: Self.checkpointLife)
        }
        let outcome = Draft(job: job, term: term, environment: environment.fingerprint, sandbox: sandbox.sandbox)
        guard FileManager.default.fileExists(atPath: job.mount.path) else {
            return (
                outcome.ended(.unavailable, message: "the data folder \(job.mount.path) is not on this machine"), false
            )
        }
        let gpus: [GraphicsDevice]
        switch await devices.take(for: job.needs, until: stopLine) {
        case .taken(let chosen): gpus = chosen
        case .stopped:
            return (outcome.ended(.interrupted, message: "the worker was stopped before the script began"), false)
        case .impossible(let reason): return (outcome.ended(.unavailable, message: reason), false)
        }
        defer { isAllGone ? devices.give(gpus) : devices.lose(gpus) }
        do {
            try folder.make(for: job, from: checkpoint, term: term)
            let ending = try await launch(job, in: folder, gpus: gpus, until: stopLine)
            isAllGone = ending.is_all_gone
            if let page = job.curvePage, ending.reason == "ended" {
                curves.withLock { $0.enter(ending.curve, on: page) }
            }
            return (await outcome.concluded(ending, of: job, in: folder, environment), ending.is_warm)
        } catch {
            return (outcome.ended(.unavailable, message: "the worker could not start the script: \(error)"), false)
        }
    }

    /// The outcome of an attempt whose script was never started.
    public func outcome(
        of job: Job, term: LeaseTerm, endedBeforeItBegan ending: Ending, message: String
    ) -> Outcome {
        Draft(job: job, term: term, environment: environment.fingerprint, sandbox: sandbox.sandbox)
            .ended(ending, message: message)
    }

    /// The graphics processors that scripts may use.
    public var graphicsProcessors: [GraphicsProcessor] { policy.gpus.map(\.processor) }

    /// What a script that is gone left for the next attempt, packed; `nil` when there is nothing.
    public func checkpoint(of attempt: Attempt) -> [UInt8]? {
        CheckpointFiles.packed(JobFolder(attempt: attempt, below: root).checkpoint)
    }

    /// What an attempt has printed last; nothing where none of this name runs.
    public func tail(of attempt: Attempt) -> LogTail {
        let folder = JobFolder(attempt: attempt, below: root)
        return LogTail(
            attempt: attempt, output: LogTail.Stream(of: folder.standardOutput),
            errors: LogTail.Stream(of: folder.standardError))
    }

    /// Forgets what is kept for further attempts of a job.
    public func discardCheckpoint(of attempt: Attempt) { JobFolder(attempt: attempt, below: root).removeCheckpoint() }

    /// Time passes: ends what is held ready and nobody asks for. To be called about twice a second; costs nothing most times.
    public func tend() { pool.tend() }

    /// Ends what runs scripts, when no more will come.
    public func end() async { await pool.end() }

    /// Waits until a script like this one would find its imports done, where that is possible: for measurements.
    public func prepare(_ job: Job) async {
        guard isWarm else { return }
        _ = await pool.launcher(for: warmKind(of: job, gpus: []), until: StopLine())
    }

    private func launch(_ job: Job, in folder: JobFolder, gpus: [GraphicsDevice], until stopLine: StopLine) async throws
        -> LaunchEnding
    {
        let specification = specification(of: job, in: folder, gpus: gpus)
        try JSONEncoder().encode(specification).write(to: URL(fileURLWithPath: folder.specification))
        let kind = warmKind(of: job, gpus: gpus)
        let launcher = try (isWarm ? await pool.launcher(for: kind, until: stopLine) : nil) ?? pool.plain()
        try await launcher.run(specification: folder.specification, until: stopLine)
        let ending = try Data(contentsOf: URL(fileURLWithPath: folder.ending))
        return try JSONDecoder().decode(LaunchEnding.self, from: ending)
    }

    private var isWarm: Bool { policy.isWarm && sandbox.sandbox == .bubblewrap }

    /// What an interpreter must be to start this job's script from it.
    private func warmKind(of job: Job, gpus: [GraphicsDevice]) -> WarmKind {
        let folder = JobFolder(attempt: Attempt(job: job.id, term: .first), below: root)
        let place = ScriptPlace(folder, sandbox.sandbox, weights: policy.weights)
        var variables = ScriptEnvironment.variables(for: job, in: place, gpus: gpus)
        for name in ScriptEnvironment.ofOneJob { variables[name] = nil }
        // Which processor it is, the script learns when it begins.
        for name in [ScriptEnvironment.gpuNames, ScriptEnvironment.visibleDevices] { variables[name] = "" }
        return WarmKind(imports: ImportScan.modules(in: job.script.text), environment: variables)
    }

    private func specification(of job: Job, in folder: JobFolder, gpus: [GraphicsDevice]) -> LaunchSpecification {
        let place = ScriptPlace(folder, sandbox.sandbox, weights: policy.weights)
        let bounds = job.earlyStop.flatMap { rule in
            job.curvePage.map { page in
                LaunchSpecification.Hopeless(
                    direction: rule.direction.rawValue,
                    medians: MedianRule.bounds(curves.withLock { $0.curves(on: page) }, rule: rule))
            }
        }
        return LaunchSpecification(
            command: Self.command(environment.interpreter, in: place.box),
            environment: ScriptEnvironment.variables(for: job, in: place, gpus: gpus), folder: folder,
            input: job.mount.path, limits: LaunchSpecification.Limits(job, policy), sandbox: sandbox, policy: policy,
            interpreterFolders: environment.folders, devices: gpus.flatMap(\.files).uniqued, earlyStop: bounds,
            keepsModel: job.kind.keepsModel)
    }
}

extension LaunchSpecification {
    /// A specification of what happens in an attempt's folder.
    init(
        command: [String], environment: [String: String], folder: JobFolder, input: String, limits: Limits,
        sandbox: ProvenSandbox, policy: SandboxPolicy, interpreterFolders: [String], devices: [String] = [],
        earlyStop: Hopeless? = nil, keepsModel: Bool = false
    ) {
        self.init(
            command: command, environment: environment, box: folder.box, temporary: folder.temporary, input: input,
            checkpoint: folder.checkpoint, stdout: folder.standardOutput, stderr: folder.standardError,
            room_log: folder.roomLog, full_log: folder.wholeLog, ending: folder.ending,
            short_log_bytes: Transcript.shortBytes, limits: limits, tier: sandbox.sandbox.rawValue,
            bubblewrap: sandbox.bubblewrap, readable: interpreterFolders + policy.readableFolders,
            weights: policy.weights, devices: devices,
            nvidia_smi: devices.isEmpty
                ? nil : NvidiaListing.program(environment: ProcessInfo.processInfo.environment),
            network: policy.allowsNetwork, use_groups: policy.usesGroups,
            shared_memory_bytes: max(64 << 20, limits.memory_bytes / 2), early_stop: earlyStop,
            model: keepsModel ? folder.model : nil, model_bytes: Outcome.modelLimit)
    }
}

extension LaunchSpecification.Limits {
    /// A script may listen for the signal before its limit: a twentieth of its time, half a minute at most.
    init(_ job: Job, _ policy: SandboxPolicy) {
        let wall = job.limits.wall.seconds
        self.init(
            wall_seconds: wall, cpu_seconds: 1.5 * wall * Double(job.cores) + 5, memory_bytes: job.limits.memoryBytes,
            output_bytes: job.limits.outputBytes, file_bytes: policy.diskBytes, disk_bytes: policy.diskBytes,
            disk_entries: policy.diskEntries, processes: policy.processes, cores: job.cores, grace_seconds: 1,
            notice_seconds: min(30, wall / 20))
    }
}

extension LogTail.Stream {
    /// The end of a file that may be growing.
    init(of path: String) {
        guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd() else {
            self.init(size: 0, tail: [])
            return
        }
        defer { try? file.close() }
        let first = end - min(end, UInt64(Self.largest))
        let tail = (try? file.seek(toOffset: first)).flatMap { try? file.read(upToCount: Int(end - first)) }
        self.init(size: Int(clamping: end), tail: tail.map(Array.init) ?? [])
    }
}

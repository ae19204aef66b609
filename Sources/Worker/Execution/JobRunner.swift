import Blobs
import Foundation
public import Vocabulary

/// Runs jobs' scripts, each in a folder of its own, and tells how they ended.
public struct JobRunner: Sendable {
    /// The interpreter scripts run with.
    public let environment: PythonEnvironment
    private let root: String
    private let launchers: LauncherShelf

    /// The largest submission taken, in bytes.
    static let largestSubmission = 200 << 20
    /// The largest file a script may write, in bytes.
    static let largestFile = 8 << 30

    /// A runner that keeps its files below `root`, which it makes when it is missing.
    ///
    /// - Throws: `ExecutionError` when the folder cannot be written.
    public init(environment: PythonEnvironment, root: String) throws {
        self.environment = environment
        self.root = root
        let program = "\(root)/launch.py"
        do {
            try DurableFile.write(PackageResources.launch_py, to: program)
            // What an earlier process of this worker left behind is nobody's.
            try? FileManager.default.removeItem(atPath: "\(root)/jobs")
        } catch {
            throw ExecutionError(.folderUnusable, "cannot write to the worker's folder \(root): \(error)")
        }
        do {
            launchers = try LauncherShelf(interpreter: environment.interpreter, program: program)
        } catch {
            throw ExecutionError(.pythonUnusable, "cannot start \(environment.interpreter): \(error)")
        }
    }

    /// Runs one attempt to its end; never throws, because everything that can happen is an ending.
    ///
    /// - Parameter stopLine: pulled from outside to end the script early.
    public func run(_ job: Job, term: LeaseTerm, until stopLine: StopLine) async -> Outcome {
        let attempt = Attempt(job: job.id, term: term)
        let folder = JobFolder(attempt: attempt, below: root)
        defer { folder.remove() }
        let outcome = Draft(job: job.id, term: term, environment: environment.fingerprint)
        guard FileManager.default.fileExists(atPath: job.mount.path) else {
            return outcome.ended(.unavailable, message: "the data folder \(job.mount.path) is not on this machine")
        }
        do {
            try folder.make(for: job)
            let ending = try await launch(job, in: folder, until: stopLine)
            return conclude(ending, of: job, in: folder, draft: outcome)
        } catch {
            return outcome.ended(.unavailable, message: "the worker could not start the script: \(error)")
        }
    }

    /// Forgets what is kept for further attempts of a job.
    public func discardCheckpoint(of attempt: Attempt) { JobFolder(attempt: attempt, below: root).removeCheckpoint() }

    private func launch(_ job: Job, in folder: JobFolder, until stopLine: StopLine) async throws -> LaunchEnding {
        let specification = LaunchSpecification(
            command: [environment.interpreter, "solution.py"],
            environment: ScriptEnvironment.variables(for: job, in: folder), folder: folder.box,
            stdout: folder.standardOutput, stderr: folder.standardError, wall_seconds: job.limits.wall.seconds,
            memory_bytes: job.limits.memoryBytes, output_bytes: job.limits.outputBytes,
            file_bytes: Self.largestFile, grace_seconds: 1)
        try JSONEncoder().encode(specification).write(to: URL(fileURLWithPath: folder.specification))
        let launcher = try launchers.next()
        stopLine.attach(to: launcher.line)
        return try await launcher.run(specification: folder.specification)
    }

    private func conclude(
        _ ending: LaunchEnding, of job: Job, in folder: JobFolder, draft: Draft
    ) -> Outcome {
        let transcript = Transcript(folder: folder)
        let submission = Self.submission(at: folder.submission)
        var draft = draft
        draft.usage = ending.usage
        draft.log = transcript.log
        draft.selfReported = transcript.selfReported
        draft.submission = submission
        switch (ending.reason, ending.exit_code, ending.signal) {
        case ("timeout", _, _): return draft.ended(.timeout, message: "the script ran into its time limit")
        case ("memory", _, _): return draft.ended(.outOfMemory, message: "the script ran into its memory limit")
        case ("output", _, _): return draft.ended(.outputLimit, message: "the script printed more than allowed")
        case ("cancelled", _, _): return draft.ended(.interrupted, message: "the worker stopped the script")
        case (_, 0?, _): return draft.endedWell(owing: job.deliverable)
        case (_, _, let signal?):
            return draft.ended(.killed(signal: signal), message: "the script was ended by signal \(signal)")
        default: return draft.ended(transcript, exitCode: ending.exit_code ?? -1)
        }
    }

    /// The submission's bytes, if it is a plain file of a sensible size.
    private static func submission(at path: String) -> [UInt8]? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largestSubmission
        else { return nil }
        return FileManager.default.contents(atPath: path).map(Array.init)
    }
}

import ArgumentParser
import Blobs
import Execution
import Foundation
import Vocabulary

/// Runs one script exactly as a job would, and prints its outcome.
struct ExecuteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Runs one script exactly as a job would and prints its outcome.",
        discussion: """
            Exit codes: 0 the script succeeded · 5 it ended otherwise · 1 an error · 64 a wrong argument · 130 and 143 interrupted \
            (INT, TERM).
            """)

    @Argument(help: "The script.")
    var script: String

    @Option(help: "Folder that the script finds as ./input.")
    var input: String?

    @Flag(help: "Print one line of JSON for each run.")
    var json = false

    @Option(help: "Where to put the submission.")
    var submission: String?

    @Flag(help: "A score line is enough: no submission is asked for.")
    var scoreLine = false

    @OptionGroup var python: PythonOptions

    @OptionGroup var sandbox: SandboxOptions

    @Option(help: "Seed handed to the script.")
    var seed = 0

    @Option(help: "Cores the script may use.")
    var cores = 1

    @Option(help: "Time limit in seconds.")
    var wallLimit = 600.0

    @Option(help: "Memory limit in MiB.")
    var memoryLimitMib = 8192

    @Option(help: "Output limit in MiB.")
    var outputLimitMib = 64

    @Option(help: "Run it so many times, after its imports were made ready if there are more than one.")
    var repeats = 1

    @Option(help: "Run so many at once.")
    var parallel = 1

    func validate() throws {
        try Ranges.check(
            ("--seed", seed, 0...Int.max), ("--cores", cores, 1...4096),
            // With less than this an interpreter does not start.
            ("--memory-limit-mib", memoryLimitMib, 32...1 << 30), ("--output-limit-mib", outputLimitMib, 1...1 << 20),
            ("--repeats", repeats, 1...1_000_000), ("--parallel", parallel, 1...1024))
        guard (0.1...Ranges.year).contains(wallLimit) else {
            throw ValidationError("--wall-limit must be 0.1 to \(Int(Ranges.year)) seconds, not \(wallLimit)")
        }
    }

    func run() async throws {
        guard let text = FileManager.default.contents(atPath: script) else {
            throw ValidationError("cannot read the script \(script)")
        }
        let interruption = Interruption()
        let signals = interruption.listen(for: [SIGINT, SIGTERM])
        defer { for source in signals { source.cancel() } }
        let folder = try PassingFolder()
        defer { folder.remove() }
        let allSucceeded: Bool
        do {
            allSucceeded = try await run(String(decoding: text, as: UTF8.self), in: folder.path, interruption)
        } catch {
            // A signal from the terminal reaches what we have started, too, which then fails.
            if let signal = interruption.received { throw ExitCode(128 + signal) }
            throw error
        }
        if let signal = interruption.received { throw ExitCode(128 + signal) }
        if !allSucceeded { throw ExitCode(5) }
    }

    private func run(_ text: String, in folder: String, _ interruption: Interruption) async throws -> Bool {
        let data = try inputFolder(beside: folder)
        let environment = try await python.environment(requiring: [])
        let policy = try await sandbox.policy(slots: parallel)
        let runner = try await JobRunner(environment: environment, root: folder, policy: policy)
        let limits = Limits(
            wall: .milliseconds(Int64(wallLimit * 1000)), memoryBytes: memoryLimitMib << 20,
            outputBytes: outputLimitMib << 20)
        let jobs = (1...repeats).map { number in
            Job(
                id: JobID("exec:\(number)"), kind: .candidateEvaluation, script: Script(text),
                mount: Mount(manifest: environment.fingerprint, path: data),
                deliverable: scoreLine ? .scoreLine : .submission, seed: seed, cores: cores, limits: limits,
                needs: Needs(gpus: policy.gpus.count / parallel))
        }
        if repeats > 1 { await runner.prepare(jobs[0]) }
        let result: Result<Bool, any Error>
        do { result = .success(try await run(jobs, on: runner, interruption)) } catch { result = .failure(error) }
        // What prepares itself for further scripts would write its files anew.
        await runner.end()
        return try result.get()
    }

    /// Runs jobs a few at a time, and prints each outcome as it comes.
    private func run(_ jobs: [Job], on runner: JobRunner, _ interruption: Interruption) async throws -> Bool {
        var waiting = jobs[...]
        var allSucceeded = true
        try await withThrowingTaskGroup(of: (Double, Outcome).self) { group in
            func next() {
                guard interruption.received == nil, let job = waiting.popFirst() else { return }
                group.addTask {
                    let asked = MonotonicClock.seconds
                    return (asked, await runner.run(job, term: .first, until: interruption.line()))
                }
            }
            for _ in 0..<parallel { next() }
            while let (asked, outcome) = try await group.next() {
                allSucceeded = allSucceeded && outcome.ending == .succeeded
                try show(outcome, askedAt: asked, runner.environment)
                next()
            }
        }
        return allSucceeded
    }

    private func inputFolder(beside folder: String) throws -> String {
        if let input {
            let path = URL(fileURLWithPath: input).standardizedFileURL.path
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
                throw ValidationError("--input \(input) is no folder")
            }
            return path
        }
        let empty = "\(folder)/no-input"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        return empty
    }

    private func show(_ outcome: Outcome, askedAt: Double, _ environment: PythonEnvironment) throws {
        if let submission, let bytes = outcome.submission {
            try Data(bytes).write(to: URL(fileURLWithPath: submission))
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(OutcomeText(outcome, askedAt: askedAt)), as: UTF8.self))
            return
        }
        // A script's words must not reach the terminal as commands.
        let log = outcome.log.withoutControls
        print(log, terminator: log.hasSuffix("\n") || log.isEmpty ? "" : "\n")
        print("--- \(outcome.ending)\(outcome.message.isEmpty ? "" : ": \(outcome.message)")".withoutControls)
        let usage = outcome.usage
        print(
            "--- wall \(usage.wall.milliseconds) ms, processor \(usage.cpu.milliseconds) ms, memory "
                + "\(usage.peakMemoryBytes >> 20) MiB, sandbox \(outcome.sandbox.rawValue), environment "
                + "\(environment.fingerprint.short)")
    }
}

/// An outcome as JSON.
private struct OutcomeText: Encodable {
    private enum CodingKeys: CodingKey {
        case ending, message, log, selfReported, submissionBytes, submissionHash, wallSeconds, cpuSeconds
        case peakMemoryBytes, peakGPUMemoryBytes, wholeLogBytes, sandbox, environment, askedAt, endedAt
    }

    let ending: String
    let message: String
    let log: String
    let selfReported: Double?
    let submissionBytes: Int?
    let submissionHash: String?
    let wallSeconds: Double
    let cpuSeconds: Double
    let peakMemoryBytes: Int
    let peakGPUMemoryBytes: Int
    let wholeLogBytes: Int?
    let sandbox: String
    let environment: String
    /// When the request was made, on the clock that Python calls `time.monotonic()`.
    let askedAt: Double
    let endedAt: Double

    init(_ outcome: Outcome, askedAt: Double) {
        ending = outcome.ending.description
        message = outcome.message
        log = outcome.log
        selfReported = outcome.selfReported
        submissionBytes = outcome.submission?.count
        submissionHash = outcome.submission.map { Hashing.hash($0).rawValue }
        wallSeconds = outcome.usage.wall.seconds
        cpuSeconds = outcome.usage.cpu.seconds
        peakMemoryBytes = outcome.usage.peakMemoryBytes
        peakGPUMemoryBytes = outcome.usage.peakGPUMemoryBytes
        wholeLogBytes = outcome.wholeLog?.count
        sandbox = outcome.sandbox.rawValue
        environment = outcome.environment.rawValue
        self.askedAt = askedAt
        endedAt = MonotonicClock.seconds
    }

    /// Every key is there, with `null` where there is nothing to tell.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(ending, forKey: .ending)
        try container.encode(message, forKey: .message)
        try container.encode(log, forKey: .log)
        try container.encode(selfReported, forKey: .selfReported)
        try container.encode(submissionBytes, forKey: .submissionBytes)
        try container.encode(submissionHash, forKey: .submissionHash)
        try container.encode(wallSeconds, forKey: .wallSeconds)
        try container.encode(cpuSeconds, forKey: .cpuSeconds)
        try container.encode(peakMemoryBytes, forKey: .peakMemoryBytes)
        try container.encode(peakGPUMemoryBytes, forKey: .peakGPUMemoryBytes)
        try container.encode(wholeLogBytes, forKey: .wholeLogBytes)
        try container.encode(sandbox, forKey: .sandbox)
        try container.encode(environment, forKey: .environment)
        try container.encode(askedAt, forKey: .askedAt)
        try container.encode(endedAt, forKey: .endedAt)
    }
}

/// The clock that all processes of the machine share.
private enum MonotonicClock {
    static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

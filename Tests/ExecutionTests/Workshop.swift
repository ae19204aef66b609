import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Execution

/// A worker's runner in a folder of its own, with data, and eyes for what scripts leave behind.
final class Workshop: Sendable {
    static let hash = ContentHash(String(repeating: "ab", count: 32))
    let folder: TemporaryFolder
    let runner: JobRunner

    /// What a test asks for beyond the defaults.
    struct Bounds: Sendable {
        var wall = Duration.seconds(120)
        var memory = 1 << 30
        var output = 1 << 20
        var seed = 7
        var cores = 2
        var deliverable = Deliverable.submission
        var earlyStop: EarlyStop?
        var kind = JobKind.candidateEvaluation
        var needs = Needs()
    }

    /// - Parameters:
    ///   - python: an interpreter; the test's own one, with packages or without, when nothing is said.
    ///   - isClosed: whether no other user can look into the worker's folder.
    init(policy: SandboxPolicy = SandboxPolicy(), python: String? = nil, isClosed: Bool = false) async throws {
        folder = try TemporaryFolder()
        mkdir("\(folder.path)/worker", isClosed ? 0o700 : 0o755)
        // The script's user must be able to read the data, and nothing else here.
        try folder.write("id\n1\n", to: "data/test.csv")
        let interpreter =
            python ?? PythonEnvironment.locate(named: "python3", environment: ProcessInfo.processInfo.environment)
        let environment = try await PythonEnvironment.inspect(interpreter: interpreter, requiring: [])
        runner = try await JobRunner(environment: environment, root: "\(folder.path)/worker", policy: policy)
    }

    /// The interpreter with the packages of `core`, if the tests were given one.
    static var trainingPython: String? {
        ProcessInfo.processInfo.environment["MLESTAR_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A job that is never run.
    static let plainJob = Job(
        id: JobID("r:plain"), kind: .ablation, script: Script(""), mount: Mount(manifest: hash, path: "/nowhere"),
        seed: 0,
        cores: 1, limits: Limits(wall: .seconds(1), memoryBytes: 1 << 30, outputBytes: 1 << 20))

    func job(_ script: String, _ bounds: Bounds = Bounds(), run: String = "r") -> Job {
        Job(
            id: JobID("\(run):\(UUID().uuidString)"), kind: bounds.kind, script: Script(script),
            mount: Mount(manifest: Self.hash, path: "\(folder.path)/data"), deliverable: bounds.deliverable,
            seed: bounds.seed, cores: bounds.cores,
            limits: Limits(wall: bounds.wall, memoryBytes: bounds.memory, outputBytes: bounds.output),
            earlyStop: bounds.earlyStop, needs: bounds.needs)
    }

    func run(_ script: String, _ bounds: Bounds = Bounds(), stopLine: StopLine? = nil) async -> Outcome {
        await attempt(script, bounds, stopLine: stopLine).outcome
    }

    /// From an interpreter that holds the script's imports, if there can be one.
    func runWarm(_ script: String, _ bounds: Bounds = Bounds()) async -> (outcome: Outcome, wasWarm: Bool) {
        // Scripts of other tests share the interpreters, and theirs may take this one's place before it is used.
        for _ in 0..<9 {
            await runner.prepare(job(script, bounds))
            let told = await attempt(script, bounds)
            if told.wasWarm { return told }
        }
        return await attempt(script, bounds)
    }

    func attempt(_ script: String, _ bounds: Bounds = Bounds(), stopLine: StopLine? = nil) async
        -> (outcome: Outcome, wasWarm: Bool)
    {
        let job = job(script, bounds)
        await Turn.shared.take()
        let told = await runner.attempt(job, term: .first, until: stopLine ?? StopLine())
        await Turn.shared.giveBack()
        runner.discardCheckpoint(of: Attempt(job: job.id, term: .first))
        let left = JobFolder(attempt: Attempt(job: job.id, term: .first), below: "\(folder.path)/worker")
        for path in [left.path, left.path + ".gone", left.checkpoint, left.checkpoint + ".gone"] {
            #expect(!FileManager.default.fileExists(atPath: path), "left on disk")
        }
        #expect(Self.processes(seeing: (left.path as NSString).lastPathComponent) == [], "left running")
        return told
    }

    /// Living processes that were started with a seed, by what `ps` would show.
    static func processes(withSeed seed: Int) -> [String] {
        let mark = Data("MLESTAR_SEED=\(seed)\0".utf8)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { Int($0) != nil }.compactMap { name in
            guard let variables = FileManager.default.contents(atPath: "/proc/\(name)/environ"),
                variables.range(of: mark) != nil,
                let status = FileManager.default.contents(atPath: "/proc/\(name)/stat")
            else { return nil }
            let words = String(decoding: status, as: UTF8.self)
            return words.contains(") Z") ? nil : words
        }
    }

    /// Living processes that see the folder of an attempt, by its name: those in its room.
    static func processes(seeing name: String) -> [String] {
        let mark = Data("/jobs/\(name)/".utf8)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter {
            Int($0) != nil && FileManager.default.contents(atPath: "/proc/\($0)/mountinfo")?.range(of: mark) != nil
        }
    }

    /// A script that hands in a submission.
    static let submit = """
        open("final/submission.csv", "w").write("id,p\\n1,0.5\\n")

        """
}

/// Lets a few scripts run at once: tests start all their cases together, and time limits are real.
private actor Turn {
    static let shared = Turn()
    private var free = 4
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

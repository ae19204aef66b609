import Foundation
import Subprocess
import SystemPackage
import TestKit
import Testing

/// A Slurm of this machine's own, started for the test; its daemons end with it, or with the process of the tests.
private final class SlurmCluster {
    /// The path of its slurm.conf.
    let configuration: String
    private let process = Process()
    private let input = Pipe()

    init(folder: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "\(PythonServer.fixtures)/slurm_cluster.py", folder]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first != 10, !byte.isEmpty {
            line += byte
        }
        configuration = String(decoding: line, as: UTF8.self)
        guard configuration.hasSuffix("slurm.conf") else {
            throw PythonServer.Failure(description: "Slurm did not start; see \(folder)")
        }
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Why there can be none; `nil` where there can.
    static let obstacle: String? = {
        guard Program.trains else { return "tests that train are not wanted, or MLESTAR_PYTHON is not set" }
        guard geteuid() == 0 else { return "Slurm's daemons need root" }
        let folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"]
        let missing = ["slurmctld", "slurmd", "sbatch", "munged"].filter { program in
            !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
        }
        return missing.isEmpty ? nil : "not installed: \(missing.joined(separator: " ")) (Debian: slurm-wlm munge)"
    }()
}

@Suite(
    "A fleet on real Slurm", .timeLimit(.minutes(6)),
    .enabled(if: SlurmCluster.obstacle == nil, Comment(rawValue: SlurmCluster.obstacle ?? "")))
struct SlurmFleetTests {
    private let program: Program
    private var key: String { "\(program.folder.path)/workers.key" }
    private static let small = """
        search: {solutions: 1, candidates: 2, outer_steps: 1, inner_steps: 1, ablation_variants: 1}
        evaluation: {folds: 1}
        """

    init() throws {
        program = try Program()
        try program.folder.write(Self.small, to: "small.yaml")
    }

    @Test("workers come when a search has work, one that is cancelled costs its attempt alone, and all go in the end")
    func fillsAndEmpties() async throws {
        try await withCluster { slurm in
            #expect(try await jobs(slurm, "all").isEmpty, "the queue is empty before")
            let made = try await program.mlestar("keys", "new", "workers", "--out", key, "--state", program.state)
            #expect(made.exitCode == 0, "\(made.errors)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await serve(slurm) }
                group.addTask { try await keepFleet(slurm) }
                try await submit()
                let cancelled = try await cancelOneAtWork(slurm)
                try await wait("the run's end") { FileManager.default.fileExists(atPath: "\(program.out)/run.json") }
                try await wait("the workers' end") { try await jobs(slurm, "PENDING,RUNNING").isEmpty }
                group.cancelAll()
                try? await group.waitForAll()
                try await check(slurm, cancelled)
            }
        }
    }

    /// Cancels the job of a worker that trains something and hands it back, and tells its number.
    private func cancelOneAtWork(_ slurm: [String: String]) async throws -> String {
        // Race: what a worker trains may end before its job is cancelled; then it hands nothing back, and another one's turn
        // comes.
        var tried: [String] = []
        while true {
            let others = tried.map { "'\($0)'" }.joined(separator: ",")
            var worker = ""
            try await wait("a worker at work") {
                worker = try await ask(
                    "SELECT worker FROM attempts WHERE ended_at IS NULL AND worker LIKE 'workers-slurm-%' "
                        + "AND worker NOT IN (\(others)) LIMIT 1")
                return !worker.isEmpty
            }
            tried.append(worker)
            let job = String(worker.dropFirst("workers-slurm-".count))
            try await call("scancel", [job], slurm)
            let its = "attempts WHERE worker = '\(worker)'"
            try await wait("the end of what the cancelled worker had") {
                try await ask("SELECT count(*) FROM \(its) AND ended_at IS NULL") == "0"
            }
            if try await ask("SELECT count(*) FROM \(its) AND ending = 'interrupted'") == "1" { return job }
        }
    }

    private func check(_ slurm: [String: String], _ cancelled: String) async throws {
        let lines = try String(contentsOfFile: "\(program.out)/submission.csv", encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 81)
        #expect(try await ask("SELECT count(*) FROM attempts WHERE worker NOT LIKE 'workers-slurm-%'") == "0")
        let repeated = "attempts a JOIN outcomes o ON o.job = a.job AND o.is_late = 0 AND a.started_at > o.arrived_at"
        #expect(try await ask("SELECT count(*) FROM \(repeated)") == "0", "a finished training was repeated")
        // Slots are one each: the cancelled worker handed back the one attempt it had, which does not count as lost.
        let handedBack = "ending = 'interrupted' AND worker = 'workers-slurm-\(cancelled)'"
        #expect(try await ask("SELECT count(*) FROM attempts WHERE \(handedBack)") == "1")
        #expect(try await ask("SELECT max(losses) FROM jobs") == "0")
        #expect(try await ask("SELECT count(*) FROM outcomes WHERE ending LIKE '%killed%'") == "0")
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(program.folder.path)/home/workers")
        #expect(left == [], "workers that handed everything in left folders")
        let states = try await jobs(slurm, "all").map { $0.split(separator: "|")[1] }
        #expect(
            states.count >= 2 && states.allSatisfy { ["COMPLETED", "CANCELLED", "COMPLETING"].contains($0) },
            "\(states)")
    }

    private func submit() async throws {
        _ = try await door()
        let result = try await program.mlestar(
            "submit", program.task, "--state", program.state, "--out", program.out, "--budget", "3m", "--model",
            "playbook", "--config", "\(program.folder.path)/small.yaml")
        #expect(result.exitCode == 0, "\(result.errors)")
    }

    private func serve(_ slurm: [String: String]) async throws {
        try await untilCancelled(["serve", "--bind", "tcp://127.0.0.1:*", "--state", program.state], slurm)
    }

    /// Where the coordinator listens, as soon as it says so.
    private func door() async throws -> String {
        var door = ""
        try await wait("the coordinator") {
            let log = FileManager.default.contents(atPath: "\(program.folder.path)/serve.log") ?? Data()
            let text = String(decoding: log, as: UTF8.self)
            guard let match = text.firstMatch(of: #/at=(tcp://127\.0\.0\.1:\d+).*listening/#) else { return false }
            door = String(match.1)
            return true
        }
        return door
    }

    private func keepFleet(_ slurm: [String: String]) async throws {
        try await untilCancelled(
            [
                "fleet", "slurm", "--coordinator", try await door(), "--key", key, "--state", program.state, "--max",
                "2",
                "--cpus", "1", "--idle", "4s", "--interval", "1s", "--time", "10", "--worker-argument",
                "--no-warm-start",
            ], slurm)
    }

    private func untilCancelled(_ arguments: [String], _ environment: [String: String]) async throws {
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .interrupt, allowedDurationToNextStep: .seconds(20))]
        let log = try FileDescriptor.open(
            "\(program.folder.path)/\(arguments[0]).log", .writeOnly, options: [.create, .append],
            permissions: .ownerReadWrite)
        do {
            _ = try await Subprocess.run(
                .path(.init("\(Program.products)/mlestar")), arguments: Arguments(arguments),
                environment: .inherit.updating(Self.changes(environment)), platformOptions: options,
                output: .fileDescriptor(log, closeAfterSpawningProcess: false),
                error: .fileDescriptor(log, closeAfterSpawningProcess: true))
        } catch is CancellationError {
            return
        }
    }

    /// Runs `body` with the environment in which Slurm's programs reach a cluster of the test's own.
    private func withCluster(_ body: ([String: String]) async throws -> Void) async throws {
        let cluster = try SlurmCluster(folder: "\(program.folder.path)/slurm")
        defer { cluster.end() }
        try await body(["SLURM_CONF": cluster.configuration, "MLESTAR_HOME": "\(program.folder.path)/home"])
    }

    private func jobs(_ slurm: [String: String], _ states: String) async throws -> [String] {
        try await call("squeue", ["--me", "--noheader", "--states=\(states)", "--format=%i|%T"], slurm)
            .split(separator: "\n").map(String.init)
    }

    @discardableResult
    private func call(_ program: String, _ arguments: [String], _ environment: [String: String]) async throws -> String
    {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments),
            environment: .inherit.updating(Self.changes(environment)), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(program): \(result.standardError)")
        return result.standardOutput
    }

    private static func changes(_ environment: [String: String]) -> [Environment.Key: String?] {
        Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), Optional($1)) })
    }

    /// What the journal answers to a question: the first field of each row.
    private func ask(_ sql: String) async throws -> String {
        let python = """
            import sqlite3, sys
            print(*[row[0] for row in sqlite3.connect(sys.argv[1], timeout=20).execute(sys.argv[2])], sep=',')
            """
        return try await call("python3", ["-c", python, program.journal, sql], [:]).trimmingCharacters(
            in: .whitespacesAndNewlines)
    }

    private func wait(_ what: String, until isDone: () async throws -> Bool) async throws {
        for _ in 0..<1200 {
            if try await isDone() { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        struct Waited: Error { let what: String }
        throw Waited(what: what)
    }
}

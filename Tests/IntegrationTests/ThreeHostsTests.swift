import Foundation
import Subprocess
import SystemPackage
import Testing
import TestKit

/// A coordinator on one host, workers with keys on two others, and what can go wrong between them.
@Suite("Three hosts", .serialized, .timeLimit(.minutes(10)), .enabled(if: Program.trains))
struct ThreeHostsTests {
    private let program: Program
    private static let search = """
        search: {solutions: 2, candidates: 3, outer_steps: 2, inner_steps: 2, ablation_variants: 2}
        """
    /// Shorter than the usual 30 s, so that a cut need not last a minute.
    private static let leaseSeconds = 6

    init() throws {
        program = try Program()
        try program.folder.write(Self.search, to: "search.yaml")
    }

    private func path(_ name: String) -> String { "\(program.folder.path)/\(name)" }

    private func count(_ sql: String) async throws -> Int {
        let python = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])"
        let result = try await Subprocess.run(
            .path("/usr/bin/env"), arguments: ["python3", "-c", python, program.journal, sql],
            output: .string(limit: 1 << 10), error: .string(limit: 1 << 12))
        return try #require(
            Int(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)), "\(result.standardError)")
    }

    private func wait(until words: String, seconds: Int, _ isTrue: () async throws -> Bool) async throws {
        for _ in 0..<(seconds * 5) {
            if (try? await isTrue()) == true { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("waited \(seconds) s in vain until \(words); \(logs)")
    }

    private var logs: String {
        ["coordinator", "gpu-2", "gpu-3"].map { name in
            let text = (try? String(contentsOfFile: path("\(name).log"), encoding: .utf8)) ?? ""
            return "--- \(name)\n\(text.split(separator: "\n").suffix(12).joined(separator: "\n"))"
        }.joined(separator: "\n")
    }

    private func outcomes(_ number: Int) async throws {
        try await wait(until: "\(number) outcomes have come", seconds: 120) {
            try await count("SELECT count(*) FROM outcomes WHERE is_late = 0") >= number
        }
    }

    private func coordinator(on hosts: Hosts) throws -> HostProcess {
        try hosts.start(
            "\(Program.products)/mlestar",
            [
                "serve", "--bind", "tcp://0.0.0.0:5555", "--state", program.state, "--lease-seconds",
                "\(Self.leaseSeconds)",
            ],
            on: 1, log: path("coordinator.log"))
    }

    private func worker(_ number: Int, on hosts: Hosts) throws -> HostProcess {
        try hosts.start(
            "\(Program.products)/mlestar-worker",
            [
                "--coordinator", "tcp://10.77.0.1:5555", "--key", path("gpu-\(number).key"), "--slots", "1", "--cores",
                "1", "--folder", path("gpu-\(number)"), "--no-shared-files",
            ], on: number, log: path("gpu-\(number).log"))
    }

    private func submit() async throws {
        for number in [2, 3] {
            let made = try await program.mlestar(
                "keys", "new", "gpu-\(number)", "--out", path("gpu-\(number).key"), "--state", program.state)
            #expect(made.exitCode == 0, "\(made.errors)")
        }
        let submitted = try await program.mlestar(
            "submit", program.task, "--state", program.state, "--out", program.out, "--budget", "8m", "--evaluations",
            "14", "--config", path("search.yaml"), "--model", "playbook")
        #expect(submitted.exitCode == 0, "\(submitted.errors)")
    }

    @Test(
        "a worker killed, a link cut for longer than the lease, the coordinator killed three times: nothing is lost",
        .enabled(if: Hosts.obstacle == nil, "network namespaces need root, iproute2 and bridges in the kernel"))
    func everythingBreaks() async throws {
        try await submit()
        let hosts = try Hosts(3)
        var coordinator = try coordinator(on: hosts)
        var second = try worker(2, on: hosts)
        let third = try worker(3, on: hosts)
        defer { for process in [coordinator, second, third] { process.end() } }

        try await outcomes(2)
        try await wait(until: "gpu-2 has a job", seconds: 60) { try await holds("gpu-2") }
        second.end()
        second = try worker(2, on: hosts)

        try await outcomes(4)
        try await wait(until: "gpu-3 has a job", seconds: 60) { try await holds("gpu-3") }
        try hosts.cut(3)
        try await wait(until: "the lease of the worker that was cut off has ended", seconds: 60) {
            try await count("SELECT count(*) FROM attempts WHERE ending = 'lease expired'") >= 1
        }
        try hosts.heal(3)

        for number in 0..<3 {
            try await outcomes(7 + 3 * number)
            coordinator.end()
            coordinator = try self.coordinator(on: hosts)
        }
        try await wait(until: "the run has ended", seconds: 240) {
            FileManager.default.fileExists(atPath: "\(program.out)/run.json")
        }
        #expect(second.isRunning && third.isRunning && coordinator.isRunning, "\(logs)")
        try await check()
    }

    private func holds(_ worker: String) async throws -> Bool {
        try await count("SELECT count(*) FROM attempts WHERE worker = '\(worker)' AND ended_at IS NULL") > 0
    }

    private func check() async throws {
        let lines = try String(contentsOfFile: "\(program.out)/submission.csv", encoding: .utf8).split(separator: "\n")
        #expect(lines.first == "id,label" && lines.count == 81)
        #expect(try await count("SELECT count(*) FROM runs WHERE state = 'finished'") == 1)
        let afterwards = "attempts a JOIN outcomes o ON o.job = a.job AND o.is_late = 0 AND a.started_at > o.arrived_at"
        #expect(try await count("SELECT count(*) FROM \(afterwards)") == 0, "a finished training was repeated")
        let late = "outcomes WHERE is_late = 1 AND (ending LIKE '%succeeded%' OR ending LIKE '%exception%')"
        let duplicates = try await count("SELECT count(*) FROM \(late)")
        #expect(duplicates <= 1, "one cut costs one attempt at most")
        #expect(
            try await count("SELECT count(*) FROM jobs WHERE state = 'abandoned'") == 0, "a job was given up: \(logs)")
        #expect(try await count("SELECT count(DISTINCT worker) FROM attempts") == 2)
        let restarts = try await count("SELECT max(times_asked) FROM steps")
        #expect(restarts <= 4, "a step was asked more often than the coordinator was killed")
        let lost = try await count("SELECT count(*) FROM attempts WHERE ending IN ('lease expired', 'worker departed')")
        // The killed worker's attempt and the cut one's; a killed coordinator costs none.
        #expect((1...4).contains(lost), "\(lost) attempts were lost")
        let report = try String(contentsOfFile: "\(program.out)/report.md", encoding: .utf8)
        #expect(report.contains("## Attempts that were lost"))
        // A worker that is back before its job was given elsewhere goes on with its attempt, which is then not lost.
        let expired = try await count("SELECT count(*) FROM attempts WHERE ending = 'lease expired'")
        #expect(expired == 0 || report.contains("lease expired"))
        let total = try await count("SELECT count(*) FROM attempts")
        print("three hosts: \(total) attempts, \(lost) lost, \(duplicates) finished twice")
    }
}

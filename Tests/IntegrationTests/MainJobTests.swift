import Blobs
import Foundation
import Subprocess
import SystemPackage
import Testing
import TestKit

@Suite("The main job, as its user runs it", .serialized, .timeLimit(.minutes(10)), .enabled(if: Program.trains))
struct MainJobTests {
    private let program: Program
    private static let small = """
        search: {solutions: 2, candidates: 2, outer_steps: 1, inner_steps: 1, ablation_variants: 2}
        """

    init() throws {
        program = try Program()
        try program.folder.write(Self.small, to: "small.yaml")
    }

    private var arguments: [String] {
        [
            "run", program.task, "--state", program.state, "--out", program.out, "--budget", "8m", "--workers", "2",
            "--config", "\(program.folder.path)/small.yaml",
        ]
    }

    /// One number the journal answers to a question.
    private func count(_ sql: String) async throws -> Int {
        let python = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])"
        let result = try await Subprocess.run(
            .path("/usr/bin/env"), arguments: ["python3", "-c", python, program.journal, sql],
            output: .string(limit: 1 << 10), error: .string(limit: 1 << 12))
        return try #require(
            Int(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)), "\(result.standardError)")
    }

    /// Starts the program and ends it as soon as the journal holds `steps` answered steps.
    private func runUntilKilled(_ arguments: [String], afterSteps steps: Int) async throws {
        _ = try await Subprocess.run(
            .path(.init("\(Program.products)/mlestar")), arguments: Arguments(arguments), input: .none,
            output: .discarded, error: .discarded
        ) { execution in
            let sql = "SELECT count(*) FROM steps WHERE state = 'answered'"
            for _ in 0..<600 {
                if let answered = try? await count(sql), answered >= steps { break }
                try await Task.sleep(for: .milliseconds(100))
            }
            try execution.send(signal: .kill)
        }
    }

    private func checkSubmission() throws {
        let lines = try String(contentsOfFile: "\(program.out)/submission.csv", encoding: .utf8).split(separator: "\n")
        #expect(lines.first == "id,label" && lines.count == 81)
        let predictions = lines.dropFirst().compactMap { Double($0.split(separator: ",")[1]) }
        #expect(predictions.count == 80 && predictions.allSatisfy { (0...1).contains($0) })
        #expect(Set(predictions).count > 5, "a constant is no prediction")
    }

    /// The model that was kept predicts the test rows as the run did; trained anew it would take longer than to load.
    ///
    /// A few of them are predicted as among all: no other row decides what a row gets, though AUC asks for ranks.
    private func checkPrediction() async throws {
        let kept = "\(program.out)/model.tar.gz"
        #expect(FileManager.default.fileExists(atPath: kept))
        let submission = try lines(of: "\(program.out)/submission.csv")
        let test = try lines(of: "\(program.task)/test.csv")
        #expect(try await predicted(test) == submission)
        for rows in [1, 19] {
            let some = try await predicted(Array(test.prefix(1 + rows)))
            #expect(some.map { $0.prefix { $0 != "," } } == submission.prefix(1 + rows).map { $0.prefix { $0 != "," } })
            let pairs = zip(some, submission).dropFirst().map { (number(in: $0), number(in: $1)) }
            // Sums over fewer rows may round otherwise, and then a row changes places with its neighbour.
            #expect(pairs.allSatisfy { abs($0 - $1) < 0.013 }, "\(pairs)")
        }
    }

    /// The script needs nothing but the task's files: neither the program's environment nor its state nor the kept model.
    private func checkSolutionAlone() async throws {
        let copy = "\(program.folder.path)/copy"
        let files = FileManager.default
        try files.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try files.copyItem(atPath: program.task, toPath: "\(copy)/input")
        try files.copyItem(atPath: "\(program.out)/solution.py", toPath: "\(copy)/solution.py")
        let python = try #require(ProcessInfo.processInfo.environment["MLESTAR_PYTHON"])
        let result = try await Program.run(
            at: "/usr/bin/env", ["-i", "-C", copy, python, "solution.py"])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try lines(of: "\(copy)/final/submission.csv") == lines(of: "\(program.out)/submission.csv"))
    }

    private func lines(of path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private func number(in line: String) -> Double { line.split(separator: ",").last.flatMap { Double($0) } ?? .nan }

    /// The lines that `predict.sh` writes for the lines of a test.csv.
    private func predicted(_ test: [String]) async throws -> [String] {
        try program.folder.write(test.joined(separator: "\n") + "\n", to: "asked.csv")
        let answer = "\(program.folder.path)/predicted.csv"
        let result = try await Program.run(
            at: "/bin/sh", ["\(program.out)/predict.sh", "\(program.folder.path)/asked.csv", answer])
        #expect(result.exitCode == 0, "\(result.errors)")
        return try lines(of: answer)
    }

    @Test("one command leaves a submission, the script that made it and a report")
    func run() async throws {
        let result = try await Program.run("mlestar", arguments + ["--json"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(json["metric"] as? String == "auc" && json["solution"] is String)
        try checkSubmission()
        let report = try String(contentsOfFile: "\(program.out)/report.md", encoding: .utf8)
        #expect(report.contains("| hidden |") && report.contains("candidate-evaluation"))
        #expect(try String(contentsOfFile: "\(program.out)/solution.py", encoding: .utf8).contains("submission.csv"))
        try await checkPrediction()
        try await checkSolutionAlone()
        let run = try #require(json["run"] as? String)
        let tree = try await program.mlestar("tree", run, "--state", program.state)
        #expect(tree.output.contains("candidate-1") && tree.exitCode == 0)
        let status = try await program.mlestar("list", "--state", program.state)
        #expect(status.output.contains("\(run)  finished"))
        #expect(status.output.contains(#/best 0\.\d+ \(hidden[^)]*\)/#), "\(status.output)")
        let listed = try await program.mlestar("list", "--json", "--state", program.state)
        #expect(listed.output.contains(#/"bestEvaluation" ?: ?"hidden/#), "\(listed.output)")
    }

    @Test("killed with -9 again and again and resumed, nothing finished is asked or trained again")
    func killedAndResumed() async throws {
        try await runUntilKilled(arguments, afterSteps: 4)
        let status = try await program.mlestar("list", "--state", program.state)
        let run = try #require(status.output.split(separator: " ").first.map(String.init))
        #expect(status.output.contains("stopped (resume it)"))
        let resume = ["resume", run, "--state", program.state, "--workers", "2"]
        try await runUntilKilled(resume, afterSteps: 9)
        let result = try await Program.run("mlestar", resume)
        #expect(result.exitCode == 0, "\(result.errors)")
        try checkSubmission()
        let afterwards = "attempts a JOIN outcomes o ON o.job = a.job AND o.is_late = 0 AND a.started_at > o.arrived_at"
        #expect(try await count("SELECT count(*) FROM \(afterwards)") == 0, "a finished training was repeated")
        #expect(
            try await count("SELECT count(*) FROM outcomes WHERE is_late = 1") == 0, "a training ran twice side by side"
        )
        #expect(
            try await count("SELECT max(times_asked) FROM steps") <= 3,
            "a step was asked more often than it was cut off")
        let again = try await Program.run("mlestar", resume)
        #expect(again.exitCode == 0, "a finished run resumed is the same run")
        for name in ["local-1", "local-2"] {
            let lock = "\(program.state)/runs/\(run)/workers/\(name)/lock"
            #expect(!FolderLock.isHeld(path: lock), "\(name) was left behind")
        }
    }

    @Test("ctrl-C once ends with the best so far and a valid submission")
    func interrupted() async throws {
        let sql = "SELECT count(*) FROM scores"
        let result = try await Subprocess.run(
            .path(.init("\(Program.products)/mlestar")), arguments: Arguments(arguments), input: .none,
            output: .discarded, error: .discarded
        ) { execution in
            for _ in 0..<600 {
                if let scores = try? await count(sql), scores >= 1 { break }
                try await Task.sleep(for: .milliseconds(100))
            }
            try execution.send(signal: .interrupt)
        }
        #expect(result.terminationStatus == .exited(0))
        try checkSubmission()
    }

    @Test("workers that are started by hand do the work of a serving coordinator")
    func served() async throws {
        let endpoint = "ipc://\(program.folder.path)/door"
        let submitted = try await program.mlestar(
            "submit", program.task, "--state", program.state, "--out", program.out, "--budget", "8m", "--config",
            "\(program.folder.path)/small.yaml")
        #expect(submitted.exitCode == 0, "\(submitted.errors)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await self.serveUntilCancelled("mlestar", ["serve", "--bind", endpoint, "--state", program.state])
            }
            group.addTask {
                try await self.serveUntilCancelled(
                    "mlestar-worker",
                    ["--coordinator", endpoint, "--slots", "2", "--folder", "\(program.folder.path)/worker"])
            }
            for _ in 0..<3_000 {
                if FileManager.default.fileExists(atPath: "\(program.out)/run.json") { break }
                try await Task.sleep(for: .milliseconds(100))
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        try checkSubmission()
    }

    private func serveUntilCancelled(_ name: String, _ arguments: [String]) async throws {
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .interrupt, allowedDurationToNextStep: .seconds(20))]
        do {
            _ = try await Subprocess.run(
                .path(.init("\(Program.products)/\(name)")), arguments: Arguments(arguments),
                platformOptions: options, output: .discarded, error: .discarded)
        } catch is CancellationError {
            return
        }
    }
}

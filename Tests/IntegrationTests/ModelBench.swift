import Foundation
import Subprocess
import SystemPackage
import TestKit
import Testing

/// A folder with a real task, and the program run on it with a scripted model.
struct ModelBench {
    private let owner: TemporaryFolder

    var folder: String { owner.path }
    var task: String { "\(folder)/task" }
    var state: String { "\(folder)/state" }
    var out: String { "\(folder)/out" }

    static let small = """
        search: {solutions: 1, candidates: 2, outer_steps: 1, inner_steps: 2, ablation_variants: 2}

        """

    /// A Python with pytabkit.
    static let tabular = ProcessInfo.processInfo.environment["MLESTAR_PYTABKIT_PYTHON"]

    /// - Parameter script: what writes the task, in `Fixtures/scripted`.
    init(task script: String = "tumours.py") async throws {
        owner = try TemporaryFolder()
        let python = try #require(ProcessInfo.processInfo.environment["MLESTAR_PYTHON"])
        let made = try await Subprocess.run(
            .path(.init(python)), arguments: ["\(ScriptedServer.folder)/\(script)", task], output: .discarded,
            error: .string(limit: 1 << 16))
        try #require(made.terminationStatus.isSuccess, "\(made.standardError)")
    }

    func configuration(named name: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("configs/\(name).yaml"), encoding: .utf8)
    }

    func realMLP() throws -> String {
        let example = """
            # RealMLP

            ```python
            from pytabkit import RealMLP_TD_Classifier

            model = RealMLP_TD_Classifier(device="cpu", n_epochs=8, random_state=SEED, verbosity=0)
            ```

            """
        try owner.write(example, to: "realmlp.md")
        return "\(folder)/realmlp.md"
    }

    private func arguments(_ server: ScriptedServer, _ configuration: String, _ budget: String) throws -> [String] {
        try owner.write(configuration, to: "configuration.yaml")
        return [
            "run", task, "--state", state, "--out", out, "--budget", budget, "--workers", "2", "--model", server.model,
            "--config", "\(folder)/configuration.yaml",
        ]
    }

    func run(
        _ server: ScriptedServer, configuration: String, budget: String = "5m", arguments more: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> Program.Result {
        try await Program.run("mlestar", try arguments(server, configuration, budget) + more, environment)
    }

    func mlestar(_ arguments: String...) async throws -> Program.Result { try await Program.run("mlestar", arguments) }

    /// Runs until a question to the journal is answered with 1, and then sends a signal.
    func runUntil(
        _ server: ScriptedServer, configuration: String, _ sql: String, signal: Signal
    ) async throws {
        let arguments = Arguments(try arguments(server, configuration, "5m"))
        _ = try await Subprocess.run(
            .path(.init("\(Program.products)/mlestar")), arguments: arguments, input: .none, output: .discarded,
            error: .discarded
        ) { execution in
            for _ in 0..<600 {
                if (try? await count(sql)) == 1 { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            try execution.send(signal: signal)
        }
    }

    /// One number the journal answers to a question.
    func count(_ sql: String) async throws -> Int {
        let python = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])"
        let result = try await Subprocess.run(
            .path("/usr/bin/python3"), arguments: ["-c", python, "\(state)/journal.sqlite", sql],
            output: .string(limit: 1 << 10), error: .string(limit: 1 << 12))
        guard let number = Int(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw NoAnswer(words: result.standardError)
        }
        return number
    }

    struct NoAnswer: Error { let words: String }

    func runName() async throws -> String {
        let status = try await mlestar("list", "--state", state)
        return try #require(status.output.split(separator: " ").first.map(String.init))
    }

    /// The tree of the newest run without its seconds, which are those of the machine.
    func tree() async throws -> [String] {
        let tree = try await mlestar("tree", try await runName(), "--state", state)
        return tree.output.split(separator: "\n").map(String.init).map { line in
            line.replacing(#/ [0-9.]+ s$/#, with: "").replacing(#/"wall":\[[0-9,]*\]/#, with: "")
        }
    }

    func checkSubmission() throws {
        let lines = try String(contentsOfFile: "\(out)/submission.csv", encoding: .utf8).split(separator: "\n")
        #expect(lines.first == "id,target" && lines.count == 170)
        let predictions = lines.dropFirst().compactMap { Double($0.split(separator: ",")[1]) }
        #expect(predictions.count == 169 && predictions.allSatisfy { (0...1).contains($0) })
        #expect(Set(predictions).count > 5, "a constant is no prediction")
    }
}

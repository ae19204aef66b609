import Foundation
import TestKit
import Testing

@Suite("mlestar task, as its user runs it", .timeLimit(.minutes(5)))
struct TaskCommandTests {
    private let program: Program

    init() throws { program = try Program() }

    private func task(_ command: String, _ folder: String? = nil) async throws -> Program.Result {
        try await program.mlestar("task", command, folder ?? program.task, "--state", program.state)
    }

    @Test("check prints what was understood")
    func check() async throws {
        let result = try await task("check")
        #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
        let lines = [
            "rows: 220 to train on, 80 to predict", "id: id", "target: label", "kind: binary",
            "metric: auc, higher is better",
            "submission: id, label", "split: stratified", "scores: hidden",
        ]
        let output = result.output.replacing(#/ +/#, with: " ")
        for line in lines { #expect(output.contains("\n\(line)"), "no '\(line)' in: \(output)") }
    }

    @Test("check says why labels cannot be hidden")
    func notApplicable() async throws {
        try program.folder.write("hidden: false\n", to: "task/task.yaml")
        let result = try await task("check")
        #expect(result.exitCode == 0 && result.output.contains("task.yaml says 'hidden: false'"), "\(result.output)")
    }

    @Test("check refuses a folder that cannot be understood: exit code 2, the file and the remedy")
    func refused() async throws {
        try program.folder.write("# Small\n\n## Evaluation\nWeighted AUC.\n", to: "task/description.md")
        let result = try await task("check")
        #expect(result.exitCode == 2 && result.output.isEmpty)
        #expect(
            result.errors.contains("description.md asks for weighted auc") && result.errors.contains("'metric:'"),
            "\(result.errors)")
        let missing = try await task("check", "/nowhere/task")
        #expect(missing.exitCode == 2 && missing.errors.contains("/nowhere/task"))
    }

    @Test("init writes a task.yaml that is read as what was understood, and never writes over one")
    func initialise() async throws {
        let made = try await task("init")
        #expect(made.exitCode == 0 && made.output == "wrote \(program.task)/task.yaml\n", "\(made.errors)")
        let text = try String(contentsOfFile: "\(program.task)/task.yaml", encoding: .utf8)
        #expect(text.contains("metric: \"auc\"") && text.contains("id: \"id\""))
        let after = try await task("check")
        #expect(after.exitCode == 0 && after.output.contains("task.yaml says so"), "\(after.output) \(after.errors)")
        let again = try await task("init")
        #expect(again.exitCode == 1 && again.errors.contains("exists already"), "\(again.errors)")
        #expect(try String(contentsOfFile: "\(program.task)/task.yaml", encoding: .utf8) == text)
    }
}

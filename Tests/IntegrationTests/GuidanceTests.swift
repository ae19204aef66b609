import Foundation
import TestKit
import Testing

/// What people add on the command line: their own recipes, and what to refine.
@Suite("Guidance from the command line", .serialized, .timeLimit(.minutes(5)))
struct GuidanceTests {
    private let program: Program
    private static let recipe = """
        # recipe: Straight line
        # suits: binary
        # packages: sklearn
        # tier: strong
        # rank: 1

        # --- block: model straight_line ---
        from sklearn.linear_model import LogisticRegression


        def train_straight_line(table, target, seed):
            names = numbers_of(table)
            model = LogisticRegression(max_iter=1000).fit(table[names].fillna(0), target)
            return lambda other: model.predict_proba(other[names].fillna(0))
        """

    init() throws {
        program = try Program()
        try program.folder.write(Self.recipe, to: "recipes/line.py")
        try program.folder.write(
            """
            search: {solutions: 1, candidates: 1, outer_steps: 1, inner_steps: 1, ensemble: none}
            evaluation: {folds: 1}

            """,
            to: "tiny.yaml")
    }

    private func run(_ arguments: String...) async throws -> Program.Result {
        let fixed = [
            "run", program.task, "--state", program.state, "--out", program.out, "--budget", "3m", "--workers", "1",
            "--model", "playbook", "--config", "\(program.folder.path)/tiny.yaml", "--json",
        ]
        return try await Program.run("mlestar", fixed + arguments)
    }

    /// What the journal holds as a step's answer.
    private func answer(to step: String) async throws -> String {
        let python = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])"
        let sql = "SELECT answer FROM steps WHERE path = '\(step)'"
        return try await Program.run(at: "/usr/bin/env", ["python3", "-c", python, program.journal, sql]).output
    }

    @Test(
        "a recipe of a folder is the first script, and the named block is refined without an ablation",
        .enabled(if: Program.trains))
    func recipeAndTarget() async throws {
        let result = try await run(
            "--catalogue", "\(program.folder.path)/recipes", "--target", "the block features, please")
        #expect(result.exitCode == 0, "\(result.errors)")
        let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let run = try #require(json?["run"] as? String)
        let tree = try await program.mlestar("tree", run, "--state", program.state)
        #expect(tree.output.contains("instructed-target  answered") && tree.output.contains("try-1"), "\(tree.output)")
        #expect(!tree.output.contains("ablation"))
        let target = try await answer(to: "solution-1/outer-1/instructed-target")
        #expect(target.contains("# --- block: features ---"), "\(target)")
        let solution = try String(contentsOfFile: "\(program.out)/solution.py", encoding: .utf8)
        #expect(solution.contains("def train_straight_line("))
    }

    @Test("a recipe that is no Python is refused with file and line", .enabled(if: Program.trains))
    func noPython() async throws {
        try program.folder.write(
            Self.recipe.replacing("table[names].fillna(0)", with: "table[names"), to: "broken/line.py")
        let broken = try await run("--catalogue", "\(program.folder.path)/broken")
        #expect(broken.exitCode == 1 && broken.errors.contains("line.py, line 1"), "\(broken.errors)")
        #expect(!FileManager.default.fileExists(atPath: program.out))
    }

    @Test("a broken recipe, a folder that is not there and an empty target are refused before anything begins")
    func brokenCatalogue() async throws {
        try program.folder.write(Self.recipe.replacing("binary", with: "binarry"), to: "broken/line.py")
        let broken = try await run("--catalogue", "\(program.folder.path)/broken")
        #expect(broken.exitCode == 1 && broken.errors.contains("line.py:1: 'binarry'"), "\(broken.errors)")
        let missing = try await run("--catalogue", "\(program.folder.path)/nowhere")
        #expect(missing.exitCode == 1 && missing.errors.contains("nowhere"), "\(missing.errors)")
        let empty = try await run("--target", "  ")
        #expect(empty.exitCode == 64 && empty.errors.contains("--target"), "\(empty.errors)")
        #expect(!FileManager.default.fileExists(atPath: program.out))
    }
}

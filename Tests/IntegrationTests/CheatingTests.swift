import Foundation
import TestKit
import Testing

/// Real scripts in a real search, on a task whose ids and row order give every answer away.
@Suite("Scripts that cheat", .timeLimit(.minutes(5)), .enabled(if: Program.trains))
struct CheatingTests {
    private static let configuration = """
        search: {solutions: 1, candidates: 5, outer_steps: 0, ensemble: none, check_leakage: false}
        evaluation: {folds: 1}
        """

    @Test("by id, by row order or by file name gain nothing beyond chance, are suspected, and lose to an honest one")
    func cheats() async throws {
        let bench = try await ModelBench(task: "sorted.py")
        let cheats = ["by_id", "by_order", "by_file"]
        let server = try ScriptedServer(
            in: bench.folder,
            faults: cheats.enumerated().map { .init(role: "candidate-coder", call: $0.offset + 1, fault: $0.element) })
        defer { server.stop() }
        let result = try await bench.run(server, configuration: Self.configuration)
        #expect(result.exitCode == 0, "\(result.errors)")
        for words in ["Cheats by id", "Cheats by row order", "Cheats by file name"] {
            let scored = """
                SELECT count(*) FROM scores JOIN steps USING (run, path)
                WHERE part = 'search' AND steps.kind = 'run' AND request LIKE '%\(words)%'
                """
            #expect(try await bench.count(scored) >= 1, "\(words): \(result.errors)")
            let gained = "\(scored) AND abs(value - 0.5) > 4 * standard_error"
            #expect(try await bench.count(gained) == 0, "\(words): \(result.errors)")
            let suspected = "\(scored) AND answer LIKE '%leakage is suspected%'"
            #expect(try await bench.count(suspected) == (try await bench.count(scored)))
        }
        let honest = "SELECT count(*) FROM scores WHERE part = 'search' AND value > 0.65"
        #expect(try await bench.count(honest) >= 1)
        let winner = try String(contentsOfFile: "\(bench.out)/solution.py", encoding: .utf8)
        #expect(!winner.contains("Cheats by") && winner.contains("sklearn"))
    }

    @Test("would know every answer where ids and row order are left as they are", arguments: ["by_id", "by_order"])
    func control(cheat: String) async throws {
        let bench = try await ModelBench(task: "sorted.py")
        let place = "\(bench.folder)/plain"
        try FileManager.default.createDirectory(atPath: "\(place)/final", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: "\(place)/input", withDestinationPath: bench.task)
        let script = "cd '\(place)' && python3 '\(ScriptedServer.folder)/cheats/\(cheat).py'"
        let ran = try await Program.run(at: "/bin/sh", ["-c", script])
        #expect(ran.exitCode == 0, "\(ran.errors)")
        let answers = (3001...3500).map { "\($0),\(1 - $0 % 2)" }
        try (["id,label"] + answers).joined(separator: "\n").write(
            toFile: "\(place)/answers.csv", atomically: true, encoding: .utf8)
        let graded = try await Program.run(
            "mlestar",
            ["grade", "\(place)/final/submission.csv", "--answers", "\(place)/answers.csv", "--metric", "auc"])
        #expect(graded.output.hasPrefix("auc 1.0\n"), "\(graded.output) \(graded.errors)")
    }
}

import Blobs
import Foundation
import Subprocess
import SystemPackage
import TestKit
import Testing

/// Several runs on one coordinator, told what to do by other processes.
@Suite("Commands on running coordinators", .serialized, .timeLimit(.minutes(10)), .enabled(if: Program.trains))
struct CommandTests {
    private let program: Program

    init() throws {
        program = try Program()
        try program.folder.write(
            "search: {solutions: 2, candidates: 2, outer_steps: 4, inner_steps: 4, ablation_variants: 2}\n",
            to: "long.yaml")
    }

    private var endpoint: String { "ipc://\(program.folder.path)/door" }

    /// A process beside the body; it gets a signal afterwards unless it has ended or is to end by itself.
    private func with(
        _ name: String, _ arguments: [String], ending signal: Signal?, _ body: () async throws -> Void
    ) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(.init("\(Program.products)/\(name)")), arguments: Arguments(arguments), input: .none,
            output: .discarded, error: .discarded
        ) { execution in
            do { try await body() } catch {
                try? execution.send(signal: .kill)
                throw error
            }
            if let signal { try execution.send(signal: signal) }
        }.terminationStatus
    }

    private func serving(ending signal: Signal, _ body: () async throws -> Void) async throws {
        let arguments = ["serve", "--bind", endpoint, "--state", program.state]
        _ = try await with("mlestar", arguments, ending: signal, body)
    }

    private func call(_ arguments: String...) async throws -> String {
        let result = try await Program.run("mlestar", arguments + ["--state", program.state])
        #expect(result.exitCode == 0, "\(arguments): \(result.errors)")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func submit(_ name: String) async throws -> String {
        try await call(
            "submit", program.task, "--out", "\(program.folder.path)/\(name)", "--budget", "20m", "--model",
            "playbook", "--fresh", "--config", "\(program.folder.path)/long.yaml")
    }

    private struct Standing: Decodable {
        let run: String
        let state: String
        let scripts: Int
        let running: Int
        let spentSeconds: Double
        let best: Double?
        let waits: String?
    }

    private func standing(_ run: String) async throws -> Standing {
        let all = try JSONDecoder().decode([Standing].self, from: Data(try await call("list", "--json").utf8))
        return try #require(all.first { $0.run == run })
    }

    private func wait(for run: String, until condition: (Standing) -> Bool) async throws -> Standing {
        for _ in 0..<900 {
            let now = try await standing(run)
            if condition(now) { return now }
            try await Task.sleep(for: .milliseconds(200))
        }
        let last = try await standing(run)
        Issue.record("it never came to that: \(last)")
        return last
    }

    @Test(
        "two runs share a worker; one is paused over a crash of the coordinator, both are stopped, the worker drained")
    func twoRuns() async throws {
        let one = try await submit("one")
        let two = try await submit("two")
        #expect(try await standing(one).waits?.contains("mlestar serve") == true)
        let worker = [
            "--coordinator", endpoint, "--slots", "2", "--name", "north", "--folder", "\(program.folder.path)/north",
        ]
        let ended = try await with("mlestar-worker", worker, ending: nil) {
            try await serving(ending: .kill) { try await pauseBeside(one, two) }
            #expect(try await standing(one).state == "paused")
            try await serving(ending: .interrupt) { try await goOnAndEnd(one, two) }
        }
        #expect(ended == .exited(6))
        for name in ["one", "two"] {
            let submission = try String(
                contentsOfFile: "\(program.folder.path)/\(name)/submission.csv", encoding: .utf8)
            #expect(submission.split(separator: "\n").count == 81)
        }
    }

    private func pauseBeside(_ one: String, _ two: String) async throws {
        _ = try await wait(for: one) { $0.best != nil }
        _ = try await wait(for: two) { $0.scripts > 0 }
        #expect(try await call("pause", one).contains("paused"))
        let paused = try await wait(for: one) { $0.state == "paused" && $0.running == 0 }
        let before = try await standing(two)
        _ = try await wait(for: two) { $0.scripts > before.scripts + 1 }
        let later = try await standing(one)
        #expect(later.scripts <= paused.scripts + 2 && later.running == 0)
        let wrong = try await program.mlestar("drain", "south", "--state", program.state)
        #expect(wrong.exitCode == 1 && wrong.errors.contains("there are: north"))
    }

    private func goOnAndEnd(_ one: String, _ two: String) async throws {
        let before = try await standing(one)
        let other = try await standing(two)
        _ = try await wait(for: two) { $0.scripts > other.scripts }
        let paused = try await standing(one)
        #expect(paused.state == "paused" && paused.running == 0 && paused.scripts == before.scripts)
        // The time used is entered every two seconds, so the pause itself may hide a little of what came before.
        #expect(paused.spentSeconds <= before.spentSeconds + 2.5)
        #expect(try await call("resume", one).contains("goes on"))
        _ = try await wait(for: one) { $0.scripts > paused.scripts }
        #expect(try await call("stop", one).contains("best so far"))
        #expect(try await call("pause", two).contains("paused"))
        #expect(try await call("stop", two).contains("best so far"), "whoever stops a run ends its pause")
        for run in [one, two] { #expect(try await wait(for: run) { $0.state == "finished" }.best != nil) }
        let again = try await program.mlestar("stop", one, "--state", program.state)
        #expect(again.exitCode == 1 && again.errors.contains("has finished"))
        #expect(try await call("resume", one, "--budget", "30m").contains("handed to the coordinator"))
        _ = try await wait(for: one) { $0.state == "running" }
        _ = try await call("stop", one)
        _ = try await wait(for: one) { $0.state == "finished" }
        #expect(try await call("drain", "north").contains("north end"))
        // What it may still have to hand in, it hands in to this coordinator.
        for _ in 0..<600 where FolderLock.isHeld(path: "\(program.folder.path)/north/lock") {
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

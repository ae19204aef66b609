import Foundation
import Testing
import TestKit

@Suite("Wrong use is answered with a sentence", .timeLimit(.minutes(5)))
struct WrongUseTests {
    private let program: Program

    init() throws { program = try Program() }

    @Test("a folder that is not there")
    func noFolder() async throws {
        let result = try await program.mlestar("run", "/nowhere/task", "--state", program.state)
        #expect(result.exitCode == 2 && result.errors.contains("/nowhere/task"))
    }

    @Test("a folder that lacks a file")
    func noTrain() async throws {
        try FileManager.default.removeItem(atPath: "\(program.task)/train.csv")
        let result = try await program.mlestar("run", program.task, "--state", program.state)
        #expect(result.exitCode == 2 && result.errors.contains("train.csv"))
    }

    @Test("an interpreter that is not there")
    func noPython() async throws {
        let result = try await program.mlestar(
            "run", program.task, "--state", program.state, "--out", program.out, "--python", "/nowhere/python")
        #expect(result.exitCode == 1 && result.errors.contains("/nowhere/python"))
        #expect(result.errors.contains("deploy/python-env.sh"))
        #expect(!FileManager.default.fileExists(atPath: program.out))
    }

    @Test("a state folder of somebody else's", .enabled(if: geteuid() == 0, "needs root"))
    func othersFolder() async throws {
        try program.folder.write("", to: "theirs/file")
        chown("\(program.folder.path)/theirs", 10_001, 10_001)
        let result = try await program.mlestar("keys", "list", "--state", "\(program.folder.path)/theirs")
        #expect(result.exitCode == 1 && result.errors.contains("belongs to another user"), "\(result.errors)")
    }

    @Test("more memory for scripts than the workers have", .enabled(if: Program.trains))
    func memory() async throws {
        try program.folder.write("execution: {workers: 2, memory_mib: 16777216}\n", to: "large.yaml")
        let result = try await program.mlestar(
            "run", program.task, "--state", program.state, "--out", program.out, "--model", "playbook", "--config",
            "\(program.folder.path)/large.yaml")
        #expect(result.exitCode == 1 && result.errors.contains("execution.memory_mib"), "\(result.errors)")
    }

    @Test("a port that is taken", .enabled(if: Program.trains))
    func busyPort() async throws {
        let listener = try TakenPort()
        let result = try await program.mlestar(
            "run", program.task, "--state", program.state, "--bind", listener.endpoint, "--workers", "0")
        #expect(result.exitCode == 1 && result.errors.contains(listener.endpoint) && result.errors.contains("--bind"))
    }

    @Test("a configuration with mistakes names them all")
    func configuration() async throws {
        try program.folder.write("search:\n  solutions: 0\nbudgett: 5m\n", to: "bad.yaml")
        let result = try await program.mlestar(
            "run", program.task, "--state", program.state, "--config", "\(program.folder.path)/bad.yaml")
        #expect(result.exitCode == 2)
        #expect(result.errors.contains("search.solutions") && result.errors.contains("budgett"))
    }

    @Test(
        "an argument out of range",
        arguments: [
            ["--budget", "soon"], ["--workers", "-1"], ["--workers", "0"], ["--seed", "x"], ["--model", "gpt"],
            ["--bind", "http://x"], ["--no-such-option"],
        ])
    func arguments(_ extra: [String]) async throws {
        let result = try await Program.run("mlestar", ["run", program.task, "--state", program.state] + extra)
        #expect(result.exitCode != 0 && result.errors.contains(extra[0]), "\(result.errors)")
    }

    @Test("a run that does not exist", arguments: ["resume", "pause", "stop", "logs", "tree", "report", "status"])
    func unknownRun(_ command: String) async throws {
        let result = try await program.mlestar(command, "no-such-run", "--state", program.state)
        #expect(result.exitCode == 1 && result.errors.contains("no-such-run"))
    }

    @Test("a state folder that cannot be made")
    func state() async throws {
        let result = try await program.mlestar("list", "--state", "/proc/nowhere")
        #expect(result.exitCode == 1 && result.errors.contains("--state"))
    }

    @Test("a command for a run that nobody works on says what to do")
    func nobodyThere() async throws {
        let submitted = try await program.mlestar(
            "submit", program.task, "--state", program.state, "--model", "playbook")
        let run = submitted.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let paused = try await program.mlestar("pause", run, "--state", program.state)
        #expect(paused.exitCode == 0 && paused.output.contains("mlestar resume \(run)"), "\(paused.errors)")
        let list = try await program.mlestar("list", "--state", program.state)
        #expect(list.output.contains("\(run)  paused") && list.output.contains("nobody serves"))
        let logs = try await program.mlestar("logs", run, "--state", program.state)
        #expect(logs.exitCode == 1 && logs.errors.contains("no script of run"))
        let resumed = try await program.mlestar("resume", run, "--state", program.state)
        #expect(resumed.exitCode == 0 && resumed.output.contains("mlestar serve"), "\(resumed.errors)")
        let stopped = try await program.mlestar("stop", run, "--state", program.state)
        #expect(stopped.exitCode == 0 && stopped.output.contains("nobody serves"))
        let late = try await program.mlestar("pause", run, "--state", program.state)
        #expect(late.exitCode == 1 && late.errors.contains("finishing"))
        let drained = try await program.mlestar("drain", "w", "--state", program.state)
        #expect(drained.exitCode == 1 && drained.errors.contains("nobody serves"))
        let unclear = try await program.mlestar("drain", "w", "--all", "--state", program.state)
        #expect(unclear.exitCode == 64 && unclear.errors.contains("--all"))
    }

    @Test("help that the playbook cannot use is told at once, and the run is entered all the same")
    func unusableHelp() async throws {
        try program.folder.write("# Cloud model\n```\nfit()\n```\n", to: "free.md")
        let card = "\(program.folder.path)/free.md"
        let submitted = try await program.mlestar(
            "submit", program.task, "--state", program.state, "--model", "playbook", "--model-card", card, "--target",
            "make the clouds purple")
        #expect(submitted.exitCode == 0)
        #expect(submitted.errors.contains("warning: the model card 'Cloud model' (\(card)) is of no use"))
        #expect(submitted.errors.contains("warning: the target \"make the clouds purple\" names no block"))
        let run = submitted.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let hinted = try await program.mlestar("hint", run, "--target", "purple clouds", "--state", program.state)
        #expect(hinted.exitCode == 0 && hinted.errors.contains("warning: the target \"purple clouds\" names no block"))
        let useful = try await program.mlestar("hint", run, "--target", "the features", "--state", program.state)
        #expect(useful.exitCode == 0 && useful.errors == "", "\(useful.errors)")
    }

    @Test("beyond loopback there is no door without keys")
    func openDoor() async throws {
        let result = try await program.mlestar("serve", "--bind", "tcp://0.0.0.0:5555", "--state", program.state)
        #expect(result.exitCode == 64 && result.errors.contains("loopback"))
    }

    @Test("a fleet whose workers could not come in", arguments: [[], ["--dry-run"]])
    func keylessFleet(_ more: [String]) async throws {
        let result = try await Program.run(
            "mlestar", ["fleet", "slurm", "--coordinator", "tcp://head:5555", "--max", "1"] + more)
        #expect(result.exitCode == 64 && result.errors.contains("--key") && result.errors.contains("keys new"))
    }

    @Test("looking at runs makes no folder, and one of somebody else's is no obstacle")
    func looking() async throws {
        let submitted = try await program.mlestar(
            "submit", program.task, "--state", program.state, "--model", "playbook")
        let run = submitted.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let folder = "\(program.state)/runs/\(run)"
        let before = FileManager.default.fileExists(atPath: folder)
        let list = try await program.mlestar("list", "--state", program.state)
        #expect(list.exitCode == 0 && list.output.contains(run), "\(list.errors)")
        #expect(FileManager.default.fileExists(atPath: folder) == before)
        guard geteuid() == 0 else { return }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        chown(folder, 10_001, 10_001)
        let again = try await program.mlestar("list", "--state", program.state)
        #expect(again.exitCode == 0 && again.output == list.output, "\(again.errors)")
    }

    @Test("a worker with a wrong endpoint or without Python")
    func worker() async throws {
        let wrong = try await Program.run("mlestar-worker", ["--coordinator", "example.org"])
        #expect(wrong.exitCode == 64 && wrong.errors.contains("tcp://"))
        let far = try await Program.run("mlestar-worker", ["--coordinator", "tcp://10.0.0.1:5555"])
        #expect(far.exitCode == 64 && far.errors.contains("--key") && far.errors.contains("keys new"))
        let local = try await Program.run("mlestar-worker", ["--coordinator", "ipc:///tmp/x", "--key", "x"])
        #expect(local.exitCode == 64 && local.errors.contains("--key"))
        let noPython = try await Program.run(
            "mlestar-worker", ["--coordinator", "ipc:///tmp/x", "--python", "/nowhere/python"])
        #expect(noPython.exitCode == 1 && noPython.errors.contains("/nowhere/python"))
    }
}

/// A TCP port of the loopback interface that somebody listens at.
private final class TakenPort: Sendable {
    private let descriptor: Int32
    let endpoint: String

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        try #require(isBound)
        endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    }

    deinit { close(descriptor) }
}

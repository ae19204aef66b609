import Dispatching
import Foundation
import Journal
import Logging
import Subprocess
import SystemPackage
import TestKit
import Testing
import Vocabulary

/// The coordinator's door in this process, over TCP with one key, and worker processes that are started as each engine does:
/// from what is in `deploy/` and what `fleet slurm` hands to sbatch.
@Suite("Workers with a key, as the engines start them", .timeLimit(.minutes(3)), .enabled(if: Program.trains))
struct EngineTests {
    private static let deploy = URL(fileURLWithPath: PythonServer.fixtures).appendingPathComponent("../../deploy")
        .standardizedFileURL.path
    private let folder: TemporaryFolder
    private let dispatcher: Dispatcher
    private var key: String { "\(folder.path)/workers.key" }

    init() throws {
        folder = try TemporaryFolder()
        let keys = KeyFolder(state: folder.path)
        dispatcher = try Dispatcher(
            settings: .init(endpoint: "tcp://127.0.0.1:*", keys: keys), journal: try Journal(folder: folder.path),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        _ = try keys.make("workers", writingTo: key, at: Date())
    }

    @Test("one key lets all workers of an engine in, under names that begin with the key's")
    func names() async throws {
        let (listening, announce) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // A door that cannot be opened is waited for no longer.
                defer { announce.finish() }
                try await dispatcher.serve { announce.yield($0) }
            }
            let coordinator = try #require(await listening.first { _ in true })
            for command in [slurm(coordinator), try kubernetes(coordinator), try systemd(coordinator)] {
                group.addTask { try await start(command) }
            }
            let expected = ["workers-head-gpu0", "workers-mlestar-worker-7d9f-x2x", "workers-slurm-42"]
            for _ in 0..<3_000 where Set(dispatcher.now.workers.map(\.rawValue)) != Set(expected) {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(dispatcher.now.workers.map(\.rawValue).sorted() == expected)
            // They end because they are told to.
            dispatcher.close(dismissWorkers: true)
            try await group.waitForAll()
        }
    }

    /// A shell command becomes the worker, which runs until the task is cancelled.
    private func start(_ command: String) async throws {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(10))]
        do {
            let result = try await Subprocess.run(
                .path("/bin/sh"), arguments: ["-c", command],
                environment: .inherit.updating(["MLESTAR_HOME": "\(folder.path)/home"]), platformOptions: options,
                output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
            #expect(
                result.terminationStatus == .exited(0) || Task.isCancelled, "\(command) ended: \(result.standardError)")
        } catch is CancellationError {
            return
        }
    }

    private static let quick = ["--sandbox=none", "--no-warm-start"]

    /// What `fleet slurm` would hand to sbatch, run by a stand-in that does as Slurm's batch step.
    private func slurm(_ coordinator: String) -> String {
        """
        sbatch() { for word; do case $word in --wrap=*) SLURM_JOB_ID=42 exec sh -c "${word#--wrap=}" ;; esac; done; }
        call=$('\(Program.products)/mlestar' fleet slurm --coordinator \(coordinator) --key \(key) --max 1 --dry-run \
            \(Self.quick.map { "--worker-argument=\($0)" }.joined(separator: " "))) && eval "$call"
        """
    }

    private func kubernetes(_ coordinator: String) throws -> String {
        let text = try String(contentsOfFile: "\(Self.deploy)/kubernetes/worker.yaml", encoding: .utf8)
        let arguments = text.matches(of: #/\n +- (--[a-z][^\n]*)/#).map { match in
            String(match.1).replacing("tcp://mlestar-coordinator:5555", with: coordinator)
                .replacing("$(POD_NAME)", with: "mlestar-worker-7d9f-x2x").replacing("/keys/worker", with: key)
                .replacing("/var/lib/mlestar", with: "\(folder.path)/pod")
        }
        #expect(arguments.count >= 5, "\(arguments)")
        return "exec \(Program.products)/mlestar-worker \((arguments + Self.quick).joined(separator: " "))"
    }

    private func systemd(_ coordinator: String) throws -> String {
        let unit = try String(contentsOfFile: "\(Self.deploy)/systemd/mlestar-worker@.service", encoding: .utf8)
        let line = try #require(unit.firstMatch(of: #/ExecStart=\/usr\/local\/bin(\/[^\n]*)/#)?.1)
        let words = String(line).replacing("%H", with: "head").replacing("%i", with: "gpu0")
        return """
            COORDINATOR=\(coordinator) SLOTS=1 MORE='--key \(key) \(Self.quick.joined(separator: " "))'
            exec \(Program.products)\(words)
            """
    }
}

import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Execution

/// What an owner may allow, and limits that the other suites do not reach.
@Suite("What a sandbox allows and limits", .timeLimit(.minutes(5)))
struct TierTests {
    @Test(
        "weights can be read and not written, and the network is there, when they are allowed",
        arguments: [
            Sandbox.bubblewrap, .landlock,
        ])
    func allowed(_ sandbox: Sandbox) async throws {
        let weights = try TemporaryFolder()
        try weights.write("found", to: "torch/note.txt")
        var policy = SandboxPolicy()
        policy.sandbox = sandbox
        policy.weights = weights.path
        let port = try LocalSockets.listenOnLoopback()
        let script =
            Workshop.submit + """
                import os, socket
                folder = os.environ["TORCH_HOME"]
                print(open(folder + "/note.txt").read())
                for name in ("note.txt", "new"):
                    try: open(f"{folder}/{name}", "w")
                    except OSError: print("refused")
                try:
                    socket.create_connection(("127.0.0.1", \(port)), 10)
                    print("connected")
                except OSError: print("no network")
                """
        #expect(await (try Workshop(policy: policy)).run(script).log == "found\nrefused\nrefused\nno network\n")
        policy.allowsNetwork = true
        #expect(await (try Workshop(policy: policy)).run(script).log == "found\nrefused\nrefused\nconnected\n")
    }

    @Test("a script that has used its processor time is ended, though it has time left on the clock")
    func processorTime() async throws {
        let workshop = try await Workshop()
        let job = workshop.job("while True: pass")
        let folder = JobFolder(attempt: Attempt(job: job.id, term: .first), below: "\(workshop.folder.path)/worker")
        defer { folder.remove() }
        try folder.make(for: job)
        let usual = LaunchSpecification.Limits(job, SandboxPolicy())
        let limits = LaunchSpecification.Limits(
            wall_seconds: usual.wall_seconds, cpu_seconds: 0.5, memory_bytes: usual.memory_bytes,
            output_bytes: usual.output_bytes, file_bytes: usual.file_bytes, disk_bytes: usual.disk_bytes,
            disk_entries: usual.disk_entries, processes: usual.processes, cores: 1, grace_seconds: 1, notice_seconds: 1)
        let runner = workshop.runner
        let specification = LaunchSpecification(
            command: JobRunner.command(runner.environment.interpreter, in: ScriptPlace.inside), environment: [:],
            folder: folder, input: job.mount.path, limits: limits, sandbox: runner.sandbox, policy: SandboxPolicy(),
            interpreterFolders: runner.environment.folders)
        try JSONEncoder().encode(specification).write(to: URL(fileURLWithPath: folder.specification))
        try await runner.pool.plain().run(specification: folder.specification, until: StopLine())
        let ending = try JSONDecoder().decode(
            LaunchEnding.self, from: try Data(contentsOf: URL(fileURLWithPath: folder.ending)))
        #expect(ending.reason == "timeout" && ending.detail == "processor time")
        #expect(ending.cpu_seconds >= 0.5)
    }

    @Test(
        "where control groups of version 1 can be made, they hold the limits",
        .enabled(
            if: getuid() == 0 && access("/sys/fs/cgroup/memory", W_OK) == 0
                && access("/sys/fs/cgroup/cgroup.controllers", F_OK) != 0, "there are none here"))
    func groups() async throws {
        #expect(try await Workshop().runner.sandbox.groups == "v1")
    }

    @Test("an interpreter whose imports share memory that could be written to is not held ready")
    func sharedMemory() async throws {
        let folder = try TemporaryFolder()
        let make = Process()
        make.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        make.arguments = ["-m", "venv", "--without-pip", "\(folder.path)/env"]
        try make.run()
        make.waitUntilExit()
        let library = try #require(
            try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/env/lib").first)
        // As CUDA does when it is touched.
        try folder.write("import mmap\nheld = mmap.mmap(-1, 4096)\n", to: "env/lib/\(library)/site-packages/joblib.py")
        try folder.write("", to: "env/lib/\(library)/site-packages/numpy.py")
        let files = try LauncherFiles(below: folder.path)
        func launcher(_ module: String) throws -> Launcher {
            let kind = WarmKind(imports: [module], environment: ["PATH": "/usr/bin:/bin"])
            return try Launcher(files.warmProgram("\(folder.path)/env/bin/python", kind))
        }
        let plain = try launcher("numpy")
        try await plain.ready()
        let refused = await #expect(throws: Launcher.Failure.self) { try await launcher("joblib").ready() }
        #expect(refused?.description.contains("shares memory") == true)
        await plain.finish()
    }
}

import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Execution

/// What becomes of scripts that make it hard to count, walk and end what is theirs.
@Suite("Limits of the launcher", .timeLimit(.minutes(5)))
struct LauncherLimitTests {
    @Test("scores that are too large for numbers cost neither the outcome nor the next script its start")
    func largeScores() async throws {
        let workshop = try await Workshop()
        let rule = EarlyStop(direction: .higherIsBetter, others: 2, warmUp: 0)
        for score in ["1e999", "1.7e308", "1.7e308", "1.7e308"] {
            let outcome = await workshop.run(
                Workshop.submit + "print('Intermediate Validation Performance: \(score)')", .init(earlyStop: rule))
            #expect(outcome.ending == .succeeded, "\(outcome.message)")
        }
        #expect(MedianRule.bounds([[1.5e308], [1.5e308]], rule: rule) == [1.5e308])
        #expect(MedianRule.bounds([[2], [5]], rule: rule) == [3.5])
    }

    @Test("a script that passes its memory limit gets no time to write things down; one that passes its time does")
    func grace() async throws {
        var policy = SandboxPolicy()
        policy.usesGroups = false
        let workshop = try await Workshop(policy: policy)
        let listening = """
            import os, signal, time
            def told(*_):
                print("told", flush=True)
                os._exit(0)
            signal.signal(signal.SIGTERM, told)

            """
        let memory = await workshop.run(
            listening + "block = bytearray(150 << 20)\ntime.sleep(30)", .init(wall: .seconds(30), memory: 100 << 20))
        #expect(memory.ending == .outOfMemory && !memory.log.contains("told"), "\(memory.log)")
        let late = await workshop.run(
            listening.replacingOccurrences(of: "os._exit(0)", with: "pass") + "while True: time.sleep(30)",
            .init(wall: .seconds(2)))
        #expect(late.ending == .timeout && late.log.contains("told"), "\(late.message)")
    }

    @Test(
        "where memory is looked at, the imports of a script that starts warm count once",
        .enabled(if: Workshop.trainingPython != nil, "MLESTAR_PYTHON is not set"))
    func warmMemory() async throws {
        var policy = SandboxPolicy()
        policy.usesGroups = false
        let workshop = try await Workshop(policy: policy, python: Workshop.trainingPython)
        let script =
            "import numpy\nimport pandas\n" + Workshop.submit + """
                import resource, time
                time.sleep(0.5)
                print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
                """
        await workshop.runner.prepare(workshop.job(script))
        let outcome = await workshop.run(script)
        let resident = try #require(Int(outcome.log.trimmingCharacters(in: .whitespacesAndNewlines)))
        let peak = outcome.usage.peakMemoryBytes
        #expect(peak < (resident << 10) * 3 / 2, "\(peak) bytes, \(resident) KiB")
    }

    @Test("a process of a script opens no more than 65 536 files")
    func descriptors() async throws {
        let script = "import resource\nprint(max(resource.getrlimit(resource.RLIMIT_NOFILE)) <= 65536)"
        #expect(await (try Workshop()).run(Workshop.submit + script).log == "True\n")
    }

    @Test("an outcome tells when processes of its script could not be ended")
    func survivors() async throws {
        let workshop = try await Workshop()
        let job = workshop.job("")
        let folder = JobFolder(attempt: Attempt(job: job.id, term: .first), below: "\(workshop.folder.path)/worker")
        defer { folder.remove() }
        try folder.make(for: job)
        let python = workshop.runner.environment
        for (isAllGone, tells) in [(true, false), (false, true)] {
            let told = """
                {"reason": "timeout", "detail": "wall time", "wall_seconds": 1, "cpu_seconds": 1, "peak_memory_bytes": 1,
                "peak_gpu_bytes": 0, "curve": [], "groups": "none", "is_warm": false, "is_all_gone": \(isAllGone)}
                """
            let ending = try JSONDecoder().decode(LaunchEnding.self, from: Data(told.utf8))
            let draft = Draft(job: job, term: .first, environment: python.fingerprint, sandbox: .landlock)
            let outcome = await draft.concluded(ending, of: job, in: folder, python)
            #expect(outcome.ending == .timeout)
            #expect(outcome.message.contains("could not be ended") == tells, "\(outcome.message)")
        }
    }

    @Test(
        "a script's own user may open the devices it is given that belong to a group",
        .enabled(if: getuid() == 0, "making devices takes root"), arguments: [Sandbox.bubblewrap, .landlock])
    func devices(_ sandbox: Sandbox) async throws {
        var policy = SandboxPolicy()
        policy.sandbox = sandbox
        let workshop = try await Workshop(
            policy: policy, python: sandbox == .landlock ? "/usr/bin/python3" : nil)
        let device = "\(workshop.folder.path)/render"
        try #require(mknod(device, S_IFCHR | 0o660, 0x103) == 0)
        chmod(device, 0o660)
        chown(device, 0, 44)
        let script = "import os\nprint(os.getuid() != 0, os.write(os.open('\(device)', os.O_RDWR), b'x'))"
        let job = workshop.job(script)
        let folder = JobFolder(attempt: Attempt(job: job.id, term: .first), below: "\(workshop.folder.path)/worker")
        defer { folder.remove() }
        try folder.make(for: job)
        let runner = workshop.runner
        let place = ScriptPlace(folder, sandbox, weights: nil)
        let specification = LaunchSpecification(
            command: JobRunner.command(runner.environment.interpreter, in: place.box), environment: [:],
            folder: folder, input: job.mount.path, limits: .init(job, policy), sandbox: runner.sandbox,
            policy: policy, interpreterFolders: runner.environment.folders, devices: [device])
        try JSONEncoder().encode(specification).write(to: URL(fileURLWithPath: folder.specification))
        try await runner.pool.plain().run(specification: folder.specification, until: StopLine())
        let errors = String(decoding: LogTail.Stream(of: folder.standardError).tail, as: UTF8.self)
        #expect(LogTail.Stream(of: folder.standardOutput).tail == Array("True 1\n".utf8), "\(errors)")
    }

    @Test("what an interrupted removal has left of a checkpoint is deleted when the worker starts")
    func interruptedRemoval() async throws {
        let root = try TemporaryFolder()
        try root.write("x", to: "worker/checkpoints/a.gone/3/file")
        try root.write("x", to: "worker/checkpoints/b/file")
        let interpreter = PythonEnvironment.locate(
            named: "python3", environment: ProcessInfo.processInfo.environment)
        let environment = try await PythonEnvironment.inspect(interpreter: interpreter, requiring: [])
        let runner = try await JobRunner(environment: environment, root: "\(root.path)/worker")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(root.path)/worker/checkpoints") == ["b"])
        await runner.end()
    }
}

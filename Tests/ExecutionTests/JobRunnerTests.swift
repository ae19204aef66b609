import Foundation
import Testing
import TestKit
import Vocabulary

@testable import Execution

/// Runs small scripts for real, with any Python 3 and nothing but its standard library.
@Suite("Scripts on a worker", .timeLimit(.minutes(2)))
struct JobRunnerTests {
    private static let hash = ContentHash(String(repeating: "ab", count: 32))
    private let folder: TemporaryFolder
    private let runner: JobRunner

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("id\n1\n", to: "data/test.csv")
        let interpreter = PythonEnvironment.locate(named: "python3", environment: ProcessInfo.processInfo.environment)
        let environment = PythonEnvironment(interpreter: interpreter, packages: [], fingerprint: Self.hash)
        runner = try JobRunner(environment: environment, root: "\(folder.path)/worker")
    }

    private func run(
        _ script: String, wall: Duration = .seconds(30), memory: Int = 1 << 30, output: Int = 1 << 20,
        seed: Int = 7, stopLine: StopLine? = nil
    ) async throws -> Outcome {
        let job = Job(
            id: JobID("r:\(UUID().uuidString)"), kind: .candidateEvaluation, script: Script(script),
            mount: Mount(manifest: Self.hash, path: "\(folder.path)/data"), seed: seed, cores: 2,
            limits: Limits(wall: wall, memoryBytes: memory, outputBytes: output))
        return await runner.run(job, term: .first, until: stopLine ?? StopLine())
    }

    private func isAlive(_ pid: Int32) -> Bool {
        guard let status = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return false }
        return !String(decoding: status, as: UTF8.self).contains(") Z")
    }

    /// The process ids a script wrote into the data folder, which outlives its own.
    private func writtenPIDs(_ name: String) throws -> [Int32] {
        try String(contentsOfFile: "\(folder.path)/data/\(name)", encoding: .utf8)
            .split(separator: "\n").compactMap { Int32($0) }
    }

    private static let submit = """
        open("final/submission.csv", "w").write("id,p\\n1,0.5\\n")

        """

    @Test("a script that writes a submission succeeds, and its files are gone afterwards")
    func succeeded() async throws {
        let outcome = try await run(
            Self.submit + """
                print(open("input/test.csv").read())
                print("Final Validation Performance: 0.75")
                """)
        #expect(outcome.ending == .succeeded)
        #expect(outcome.submission == Array("id,p\n1,0.5\n".utf8))
        #expect(outcome.selfReported == 0.75)
        #expect(outcome.log.hasPrefix("id\n1\n"))
        #expect(outcome.usage.wall > .zero && outcome.usage.peakMemoryBytes > 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/worker/jobs").isEmpty)
    }

    @Test("a script sees its seed and cores and nothing of the worker's environment")
    func environment() async throws {
        setenv("MLESTAR_TEST_SECRET", "hunter2", 1)
        let outcome = try await run(Self.submit + "import os; print(dict(os.environ))", seed: 11)
        #expect(outcome.log.contains("'MLESTAR_SEED': '11'") && outcome.log.contains("'OMP_NUM_THREADS': '2'"))
        #expect(!outcome.log.contains("hunter2"))
    }

    @Test("data is linked into a job's folder, never copied")
    func linked() async throws {
        let outcome = try await run(Self.submit + "import os; print(os.path.realpath('input'))")
        #expect(outcome.log.contains("\(folder.path)/data"))
    }

    @Test("an exception is told by its type, with what was printed before it")
    func exception() async throws {
        let outcome = try await run("print('before', flush=True)\n{}['missing']")
        #expect(outcome.ending == .exception("KeyError"))
        #expect(outcome.message.contains("solution.py") && outcome.log.contains("before"))
        #expect(outcome.submission == nil)
    }

    @Test("a package that is not there is named")
    func missingPackage() async throws {
        #expect(try await run("import no_such_package.inner").ending == .missingPackage("no_such_package"))
    }

    @Test("an exit code without a traceback is an exception, too")
    func exitCode() async throws {
        #expect(try await run("import sys; sys.exit(3)").ending == .exception("exit code 3"))
    }

    @Test("a script that ends well without a submission has none")
    func missingSubmission() async throws {
        #expect(try await run("print('done')").ending == .missingSubmission)
    }

    @Test("a submission that is no plain file is none", arguments: ["os.mkfifo(p)", "os.symlink('/etc/passwd', p)"])
    func notAFile(_ statement: String) async throws {
        #expect(try await run("import os; p = 'final/submission.csv'; \(statement)").ending == .missingSubmission)
    }

    @Test("a script that ends itself by a signal is told by it")
    func killed() async throws {
        #expect(try await run("import os; os.kill(os.getpid(), 9)").ending == .killed(signal: 9))
    }

    @Test("the time limit ends a script that ignores the polite signal, and keeps what it printed")
    func timeout() async throws {
        let outcome = try await run(
            """
            import signal, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print("working", flush=True)
            time.sleep(60)
            """, wall: .seconds(3))
        #expect(outcome.ending == .timeout && outcome.log.contains("working"))
    }

    @Test("the memory limit counts the whole tree")
    func memory() async throws {
        let outcome = try await run(
            """
            import os, time
            os.fork()
            block = bytearray(80 << 20)
            time.sleep(60)
            """, memory: 120 << 20)
        #expect(outcome.ending == .outOfMemory)
        #expect(outcome.usage.peakMemoryBytes > 120 << 20)
    }

    @Test("endless output ends at its limit and is cut to its beginning and end")
    func output() async throws {
        let outcome = try await run("while True: print('x' * 1000)", output: 1 << 20)
        #expect(outcome.ending == .outputLimit)
        #expect(outcome.log.utf8.count < 64 << 10 && outcome.log.contains("bytes left out"))
    }

    @Test("a daemon in a session of its own ends with the job")
    func daemon() async throws {
        let outcome = try await run(
            Self.submit + """
                import os, time
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        open("input/pids", "w").write(f"{os.getpid()}\\n")
                        time.sleep(600)
                    os._exit(0)
                while not os.path.exists("input/pids") or not open("input/pids").read(): time.sleep(0.01)
                """)
        #expect(outcome.ending == .succeeded)
        let pids = try writtenPIDs("pids")
        #expect(pids.count == 1 && pids.allSatisfy { !isAlive($0) })
    }

    @Test("pulling the stop line interrupts the script and everything it started")
    func interrupted() async throws {
        let stopLine = StopLine()
        let marker = "\(folder.path)/data/tree"
        async let outcome = run(
            """
            import os, time
            child = os.fork()
            if child: open("input/tree", "w").write(f"{os.getpid()}\\n{child}\\n")
            time.sleep(600)
            """, stopLine: stopLine)
        while (try? writtenPIDs("tree"))?.count != 2 { await Task.yield() }
        stopLine.pull()
        #expect(try await outcome.ending == .interrupted)
        #expect(try writtenPIDs("tree").allSatisfy { !isAlive($0) }, "left behind: \(marker)")
    }

    @Test("data that is not on this machine is the worker's failure, not the script's")
    func unavailable() async throws {
        let job = Job(
            id: JobID("r:x"), kind: .ablation, script: Script(""), mount: Mount(manifest: Self.hash, path: "/nowhere"),
            seed: 0, cores: 1, limits: Limits(wall: .seconds(1), memoryBytes: 1 << 30, outputBytes: 1))
        let outcome = await runner.run(job, term: .first, until: StopLine())
        #expect(outcome.ending == .unavailable && outcome.message.contains("/nowhere"))
    }

    @Test("an interpreter that cannot be run, or lacks packages, is an error that says what to do")
    func noPython() async throws {
        for name in ["/nowhere/python", "/usr/bin/true"] {
            let error = await #expect(throws: ExecutionError.self) {
                try await PythonEnvironment.inspect(interpreter: name)
            }
            #expect(error?.description.contains("deploy/python-env.sh") == true)
        }
    }
}

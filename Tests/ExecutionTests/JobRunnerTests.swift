import Foundation
import Testing
import TestKit
import Vocabulary

@testable import Execution

/// Runs small scripts for real, with any Python 3 and nothing but its standard library.
@Suite("Scripts on a worker", .timeLimit(.minutes(5)))
struct JobRunnerTests {
    private let workshop: Workshop

    init() async throws { workshop = try await Workshop() }

    private func run(
        _ script: String, wall: Duration = .seconds(30), memory: Int = 1 << 30, output: Int = 1 << 20,
        seed: Int = 7, stopLine: StopLine? = nil
    ) async throws -> Outcome {
        await workshop.run(
            script, .init(wall: wall, memory: memory, output: output, seed: seed), stopLine: stopLine)
    }

    private static let submit = Workshop.submit

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
        #expect(outcome.sandbox == .bubblewrap)
    }

    @Test("a script sees its seed and cores and nothing of the worker's environment")
    func environment() async throws {
        setenv("MLESTAR_TEST_SECRET", "hunter2", 1)
        let outcome = try await run(Self.submit + "import os; print(dict(os.environ))", seed: 11)
        #expect(outcome.log.contains("'MLESTAR_SEED': '11'") && outcome.log.contains("'OMP_NUM_THREADS': '2'"))
        #expect(!outcome.log.contains("hunter2"))
    }

    @Test(
        "a script is told that it need not validate, unless its score line is the score",
        arguments: [(Deliverable.submission, "optional"), (.scoreLine, "None")])
    func optionalScoreLine(deliverable: Deliverable, told: String) async throws {
        let script =
            Self.submit + "import os; print(os.environ.get('MLESTAR_SCORE_LINE'), 'Final Validation Performance: 1')"
        let outcome = await workshop.run(script, .init(deliverable: deliverable))
        #expect(outcome.ending == .succeeded && outcome.log.hasPrefix("\(told) "), "\(outcome.log)")
    }

    @Test("a script that asks for no number of cores gets those of the worker's slot")
    func slotCores() async throws {
        var policy = SandboxPolicy()
        policy.coresPerSlot = 3
        let worker = try await Workshop(policy: policy)
        let script = "import os; print(os.environ['MLESTAR_CORES'], os.environ['OMP_NUM_THREADS'])"
        #expect(await worker.run(Self.submit + script).log == "3 3\n")
        let asks = worker.job(Self.submit + script, .init(cores: 2, needs: Needs(cores: 2)))
        #expect(await worker.runner.run(asks, term: .first, until: StopLine()).log == "2 2\n")
    }

    @Test("data is seen in a job's folder, never copied, and cannot be written")
    func linked() async throws {
        let outcome = try await run(
            Self.submit + "import os; print(os.stat('input/test.csv').st_ino); open('input/x', 'w')")
        var status = stat()
        #expect(stat("\(workshop.folder.path)/data/test.csv", &status) == 0)
        #expect(outcome.log.hasPrefix("\(status.st_ino)\n"))
        #expect(outcome.ending != .succeeded && outcome.message.contains("input/x"))
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

    @Test(
        "only what the environment has not got is a missing package",
        arguments: [
            "from json.nothere import Foo", "raise ModuleNotFoundError(\"No module named 'json'\")",
            "import os.path.nothere",
        ])
    func presentPackage(_ script: String) async throws {
        #expect(try await run(script).ending == .exception("ModuleNotFoundError"))
    }

    @Test(
        "a package is named without which a library cannot go on, in whichever way it says so",
        arguments: [
            "try: import no_such_package.inner\nexcept ImportError as error: raise ImportError('get it') from error",
            "raise ImportError(\"Missing optional dependency 'No-Such-Package'. Use pip or conda to get it.\")",
            "raise ImportError('No usable engine:\\n - `Import json` failed.\\n - `Import no_such_package` failed.')",
        ])
    func missingOptionalPackage(_ script: String) async throws {
        #expect(try await run(script).ending == .missingPackage("no_such_package"))
    }

    @Test(
        "an import that fails of something else names no package",
        arguments: [
            "raise ImportError(\"Missing optional dependency 'json'. Use pip or conda to get it.\")",
            "raise ImportError('`Import json` failed.  Use pip')", "from json import nothere",
            "try: import no_such_package\nexcept ImportError: from json import nothere",
            "try: import json.nothere\nexcept ImportError as error: raise ImportError('get it') from error",
        ])
    func otherImportError(_ script: String) async throws {
        #expect(try await run(script).ending == .exception("ImportError"))
    }

    @Test(
        "packages that pandas can do without are named by their modules",
        .enabled(if: Workshop.trainingPython != nil, "MLESTAR_PYTHON is not set"),
        arguments: [("read_excel('x.xlsx', engine='openpyxl')", "openpyxl"), ("HDFStore('x.h5')", "tables")])
    func pandas(_ call: String, _ package: String) async throws {
        let outcome = await (try Workshop(python: Workshop.trainingPython)).run("import pandas\npandas.\(call)")
        #expect(outcome.ending == .missingPackage(package), "\(outcome.log)")
    }

    @Test(
        "exceptions that Python prints in other ways are told by their types, too",
        arguments: [
            ("def f(:", "SyntaxError"), ("if True:\nprint(1)", "IndentationError"),
            ("x = '\u{0}'", "SyntaxError"),
            ("raise ExceptionGroup('g', [ValueError('a'), TypeError('b')])", "ExceptionGroup"),
            ("raise ValueError('y' * 100_000)", "ValueError"),
            (
                "import atexit, sys\natexit.register(lambda: print('bye ' * 20_000, file=sys.stderr))\nraise KeyError('real')",
                "KeyError"
            ),
            ("class DiskMemoryError(Exception): pass\nraise DiskMemoryError('no')", "DiskMemoryError"),
        ])
    func otherTracebacks(_ script: String, _ type: String) async throws {
        let outcome = try await run(script)
        #expect(outcome.ending == .exception(type), "\(outcome.message.prefix(500))")
        #expect(outcome.message.contains("solution.py"), "\(outcome.message.prefix(500))")
    }

    @Test("a score line counts wherever it stands in the output, and without one there is no score")
    func scoreInTheMiddle() async throws {
        let noise = "\nfor _ in range(3000): print('x' * 20)\n"
        let bounds = Workshop.Bounds(deliverable: .scoreLine)
        let outcome = await workshop.run(noise + "print('Final Validation Performance: 0.66')" + noise, bounds)
        #expect(outcome.ending == .succeeded && outcome.selfReported == 0.66)
        #expect(await workshop.run(noise, bounds).ending == .noScore)
    }

    @Test("an exit code without a traceback is an exception, too")
    func exitCode() async throws {
        #expect(try await run("import sys; sys.exit(3)").ending == .exception("exit code 3"))
    }

    @Test("a script that ends well without a submission has none")
    func missingSubmission() async throws {
        #expect(try await run("print('done')").ending == .missingSubmission)
    }

    @Test("a submission that is no plain file is invalid", arguments: ["os.mkfifo(p)", "os.symlink('/etc/passwd', p)"])
    func notAFile(_ statement: String) async throws {
        let outcome = try await run("import os; p = 'final/submission.csv'; \(statement)")
        #expect(outcome.ending == .invalidSubmission && outcome.message.contains("final/submission.csv"))
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
        #expect(outcome.usage.peakMemoryBytes > 40 << 20)
    }

    @Test(
        "a process of a script that is ended for want of memory ends the script so, too, though it would have gone on")
    func memoryOfOneChild() async throws {
        guard workshop.runner.sandbox.groups != "none" else { return }
        let child = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'bytearray(2 << 30)'])"
        for _ in 0..<3 { #expect(try await run(Self.submit + child, memory: 100 << 20).ending == .outOfMemory) }
    }

    @Test("endless output ends at its limit and is cut to its beginning and end")
    func output() async throws {
        let outcome = try await run("while True: print('x' * 1000)", output: 1 << 20)
        #expect(outcome.ending == .outputLimit)
        #expect(outcome.log.utf8.count < 64 << 10 && outcome.log.contains("bytes left out"))
    }

    @Test("pulling the stop line interrupts the script and everything it started")
    func interrupted() async throws {
        let stopLine = StopLine()
        let seed = Int.random(in: HostileTests.seeds)
        async let outcome = run("import os, time; os.fork(); time.sleep(600)", seed: seed, stopLine: stopLine)
        // The script, its child, and nobody else.
        while Workshop.processes(withSeed: seed).count < 2 { try await Task.sleep(for: .milliseconds(5)) }
        stopLine.pull()
        #expect(try await outcome.ending == .interrupted)
        #expect(Workshop.processes(withSeed: seed) == [])
    }

    @Test("a script that listens is told before its limit, and may still hand in what it has")
    func notice() async throws {
        let outcome = try await run(
            """
            import signal, sys, time
            def leave(*_):
                open("final/submission.csv", "w").write("id,p\\n1,0.5\\n")
                sys.exit(0)
            signal.signal(signal.SIGTERM, leave)
            time.sleep(60)
            """, wall: .seconds(8))
        #expect(outcome.ending == .succeeded)
        #expect(outcome.usage.wall < .seconds(8))
    }

    @Test("what did not fit into the log is kept whole beside it")
    func wholeLog() async throws {
        let outcome = try await run(Self.submit + "for number in range(20000): print(number)")
        #expect(outcome.ending == .succeeded && outcome.log.contains("bytes left out"))
        let whole = try #require(outcome.wholeLog)
        try Data(whole).write(to: URL(fileURLWithPath: "\(workshop.folder.path)/log.gz"))
        let unpacked = await workshop.run(
            "import gzip, base64; print(len(gzip.decompress(base64.b64decode('\(Data(whole).base64EncodedString())'))))"
        )
        #expect(unpacked.log.hasPrefix("\("--- stdout ---\n--- stderr ---\n".utf8.count + 108_890)"))
    }

    @Test("class probabilities beside labels are handed in with a submission, and a link in their place is not")
    func probabilities() async throws {
        let script = Self.submit + "open('final/probabilities.csv', 'w').write('id,a\\n1,1\\n')\n"
        #expect(await workshop.run(script).probabilities == Array("id,a\n1,1\n".utf8))
        let link = Self.submit + "import os\nos.symlink('submission.csv', 'final/probabilities.csv')\n"
        let outcome = await workshop.run(link)
        #expect(outcome.ending == .succeeded && outcome.submission != nil && outcome.probabilities == nil)
        #expect(await workshop.run(script + "raise ValueError('late')").probabilities == nil)
    }

    @Test("what the winner leaves in its model folder is handed back, plain files alone, the same bytes each time")
    func model() async throws {
        let script =
            Self.submit + """
                import os
                os.makedirs("model/deep")
                open("model/deep/weights.bin", "wb").write(b"weights")
                open("model/kept", "w").write(os.environ.get("MLESTAR_KEEP_MODEL", "unset"))
                os.symlink("/etc/passwd", "model/link")
                os.mkfifo("model/pipe")
                os.symlink("/etc", "model/folder")
                """
        var bounds = Workshop.Bounds()
        bounds.kind = .submission
        let outcome = await workshop.run(script, bounds)
        let model = try #require(outcome.model, "\(outcome.message)")
        let unpacked = await workshop.run(
            """
            import base64, io, tarfile
            archive = tarfile.open(fileobj=io.BytesIO(base64.b64decode("\(Data(model).base64EncodedString())")))
            print(archive.getnames(), archive.extractfile("kept").read())
            """)
        #expect(unpacked.log.hasPrefix("['kept', 'deep/weights.bin'] b'1'\n"), "\(unpacked.log)")
        #expect(await workshop.run(script, bounds).model == model)
        #expect(await workshop.run(script).model == nil, "other jobs keep none")
    }

    @Test("a model that is too large, or that a failing script left, is not kept; the submission is")
    func unkeptModel() async throws {
        var bounds = Workshop.Bounds()
        bounds.kind = .submission
        let large = await workshop.run(
            Self.submit + "import os\nopen('model/m', 'wb').write(os.urandom(\(Outcome.modelLimit + 1)))", bounds)
        #expect(large.ending == .succeeded && large.submission != nil && large.model == nil)
        let failed = await workshop.run(Self.submit + "open('model/m', 'w').write('x')\nraise ValueError()", bounds)
        #expect(failed.ending == .exception("ValueError") && failed.model == nil)
    }

    @Test("a message shows the last frames in the script, not those of libraries between them")
    func frames() async throws {
        let outcome = try await run("import json\ndef read():\n    json.loads('{')\nread()")
        #expect(outcome.ending == .exception("json.decoder.JSONDecodeError"))
        #expect(outcome.message.contains("in read") && !outcome.message.contains("in loads"))
    }

    @Test("where limits are only looked at, processes and memory are still limited")
    func watched() async throws {
        var policy = SandboxPolicy()
        policy.usesGroups = false
        policy.processes = 40
        let watched = try await Workshop(policy: policy)
        let bounds = Workshop.Bounds(wall: .seconds(20), memory: 120 << 20)
        let outcome = await watched.run("import os, time\nos.fork()\nb = bytearray(80 << 20)\ntime.sleep(30)", bounds)
        #expect(outcome.ending == .outOfMemory)
    }

    @Test("extra folders, weights and the network are there only when they are allowed")
    func allowed() async throws {
        let extra = try TemporaryFolder()
        try extra.write("found", to: "note.txt")
        let look = "import os; print(os.path.exists('\(extra.path)/note.txt'), os.path.exists('/weights/note.txt'))"
        let interfaces = "\nimport socket; print(len(socket.if_nameindex()))"
        #expect(try await run(Self.submit + look + interfaces).log == "False False\n1\n")
        var policy = SandboxPolicy()
        policy.readableFolders = [extra.path]
        policy.weights = extra.path
        policy.allowsNetwork = true
        let open = try await Workshop(policy: policy)
        let outcome = await open.run(Self.submit + look + "\nopen('\(extra.path)/new', 'w')")
        #expect(outcome.log.hasPrefix("True True\n") && outcome.ending != .succeeded)
    }

    @Test("an unprotected script says so, and one in the second tier, too", arguments: [Sandbox.none, .landlock])
    func tiers(_ sandbox: Sandbox) async throws {
        var policy = SandboxPolicy()
        policy.sandbox = sandbox
        let outcome = await (try Workshop(policy: policy)).run(Self.submit)
        #expect(outcome.ending == .succeeded && outcome.sandbox == sandbox)
    }

    @Test(
        "data and weights that the script's user cannot read are told with what mends them, however deep they lie",
        .enabled(if: getuid() == 0, "only a root worker's scripts have a user of their own"),
        arguments: ["data", "weights"])
    func unreadable(_ kind: String) async throws {
        let weights = try TemporaryFolder()
        var policy = SandboxPolicy()
        policy.weights = weights.path
        let workshop = try await Workshop(policy: policy)
        let folder = kind == "data" ? workshop.folder : weights
        try folder.write("x", to: "data/deep/er/file")
        chmod("\(folder.path)/data/deep/er/file", 0o600)
        let outcome = await workshop.run(Self.submit)
        #expect(outcome.ending == .sandboxUnavailable)
        #expect(outcome.message.contains("deep/er/file") && outcome.message.contains("chmod -R o+rX"))
    }

    @Test("data that is not on this machine is the worker's failure, not the script's")
    func unavailable() async throws {
        let job = Job(
            id: JobID("r:x"), kind: .ablation, script: Script(""),
            mount: Mount(manifest: Workshop.hash, path: "/nowhere"),
            seed: 0, cores: 1, limits: Limits(wall: .seconds(1), memoryBytes: 1 << 30, outputBytes: 1))
        let outcome = await workshop.runner.run(job, term: .first, until: StopLine())
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

    @Test("checkpoints that no attempt has used for long are deleted, others stay")
    func oldCheckpoints() throws {
        let folder = try TemporaryFolder()
        let files = FileManager.default
        for name in ["old", "new"] {
            try files.createDirectory(
                atPath: "\(folder.path)/checkpoints/\(name)", withIntermediateDirectories: true)
            let term = "\(folder.path)/checkpoints/\(name).term"
            try Data("1".utf8).write(to: URL(fileURLWithPath: term))
            let age: TimeInterval = name == "old" ? 4 * 24 * 3600 : 3600
            try files.setAttributes([.modificationDate: Date().addingTimeInterval(-age)], ofItemAtPath: term)
        }
        JobFolder.removeCheckpoints(below: folder.path, unusedFor: JobRunner.checkpointLife)
        #expect(try files.contentsOfDirectory(atPath: "\(folder.path)/checkpoints").sorted() == ["new", "new.term"])
    }

    @Test("the checkpoint of an attempt that runs for longer than that stays, and so it does when that attempt ends")
    func checkpointInUse() throws {
        let root = try TemporaryFolder()
        let folder = JobFolder(attempt: Attempt(job: Workshop.plainJob.id, term: .first), below: root.path)
        try folder.make(for: Workshop.plainJob)
        let long = Date().addingTimeInterval(-4 * 24 * 3600)
        try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: "\(folder.checkpoint).term")
        JobFolder.removeCheckpoints(below: root.path, unusedFor: JobRunner.checkpointLife)
        #expect(FileManager.default.fileExists(atPath: folder.checkpoint))
        folder.remove()
        JobFolder.removeCheckpoints(below: root.path, unusedFor: JobRunner.checkpointLife)
        #expect(FileManager.default.fileExists(atPath: folder.checkpoint))
    }
}

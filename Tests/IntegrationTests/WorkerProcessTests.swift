import Blobs
import Dispatching
import Foundation
import Journal
import Logging
import Subprocess
import SystemPackage
import TestKit
import Testing
import Vocabulary

/// The coordinator's door in this process, and real worker processes with a stand-in for `nvidia-smi`.
@Suite("Real worker processes", .serialized, .timeLimit(.minutes(5)), .enabled(if: Program.trains))
struct WorkerProcessTests {
    private static let hash = ContentHash(String(repeating: "ab", count: 32))
    private let folder: TemporaryFolder
    private let journal: Journal
    private let dispatcher: Dispatcher
    private let run = RunID("r")
    private let manifest: ContentHash

    init() throws {
        folder = try TemporaryFolder()
        journal = try Journal(folder: folder.path)
        try journal.enter(
            NewRun(
                id: run, taskName: "t", taskPath: "/t", taskFingerprint: Self.hash, settings: "{}", strategy: "s",
                budget: .seconds(60), outPath: "/out"), as: .running)
        dispatcher = try Dispatcher(
            settings: .init(endpoint: "ipc://\(folder.path)/door"), journal: journal,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try folder.write("id\n1\n", to: "data/test.csv")
        manifest = try DataManifest(folder: "\(folder.path)/data").hash
        // Scripts that run without a sandbox have a user of their own: here they say that they began and wait for leave.
        try folder.write("", to: "board/.keep")
        chmod("\(folder.path)/board", 0o777)
        chmod(folder.path, 0o755)
        try folder.write(Self.nvidiaSMI, to: "bin/nvidia-smi")
        chmod("\(folder.path)/bin/nvidia-smi", 0o755)
    }

    /// Four processors of 24 GiB.
    private static let nvidiaSMI = """
        #!/bin/sh
        for index in 0 1 2 3; do
            case "$*" in
            -L) echo "GPU $index: NVIDIA Stand-in (UUID: GPU-0000000$index)" ;;
            --query-gpu=*) echo "$index, GPU-0000000$index, 24576" ;;
            esac
        done
        """

    /// A worker process, which gets a signal when the body is done.
    private func withWorker(
        _ name: String, _ arguments: [String] = [], ending signal: Signal = .kill, _ body: () async throws -> Void
    ) async throws {
        let path = "\(folder.path)/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
        _ = try await Subprocess.run(
            .path(.init("\(Program.products)/mlestar-worker")),
            arguments: Arguments(
                [
                    "--coordinator", "ipc://\(folder.path)/door", "--name", name, "--folder", "\(folder.path)/\(name)",
                    "--sandbox", "none", "--no-warm-start",
                ] + arguments), environment: .inherit.updating(["PATH": path]), input: .none, output: .discarded,
            error: .discarded
        ) { execution in
            do { try await body() } catch {
                try? execution.send(signal: .kill)
                throw error
            }
            try execution.send(signal: signal)
        }
    }

    private func serving(_ body: () async throws -> Void) async throws {
        async let served: Void = dispatcher.serve { _ in }
        try await body()
        dispatcher.close(dismissWorkers: true)
        try await served
    }

    private func job(_ name: String, _ script: String, _ needs: Needs = Needs()) -> Job {
        Job(
            id: JobID(run: run, path: StepPath(name)), kind: .ablation,
            script: Script("board = '\(folder.path)/board'\nname = '\(name)'\n" + script),
            mount: Mount(manifest: manifest, path: "\(folder.path)/data"), seed: 0, cores: 1,
            limits: Limits(wall: .seconds(120), memoryBytes: 1 << 30, outputBytes: 1 << 20), needs: needs)
    }

    /// Writes on the board which processors it got, waits for leave, and hands in a submission.
    private static let waiting = """
        import os, time
        with open(f'{board}/{name}.new', 'w') as file:
            file.write(os.environ['MLESTAR_GPU_NAMES'] + ' ' + os.environ['CUDA_VISIBLE_DEVICES'])
        os.rename(f'{board}/{name}.new', f'{board}/{name}')
        while not os.path.exists(f'{board}/{name}.leave'):
            time.sleep(0.02)
        open('final/submission.csv', 'w').write('id,p\\n1,0.5\\n')
        """

    private func board(_ name: String) -> String? {
        FileManager.default.contents(atPath: "\(folder.path)/board/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }

    private func waitForBoard(_ name: String) async throws -> String {
        for _ in 0..<2_000 {
            if let text = board(name) { return text }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("\(name) never began")
        return ""
    }

    private func leave(_ name: String) throws { try folder.write("", to: "board/\(name).leave") }

    private func start(_ job: Job) -> Task<Ending?, any Error> {
        Task {
            guard case .outcome(let outcome) = try await dispatcher.run(job) else { return nil }
            return outcome.ending
        }
    }

    @Test("four jobs of one processor run side by side on four, one of two waits for two, and later ones wait for it")
    func processors() async throws {
        try await serving {
            try await withWorker("north", ["--slots", "8", "--gpus", "auto"]) {
                let ones = (1...4).map { "one-\($0)" }
                var tasks = ones.map { start(job($0, Self.waiting, Needs(gpus: 1, gpuMemoryBytes: 20 << 30))) }
                var names: [String] = []
                for one in ones { names.append(try await waitForBoard(one)) }
                #expect(names.sorted() == (0...3).map { "\($0) GPU-0000000\($0)" })
                tasks.append(start(job("two", Self.waiting, Needs(gpus: 2))))
                try await waitUntil { $0.queued == 1 }
                tasks.append(start(job("five", Self.waiting, Needs(gpus: 1))))
                try await waitUntil { $0.queued == 2 }
                for (index, one) in ones.prefix(2).enumerated() {
                    #expect(board("two") == nil && board("five") == nil)
                    try leave(one)
                    #expect(try await tasks[index].value == .succeeded)
                }
                let two = try await waitForBoard("two").prefix { $0 != " " }.split(separator: ",")
                let left = Set(names.prefix(2).map { $0.prefix { $0 != " " } })
                #expect(Set(two) == left && two.count == 2)
                #expect(board("five") == nil)
                for name in ["two", "one-3", "one-4", "five"] { try leave(name) }
                for task in tasks { #expect(try await task.value == .succeeded) }
            }
        }
    }

    @Test("a script gets the cores of its worker's slot where its run asks for no number of them")
    func slotCores() async throws {
        let look = """
            import os
            open('final/submission.csv', 'w').write('id,p\\n1,' + os.environ['MLESTAR_CORES'] + '\\n')
            """
        try await serving {
            try await withWorker("north", ["--cores", "3"]) {
                guard case .outcome(let outcome) = try await dispatcher.run(job("one", look)) else {
                    Issue.record("the job was given up")
                    return
                }
                #expect(outcome.submission == Array("id,p\n1,3\n".utf8))
            }
        }
    }

    @Test("what no worker can run waits, and the journal says why until one comes")
    func waitsInWords() async throws {
        try await serving {
            try await withWorker("north") {
                let task = start(job("one", Self.waiting, Needs(gpus: 1)))
                try await waitUntil { !$0.obstacles.isEmpty && !$0.workers.isEmpty }
                try await waitUntil { $0.obstacles.values.first?.contains("north comes closest") == true }
                let reason =
                    "1 job waits: it asks for a slot, 1 GPU; no worker that is there has that: north comes closest, "
                #expect(try journal.obstacle(of: run) == reason + "but it has no GPU")
                try await withWorker("south", ["--gpus", "2,3"]) {
                    #expect(try await waitForBoard("one").hasPrefix("2 "))
                    try leave("one")
                    #expect(try await task.value == .succeeded)
                    try await waitUntil { $0.obstacles.isEmpty }
                    #expect(try journal.obstacle(of: run) == nil)
                }
            }
        }
    }

    @Test("a stopped worker's checkpoint goes to the next attempt on another worker")
    func checkpoint() async throws {
        let script = """
            import os
            if os.path.exists('checkpoint/deep/state'):
                text = open('checkpoint/deep/state').read()
                open('final/submission.csv', 'w').write('id,p\\n1,' + text + '\\n')
                raise SystemExit
            os.makedirs('checkpoint/deep')
            open('checkpoint/deep/state', 'w').write('0.75')

            """
        let task = Task { [job = job("one", script + Self.waiting)] in try await dispatcher.run(job) }
        try await serving {
            try await withWorker("north", ending: .terminate) { _ = try await waitForBoard("one") }
            try await withWorker("south") {
                guard case .outcome(let outcome) = try await task.value else {
                    Issue.record("the job was given up")
                    return
                }
                #expect(outcome.submission == Array("id,p\n1,0.75\n".utf8))
                #expect(outcome.term == LeaseTerm(rawValue: 2))
            }
        }
    }

    @Test("a script that ends while no coordinator is there is not run again by the next one")
    func restartedCoordinator() async throws {
        let one = job("one", Self.waiting)
        try await withWorker("north") {
            let lost = Task { try await dispatcher.run(one) }
            async let served: Void = dispatcher.serve { _ in }
            _ = try await waitForBoard("one")
            dispatcher.close(dismissWorkers: false)
            try await served
            await #expect(throws: CancellationError.self) { try await lost.value }
            try leave("one")
            try await waitForOutbox(of: "north")

            let second = try Dispatcher(
                settings: .init(endpoint: "ipc://\(folder.path)/door"), journal: journal,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try second.recover([run])
            async let servedAgain: Void = second.serve { _ in }
            guard case .outcome(let outcome) = try await second.run(one) else {
                Issue.record("the job was given up")
                return
            }
            #expect(outcome.term == .first && outcome.submission == Array("id,p\n1,0.5\n".utf8))
            second.close(dismissWorkers: true)
            try await servedAgain
        }
    }

    private func waitForOutbox(of worker: String) async throws {
        for _ in 0..<2_000 {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(worker)/outbox")) ?? []
            if names.contains(where: { $0.hasSuffix(".outcome") }) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("\(worker) kept no outcome")
    }

    @Test("what a script prints is seen while it runs, followed to its end, and kept")
    func logs() async throws {
        let script = """
            import sys
            print('epoch 1 ä', flush=True)
            print('a warning', file=sys.stderr, flush=True)

            """ + Self.waiting + "\nprint('epoch 2')\n"
        // As `mlestar logs` sees it, the run is worked on.
        try folder.write("", to: "runs/r/.keep")
        let lock = try #require(FolderLock(path: "\(folder.path)/runs/r/lock"))
        defer { lock.release() }
        func logs(_ more: String...) async throws -> Program.Result {
            try await Program.run("mlestar", ["logs", "r", "--state", folder.path] + more)
        }
        try await serving {
            try await withWorker("north") {
                let task = start(job("one", script))
                _ = try await waitForBoard("one")
                let now = try await logs()
                #expect(now.output.contains("epoch 1 ä") && now.output.contains("a warning"), "\(now.errors)")
                #expect(now.output.contains("==> one (standard error) <==") && !now.output.contains("epoch 2"))
                let moment = Date().timeIntervalSince1970
                async let followed = logs("one", "--follow")
                while try journal.tail(of: job("one", "").id, toldAfter: moment) == nil {
                    try await Task.sleep(for: .milliseconds(50))
                }
                try leave("one")
                #expect(try await task.value == .succeeded)
                let whole = try await followed
                #expect(whole.output.contains("epoch 1 ä") && whole.output.contains("epoch 2"), "\(whole.errors)")
                #expect(whole.output.components(separatedBy: "epoch 1").count == 2, "said twice")
                #expect(whole.errors.contains("one ended: succeeded"))
            }
        }
        let kept = try await logs("one")
        #expect(kept.output.contains("epoch 1 ä") && kept.output.contains("epoch 2") && kept.exitCode == 0)
        #expect(try await logs("two").errors.contains("its last ones: one"))
    }

    @Test("of a script whose worker tells nothing it is said so, and what the others print is shown")
    func silentWorker() async throws {
        try folder.write("", to: "runs/r/.keep")
        let lock = try #require(FolderLock(path: "\(folder.path)/runs/r/lock"))
        defer { lock.release() }
        let jobs = ["one", "two"].map { job($0, "") }
        try journal.record(
            jobs.flatMap { job -> [JobRecord] in
                let attempt = Attempt(job: job.id, term: .first)
                return [
                    .submitted(job),
                    .assigned(attempt, worker: WorkerID("north"), incarnation: Incarnation("north-1")),
                ]
            })
        async let shown = Program.run("mlestar", ["logs", "r", "--state", folder.path])
        while try journal.wantedTails().count < 2 { try await Task.sleep(for: .milliseconds(20)) }
        let silence = LogTail.Stream(size: 0, tail: [])
        let words = LogTail.Stream(size: 6, tail: Array("spoken".utf8))
        let second = Attempt(job: jobs[1].id, term: .first)
        try journal.record([.printed(LogTail(attempt: second, output: words, errors: silence))])
        let result = try await shown
        #expect(result.exitCode == 0 && result.output.hasSuffix("==> two <==\nspoken"), "\(result.output)")
        #expect(result.errors.components(separatedBy: "does not answer").count == 2, "\(result.errors)")
        #expect(result.errors.contains("the worker that runs one does not answer"))
    }

    private func waitUntil(_ condition: (DispatchSnapshot) -> Bool) async throws {
        for _ in 0..<2_000 {
            if condition(dispatcher.now) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("it never came to that: \(dispatcher.now)")
    }
}

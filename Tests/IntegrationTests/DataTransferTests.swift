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

/// The coordinator's door in this process; worker processes that are told not to look at its paths.
@Suite("Data over the wire", .serialized, .timeLimit(.minutes(5)), .enabled(if: Program.trains))
struct DataTransferTests {
    private let folder: TemporaryFolder
    private let journal: Journal
    private let dispatcher: Dispatcher
    private let run = RunID("r")

    init() throws {
        folder = try TemporaryFolder()
        journal = try Journal(folder: folder.path)
        try journal.enter(
            NewRun(
                id: run, taskName: "t", taskPath: "/t", taskFingerprint: ContentHash(String(repeating: "a", count: 64)),
                settings: "{}", strategy: "s", budget: .seconds(60), outPath: "/out"), as: .running)
        dispatcher = try Self.dispatcher(in: folder.path, journal)
        chmod(folder.path, 0o755)
    }

    private static func dispatcher(in folder: String, _ journal: Journal) throws -> Dispatcher {
        try Dispatcher(
            settings: .init(endpoint: "ipc://\(folder)/door"), journal: journal,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func mount(_ name: String, files: Int, of byteCount: Int) throws -> Mount {
        for number in 0..<files {
            let unit = "\(name)-\(number)\n"
            try folder.write(
                String(repeating: unit, count: byteCount / unit.utf8.count), to: "\(name)/part/\(number).txt")
        }
        try folder.write("id\n1\n", to: "\(name)/test.csv")
        let path = "\(folder.path)/\(name)"
        return Mount(manifest: try DataManifest(folder: path).hash, path: path)
    }

    private func withWorker(
        _ name: String, _ arguments: [String] = [], _ body: () async throws -> Void
    ) async throws {
        _ = try await Subprocess.run(
            .path(.init("\(Program.products)/mlestar-worker")),
            arguments: Arguments(
                [
                    "--coordinator", "ipc://\(folder.path)/door", "--name", name, "--folder", "\(folder.path)/\(name)",
                    "--sandbox", "none", "--no-warm-start", "--no-shared-files",
                ] + arguments), input: .none, output: .discarded, error: .discarded
        ) { execution in
            do { try await body() } catch {
                try? execution.send(signal: .kill)
                throw error
            }
            try execution.send(signal: .kill)
        }
    }

    private func serving(_ body: () async throws -> Void) async throws {
        async let served: Void = dispatcher.serve { _ in }
        try await body()
        dispatcher.close(dismissWorkers: true)
        try await served
    }

    /// Hands in the bytes that are under `./input`, counted, and where they lie.
    private func job(_ name: String, _ mount: Mount) -> Job {
        let script = """
            import os
            count = sum(os.path.getsize(f'{folder}/{name}') for folder, _, names in os.walk('input/') for name in names)
            with open('final/submission.csv', 'w') as file:
                file.write(f'{count} {os.path.realpath("input")}')
            """
        return Job(
            id: JobID(run: run, path: StepPath(name)), kind: .ablation, script: Script(script), mount: mount, seed: 0,
            cores: 1, limits: Limits(wall: .seconds(60), memoryBytes: 1 << 30, outputBytes: 1 << 20))
    }

    private func answer(_ job: Job, by dispatcher: Dispatcher? = nil) async throws -> String {
        guard case .outcome(let outcome) = try await (dispatcher ?? self.dispatcher).run(job) else { return "given up" }
        guard outcome.ending == .succeeded else { return "\(outcome.ending): \(outcome.message)" }
        return String(decoding: outcome.submission ?? [], as: UTF8.self)
    }

    private func size(_ mount: Mount) throws -> Int {
        try DataManifest(folder: mount.path).files.reduce(0) { $0 + $1.byteCount }
    }

    @Test(
        "a worker that does not see the coordinator's files gets them once, for all its jobs, and tells that it has them"
    )
    func fetched() async throws {
        let mount = try mount("data", files: 5, of: 3 << 20)
        let size = try size(mount)
        try await serving {
            try await withWorker("north", ["--slots", "2"]) {
                async let first = answer(job("one", mount))
                async let second = answer(job("two", mount))
                for text in try await [first, second, answer(job("three", mount))] {
                    #expect(text == "\(size) \(folder.path)/north/data/mounts/\(mount.manifest)")
                }
                #expect(dispatcher.now.counts.bytesSent < size + size / 4)
            }
        }
    }

    @Test("a worker killed in the middle of a fetch goes on where it was")
    func resumed() async throws {
        let mount = try mount("data", files: 24, of: 8 << 20)
        let size = try size(mount)
        let files = "\(folder.path)/north/data/files"
        let task = Task { [job = job("one", mount)] in try await answer(job) }
        try await serving {
            try await withWorker("north") {
                try await waitForFirst(in: files)
            }
            let before = complete(files)
            #expect((1..<25).contains(before.count), "it was not in the middle")
            try await withWorker("north") {
                let text = try await task.value
                #expect(text.hasPrefix("\(size) "))
            }
            // A file that was here is the same file still.
            let after = complete(files)
            #expect(after.count == 25 && before.allSatisfy { after[$0.key] == $0.value })
        }
    }

    @Test("a coordinator that is started again in the middle of a fetch sends the rest, to the same attempt")
    func restartedCoordinator() async throws {
        let mount = try mount("data", files: 24, of: 8 << 20)
        let size = try size(mount)
        let files = "\(folder.path)/north/data/files"
        try await withWorker("north") {
            let lost = Task { [job = job("one", mount)] in try await answer(job) }
            async let served: Void = dispatcher.serve { _ in }
            try await waitForFirst(in: files)
            dispatcher.close(dismissWorkers: false)
            try await served
            await #expect(throws: CancellationError.self) { try await lost.value }
            #expect((1..<25).contains(complete(files).count))

            let second = try Self.dispatcher(in: folder.path, journal)
            try second.recover([run])
            async let servedAgain: Void = second.serve { _ in }
            let text = try await answer(job("one", mount), by: second)
            #expect(text.hasPrefix("\(size) "))
            #expect(second.now.counts.bytesSent < size, "all of it was sent again")
            #expect(try journal.attemptCounts(of: run) == [job("one", mount).id: 1])
            second.close(dismissWorkers: true)
            try await servedAgain
        }
    }

    /// Waits until a file is complete.
    private func waitForFirst(in path: String) async throws {
        for _ in 0..<20_000 {
            if !complete(path).isEmpty { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("no file came")
    }

    /// The files that are complete, and which they are on the disk.
    private func complete(_ path: String) -> [String: UInt64] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.utf8.count > 60 }.reduce(into: [:]) { found, name in
            var status = stat()
            if stat("\(path)/\(name)", &status) == 0 { found[name] = UInt64(status.st_ino) }
        }
    }

    @Test("a cache that is too small makes room for the next job's data; data that never fits ends in words")
    func bounded() async throws {
        let mounts = try (1...3).map { try mount("data-\($0)", files: 1, of: 3 << 20) }
        let large = try mount("large", files: 1, of: 9 << 20)
        try await serving {
            try await withWorker("north", ["--cache-mib", "7"]) {
                for (number, mount) in mounts.enumerated() {
                    let size = try size(mount)
                    let text = try await answer(job("job-\(number)", mount))
                    #expect(text.hasPrefix("\(size) "))
                }
                let kept = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/north/data/mounts")
                #expect(kept.count == 2 && !kept.contains(mounts[0].manifest.rawValue))
                // It is tried as often as an attempt may be lost, and then given up with its story.
                let text = try await answer(job("large", large))
                #expect(text == "given up")
                let story = try journal.attemptCounts(of: run)[JobID(run: run, path: StepPath("large"))]
                #expect(story == 4)
            }
        }
    }
}

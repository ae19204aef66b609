import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Execution

@Suite("Graphics processors of a worker", .timeLimit(.minutes(5)))
struct DeviceTests {
    private func device(_ index: Int, memory: Int = 0) -> GraphicsDevice {
        GraphicsDevice(
            processor: GraphicsProcessor(id: "\(index)", memoryBytes: memory), index: index, uuid: "GPU-\(index)")
    }

    private func taken(_ taking: DeviceShelf.Taking) -> [Int]? {
        if case .taken(let devices) = taking { devices.map(\.index) } else { nil }
    }

    @Test("what nvidia-smi lists is understood, parts in the place of what is cut into them")
    func listing() {
        let devices = NvidiaListing.devices(
            processors: "0, GPU-aa, 81920\n1, GPU-bb, 40960\nNo devices were found\n",
            listing: """
                GPU 0: NVIDIA A100 80GB PCIe (UUID: GPU-aa)
                  MIG 3g.40gb     Device  0: (UUID: MIG-11)
                  MIG 1g.10gb+me  Device  1: (UUID: MIG-22)
                GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bb)
                """)
        #expect(devices.map(\.processor.id) == ["MIG-11", "MIG-22", "1"])
        #expect(devices.map { $0.processor.memoryBytes >> 30 } == [40, 10, 40])
        #expect(devices.map(\.index) == [0, 0, 1] && devices.map(\.uuid) == ["MIG-11", "MIG-22", "GPU-bb"])
        #expect(devices[0].files.contains("/dev/nvidia0") && devices[0].files.contains("/dev/nvidia-caps"))
        #expect(devices[2].files.contains("/dev/nvidia1") && !devices[2].files.contains("/dev/nvidia0"))
    }

    @Test("a worker's owner names devices, or takes those that are visible")
    func choice() async throws {
        let folder = try TemporaryFolder()
        let smi = "#!/bin/sh\ncase \"$1\" in -L) ;; *) printf '0, GPU-a, 100\\n1, GPU-b, 200\\n' ;; esac\n"
        try folder.write(smi, to: "nvidia-smi")
        chmod("\(folder.path)/nvidia-smi", 0o755)
        func chosen(_ words: String, _ more: [String: String] = [:]) async throws -> [String] {
            let environment = ["PATH": "\(folder.path):/usr/bin:/bin"].merging(more) { $1 }
            return try await GraphicsDevice.Choice(words).devices(environment: environment).map(\.processor.id)
        }
        #expect(try await chosen("none") == [])
        #expect(try await chosen("auto") == ["0", "1"])
        #expect(try await chosen("1") == ["1"])
        #expect(try await chosen("auto", ["CUDA_VISIBLE_DEVICES": "GPU-b,7"]) == ["1"])
        #expect(try await chosen("1", ["CUDA_VISIBLE_DEVICES": "GPU-b,7"]) == ["1"])
        let others = await #expect(throws: ExecutionError.self) {
            try await chosen("0,1", ["CUDA_VISIBLE_DEVICES": "1"])
        }
        #expect(others?.description.contains("--gpus auto") == true)
        await #expect(throws: ExecutionError.self) {
            try await chosen("0", ["CUDA_VISIBLE_DEVICES": "3", "PATH": "/nowhere"])
        }
        let error = await #expect(throws: ExecutionError.self) { try await chosen("2") }
        #expect(error?.description.contains("no graphics processor 2") == true)
        #expect(try await GraphicsDevice.Choice("auto").devices(environment: ["PATH": "/nowhere"]).isEmpty)
        #expect(try await GraphicsDevice.Choice("0,1").devices(environment: ["PATH": "/nowhere"]).count == 2)
        let unknown = await #expect(throws: ExecutionError.self) {
            try await GraphicsDevice.Choice("0,MIG-1a").devices(environment: ["PATH": "/nowhere"])
        }
        #expect(unknown?.description.contains("MIG-1a") == true)
        for wrong in ["a", "0;1", "-1", "256"] { #expect(GraphicsDevice.Choice.problem(with: wrong) != nil) }
        for fine in ["auto", "none", "0,1", "MIG-1a,3"] { #expect(GraphicsDevice.Choice.problem(with: fine) == nil) }
    }

    @Test("each processor is given to one job at a time, in the order in which they were asked for")
    func shelf() async {
        let shelf = DeviceShelf((0...3).map { device($0) })
        let first = await shelf.take(for: Needs(gpus: 3), until: StopLine())
        #expect(taken(first) == [0, 1, 2])
        async let pair = shelf.take(for: Needs(gpus: 2), until: StopLine())
        shelf.give([device(1)])
        let second = await pair
        #expect(taken(second) == [3, 1])
        #expect(taken(await shelf.take(for: Needs(), until: StopLine())) == [])
        guard case .impossible = await shelf.take(for: Needs(gpus: 5), until: StopLine()) else {
            Issue.record("five of four")
            return
        }
    }

    @Test("who waits for a processor that is lost is told that there is none left, and others get what is")
    func lost() async {
        let shelf = DeviceShelf([device(0), device(1)])
        _ = await shelf.take(for: Needs(gpus: 2), until: StopLine())
        async let both = shelf.take(for: Needs(gpus: 2), until: StopLine())
        shelf.lose([device(0)])
        guard case .impossible = await both else {
            Issue.record("two of one")
            return
        }
        shelf.give([device(1)])
        #expect(taken(await shelf.take(for: Needs(gpus: 1), until: StopLine())) == [1])
    }

    @Test("who is stopped while it waits gets nothing and keeps nobody waiting")
    func stoppedWhileWaiting() async {
        let shelf = DeviceShelf([device(0)])
        _ = await shelf.take(for: Needs(gpus: 1), until: StopLine())
        let line = StopLine()
        line.pull()
        guard case .stopped = await shelf.take(for: Needs(gpus: 1), until: line) else {
            Issue.record("not stopped")
            return
        }
        shelf.give([device(0)])
        #expect(taken(await shelf.take(for: Needs(gpus: 1), until: StopLine())) == [0])
    }
}

@Suite("Checkpoints that travel", .timeLimit(.minutes(5)))
struct CheckpointTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("plain files arrive as they were; links and empty folders do not travel")
    func thereAndBack() throws {
        try folder.write("a", to: "from/model.bin")
        try folder.write("b", to: "from/deep/er/state")
        symlink("/etc/passwd", "\(folder.path)/from/link")
        mkdir("\(folder.path)/from/empty", 0o755)
        let bytes = try #require(CheckpointFiles.packed("\(folder.path)/from"))
        try CheckpointFiles.unpack(bytes, into: "\(folder.path)/to")
        #expect(
            try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/to").sorted() == [
                "deep", "deep/er", "deep/er/state", "model.bin",
            ])
        #expect(try String(contentsOfFile: "\(folder.path)/to/deep/er/state", encoding: .utf8) == "b")
    }

    @Test("nothing, or more than travels, is not packed")
    func bounds() throws {
        #expect(CheckpointFiles.packed("\(folder.path)/nowhere") == nil)
        for number in 0...CheckpointFiles.mostFiles { try folder.write("", to: "many/\(number)") }
        #expect(CheckpointFiles.packed("\(folder.path)/many") == nil)
        try folder.write("", to: "large/file")
        truncate("\(folder.path)/large/file", CheckpointFiles.largest + 1)
        #expect(CheckpointFiles.packed("\(folder.path)/large") == nil)
    }

    @Test(
        "bytes from outside write nothing beyond their folder",
        arguments: [
            "../out", "/out", "a/../../out", "a//b", "", ".", "a/.",
        ])
    func hostile(path: String) throws {
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        let bytes = Array(try encoder.encode([path: Data("x".utf8)]))
        #expect(throws: CheckpointUnusable.self) { try CheckpointFiles.unpack(bytes, into: "\(folder.path)/to") }
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/out"))
    }

    @Test("what is no checkpoint is an error")
    func garbage() {
        #expect(throws: (any Error).self) {
            try CheckpointFiles.unpack(Array("garbage".utf8), into: "\(folder.path)/to")
        }
    }

    @Test("a checkpoint from elsewhere is used unless a later attempt was made here")
    func newest() throws {
        let job = Workshop.plainJob
        func state() -> String? {
            let kept = JobFolder(attempt: Attempt(job: job.id, term: .first), below: folder.path).checkpoint
            return FileManager.default.contents(atPath: "\(kept)/state").map { String(decoding: $0, as: UTF8.self) }
        }
        func make(_ term: Int, from received: Checkpoint?) throws {
            let term = LeaseTerm(rawValue: term)
            try JobFolder(attempt: Attempt(job: job.id, term: term), below: folder.path)
                .make(for: job, from: received, term: term)
        }
        try folder.write("elsewhere", to: "packed/state")
        let files = try #require(CheckpointFiles.packed("\(folder.path)/packed"))
        try make(2, from: Checkpoint(term: LeaseTerm(rawValue: 1), files: files))
        #expect(state() == "elsewhere")
        let kept = JobFolder(attempt: Attempt(job: job.id, term: .first), below: folder.path)
        try Data("here".utf8).write(to: URL(fileURLWithPath: "\(kept.checkpoint)/state"))
        try make(3, from: Checkpoint(term: LeaseTerm(rawValue: 1), files: files))
        #expect(state() == "here")
        try make(5, from: Checkpoint(term: LeaseTerm(rawValue: 4), files: files))
        #expect(state() == "elsewhere")
        try make(7, from: Checkpoint(term: LeaseTerm(rawValue: 6), files: [1, 2, 3]))
        #expect(state() == nil)
    }
}

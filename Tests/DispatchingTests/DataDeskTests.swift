import Blobs
import Foundation
import Journal
import Logging
import Scheduling
import TestKit
import Testing
import Vocabulary
import Wire
import ZeroMQ

@testable import Dispatching

/// What the coordinator gives of its data, and to whom.
@Suite("The desk that hands out data", .timeLimit(.minutes(5)))
struct DataDeskTests {
    private let folder: TemporaryFolder
    private let manifest: DataManifest
    private let mount: Mount
    private let attempt = Attempt(job: JobID("r:a"), term: .first)

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(String(repeating: "0123456789abcdef", count: 3 << 16), to: "mount/train.csv")  // 3 MiB
        try folder.write("id\n1\n", to: "mount/deep/test.csv")
        try folder.write("secret", to: "key/fold-0.csv")
        manifest = try DataManifest(folder: "\(folder.path)/mount")
        mount = Mount(manifest: manifest.hash, path: "\(folder.path)/mount")
    }

    private var train: ContentHash { manifest.files.first { $0.name == "train.csv" }?.hash ?? manifest.hash }

    private func request(_ pieces: [DataPiece], receipts: [UInt64] = []) -> DataRequest {
        DataRequest(attempt: attempt, manifest: manifest.hash, pieces: pieces, receipts: receipts)
    }

    /// A desk that knows the mount.
    private func desk() -> DataDesk {
        var desk = DataDesk()
        desk.know(manifest.hash, MountIndex.look(at: mount))
        return desk
    }

    /// The chunk that a worker reads from the answer.
    private func chunk(_ answer: (Incarnation, DataDesk.Answer)?) -> DataChunk? {
        guard case .chunk(let made)? = answer?.1,
            case .dataChunk(let chunk)? = try? CoordinatorMessage(decoding: Data(made.frame.memory)),
            chunk.content.count == made.contentBytes
        else { return nil }
        return chunk
    }

    @Test("pieces of files and of the manifest are given as they are on disk")
    func pieces() throws {
        var desk = desk()
        let wanted = [
            DataPiece(blob: manifest.hash, offset: 0), DataPiece(blob: train, offset: 1 << 20),
            DataPiece(blob: train, offset: (3 << 20) - 5),
        ]
        #expect(desk.take(request(wanted), from: Incarnation("w-1")) == .init())
        let chunks = wanted.compactMap { _ in chunk(desk.next(at: Instant(.zero))) }
        #expect(chunks.map(\.piece) == wanted)
        #expect(chunks.map(\.total) == [manifest.bytes.count, 3 << 20, 3 << 20])
        #expect(try DataManifest(decoding: Array(chunks[0].content)) == manifest)
        #expect(chunks[1].content.count == 1 << 20 && chunks[2].content == Data("bcdef".utf8))
        #expect(desk.next(at: Instant(.zero)) == nil && !desk.hasWork(at: Instant(.zero)))
    }

    @Test("a file beside the mount cannot be named, whatever its hash")
    func nothingElse() throws {
        let secret = Hashing.hash(Array("secret".utf8))
        for piece in [
            DataPiece(blob: secret, offset: 0), DataPiece(blob: train, offset: 3 << 20),
            DataPiece(blob: manifest.hash, offset: 1 << 30),
        ] {
            var desk = desk()
            _ = desk.take(request([piece]), from: Incarnation("w-1"))
            guard case .refusal? = desk.next(at: Instant(.zero))?.1 else {
                Issue.record("\(piece) was given")
                continue
            }
        }
    }

    @Test("one who asks for what there is not disturbs nobody else")
    func othersUndisturbed() {
        var desk = desk()
        let good = DataPiece(blob: train, offset: 0)
        _ = desk.take(request([DataPiece(blob: Hashing.hash([1]), offset: 0)]), from: Incarnation("a"))
        _ = desk.take(request([good]), from: Incarnation("b"))
        guard case .refusal? = desk.next(at: Instant(.zero))?.1 else { return #expect(Bool(false), "not refused") }
        #expect(chunk(desk.next(at: Instant(.zero)))?.piece == good)
        #expect(!desk.take(request([good]), from: Incarnation("b")).needsLook)
    }

    @Test("when files cannot be read all who wait for them are told, and the next request looks anew")
    func allTold() throws {
        try folder.write("other", to: "mount/deep/test.csv")
        var desk = DataDesk()
        let piece = DataPiece(blob: train, offset: 0)
        for name in ["a", "b"] { _ = desk.take(request([piece]), from: Incarnation(name)) }
        desk.know(manifest.hash, MountIndex.look(at: mount))
        let told = (0..<3).compactMap { _ in desk.next(at: Instant(.zero))?.0.rawValue }
        #expect(told == ["a", "b"])
        #expect(desk.take(request([piece]), from: Incarnation("a")).needsLook)
    }

    @Test("workers are served in turn, one piece each, however much one of them wants")
    func turns() {
        var desk = desk()
        let many = (0..<64).map { DataPiece(blob: train, offset: $0) }
        for name in ["a", "b"] { _ = desk.take(request(many), from: Incarnation(name)) }
        _ = desk.take(request([many[0]]), from: Incarnation("c"))
        let served = (0..<7).compactMap { _ in desk.next(at: Instant(.zero))?.0.rawValue }
        #expect(served == ["a", "b", "c", "a", "b", "a", "b"])
    }

    @Test("a worker that asks and does not read is sent no more, until it confirms or time has passed")
    func unconfirmed() {
        var desk = desk()
        let many = (0..<128).map { DataPiece(blob: train, offset: $0) }
        let worker = Incarnation("w-1")
        for start in [0, 64] { _ = desk.take(request(Array(many[start..<start + 64])), from: worker) }
        let sent = (0..<128).compactMap { _ in chunk(desk.next(at: Instant(.zero))) }
        #expect(sent.count == DataDesk.unconfirmedPerWorker && !desk.hasWork(at: Instant(.zero)))
        let receipts = [1, sent[0].receipt, sent[5].receipt]
        #expect(desk.take(request([], receipts: receipts), from: worker).confirms)
        #expect(!desk.take(request([], receipts: receipts), from: worker).confirms)
        #expect((0..<9).compactMap { _ in desk.next(at: Instant(.zero)) }.count == 2)
        #expect(desk.hasWork(at: Instant(DataDesk.patience)))
        #expect(desk.next(at: Instant(DataDesk.patience)) != nil)
    }

    @Test("to a worker that never confirms anything no more is sent in the end, until it says hello")
    func neverConfirmed() {
        var desk = desk()
        let worker = Incarnation("w-1")
        var sent = 0
        for round in 0..<20 {
            let wanted = (0..<64).map { DataPiece(blob: train, offset: round * 64 + $0) }
            _ = desk.take(request(wanted), from: worker)
            while desk.next(at: Instant(DataDesk.patience * round)) != nil { sent += 1 }
        }
        #expect(sent == DataDesk.unconfirmedPerWorker + DataDesk.lostPerWorker)
        #expect(!desk.hasWork(at: Instant(DataDesk.patience * 100)))
        // Hello opens it again for what then counts as lost, not for more at once.
        let last = DataDesk.patience * 20
        desk.greet(worker)
        while desk.next(at: Instant(last)) != nil { sent += 1 }
        for _ in 0..<9 {
            desk.greet(worker)
            #expect(desk.next(at: Instant(last)) == nil)
        }
        #expect(sent == 2 * DataDesk.unconfirmedPerWorker + DataDesk.lostPerWorker)
        _ = desk.take(request([DataPiece(blob: train, offset: 0)]), from: worker)
        #expect(chunk(desk.next(at: Instant(DataDesk.patience * 100))) != nil)
    }

    @Test("what waits for one worker is bounded, and the same piece waits once")
    func bounded() {
        var desk = desk()
        let worker = Incarnation("w-1")
        for start in 0..<50 {
            _ = desk.take(request((0..<64).map { DataPiece(blob: train, offset: start * 10 + $0) }), from: worker)
        }
        var count = 0
        while let chunk = chunk(desk.next(at: Instant(.zero))) {
            count += 1
            _ = desk.take(request([], receipts: [chunk.receipt]), from: worker)
        }
        #expect(count == DataDesk.waitingPerWorker)
    }

    @Test("files that have changed since the run began are not sent; the reason says where they are")
    func changed() throws {
        try folder.write("other", to: "mount/deep/test.csv")
        var desk = DataDesk()
        #expect(desk.take(request([DataPiece(blob: train, offset: 0)]), from: Incarnation("w-1")).needsLook)
        desk.know(manifest.hash, MountIndex.look(at: mount))
        guard case .refusal(let refusal)? = desk.next(at: Instant(.zero))?.1 else {
            return #expect(Bool(false), "changed files were sent")
        }
        #expect(refusal.reason.contains("\(folder.path)/mount are not what they were"))
        // The next request looks again.
        #expect(desk.take(request([DataPiece(blob: train, offset: 0)]), from: Incarnation("w-1")).needsLook)
    }

    @Test("over the wire data goes to who holds a job that reads it, and to nobody else")
    func permission() async throws {
        let journal = try Journal(folder: folder.path)
        try journal.enter(
            NewRun(
                id: RunID("r"), taskName: "t", taskPath: "/t", taskFingerprint: manifest.hash, settings: "{}",
                strategy: "s", budget: .seconds(60), outPath: "/out"), as: .running)
        let door = "ipc://\(folder.path)/door"
        let dispatcher = try Dispatcher(
            settings: .init(endpoint: door), journal: journal,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        async let served: Void = dispatcher.serve { _ in }
        let job = Job(
            id: JobID("r:a"), kind: .ablation, script: Script("print()"), mount: mount, seed: 0, cores: 1,
            limits: Limits(wall: .seconds(1), memoryBytes: 1, outputBytes: 1))
        let task = Task { try await dispatcher.run(job) }
        let holder = try HandWorker("holder", endpoint: door)
        holder.sayHello()
        let held = try await holder.nextAssignment()
        let other = try HandWorker("other", endpoint: door)
        other.sayHello()
        try await other.wait(for: .welcome(heartbeat: .seconds(1)))
        let piece = DataPiece(blob: train, offset: 0)
        let good = DataRequest(attempt: held, manifest: mount.manifest, pieces: [piece])
        holder.say(.dataRequest(good))
        guard case .dataChunk(let chunk)? = try await holder.next() else {
            return #expect(Bool(false), "no chunk came")
        }
        #expect(chunk.piece == piece && chunk.content.count == 1 << 20)
        let wrong = [
            DataRequest(
                attempt: Attempt(job: held.job, term: held.term.next), manifest: mount.manifest, pieces: [piece]),
            DataRequest(attempt: Attempt(job: JobID("r:b"), term: .first), manifest: mount.manifest, pieces: [piece]),
            DataRequest(attempt: held, manifest: train, pieces: [piece]),
        ]
        for (worker, requests) in [(holder, wrong), (other, [good])] {
            for request in requests { worker.say(.dataRequest(request)) }
            // What is answered comes between these two.
            for _ in 1...2 {
                worker.say(.heartbeat(held: worker.name == "holder" ? [held] : []))
                #expect(try await worker.next() == .heartbeatAnswer)
            }
        }
        task.cancel()
        dispatcher.close(dismissWorkers: false)
        try await served
        _ = await task.result
    }
}

import Foundation
import SwiftProtobuf
import Testing
import Vocabulary

@testable import Wire

@Suite("Messages", .timeLimit(.minutes(5)))
struct MessageTests {
    private static let hash = ContentHash(String(repeating: "ab", count: 32))
    private static let attempt = Attempt(job: JobID("r:a/b"), term: LeaseTerm(rawValue: 3))
    private static let job = Job(
        id: JobID("r:a/b"), kind: .ensemble, script: Script("print('ä')\n"), mount: Mount(manifest: hash, path: "/m"),
        seed: 7, cores: 2,
        limits: Limits(wall: .milliseconds(1500), memoryBytes: 1 << 33, outputBytes: 1 << 20))

    private static func outcome(_ ending: Ending, submission: [UInt8]? = nil, selfReported: Double? = nil) -> Outcome {
        Outcome(
            job: attempt.job, term: attempt.term, ending: ending,
            usage: Usage(wall: .milliseconds(1234), cpu: .milliseconds(99), peakMemoryBytes: 1 << 34),
            message: "m", log: "l", selfReported: selfReported, submission: submission, environment: hash)
    }

    @Test("a frame's shape is told without making anything of it")
    func shape() throws {
        var frame = Mlestar_FromWorker()
        frame.version = 1
        frame.heartbeat.held = (1...1_000).map { _ in Mlestar_AttemptName() }
        let heartbeat: [UInt8] = try frame.serializedBytes()
        #expect(FrameShape.bytes(in: heartbeat, outside: 3) == 2)
        #expect(FrameShape.bytes(in: heartbeat, outside: 4) == heartbeat.count)
        // A number, eight bytes, four bytes, and a length that is no length.
        #expect(FrameShape.bytes(in: [0x08, 0x96, 0x01, 0x11] + [UInt8](repeating: 0, count: 8), outside: 1) == 9)
        #expect(FrameShape.bytes(in: [0x15, 1, 2, 3, 4], outside: 1) == 5)
        for broken: [UInt8] in [[0x08], [0x0A, 5, 1], [0x0B], [0x11, 1], [UInt8](repeating: 0xFF, count: 12)] {
            #expect(FrameShape.bytes(in: broken, outside: 1) == nil)
        }
        // Two bytes for each attempt on the line, a hundred times as much in memory: refused before it is made.
        frame.heartbeat.held = (0..<(maximumTalkBytes / 2)).map { _ in Mlestar_AttemptName() }
        let large: [UInt8] = try frame.serializedBytes()
        #expect(throws: WireError.malformed("\(large.count) bytes are too many for what is no outcome")) {
            try WorkerMessage(decoding: large)
        }
    }

    private static func inPlace(_ chunk: DataChunk) throws -> [UInt8] {
        try DataChunk.encodedHead(
            chunk.piece, of: chunk.manifest, total: chunk.total, receipt: chunk.receipt,
            contentBytes: chunk.content.count) + Array(chunk.content)
    }

    @Test("a chunk whose content is put behind its head is the same message", arguments: [0, 1, 127, 128, 1 << 20])
    func chunkInTwoParts(_ size: Int) throws {
        let chunk = DataChunk(
            manifest: Self.hash, piece: DataPiece(blob: Self.hash, offset: 1 << 33), total: 1 << 34,
            content: Data(repeating: 7, count: size), receipt: UInt64.max)
        let bytes = try Self.inPlace(chunk)
        #expect(try CoordinatorMessage(decoding: bytes) == .dataChunk(chunk))
        // Some way into other memory, and read in place.
        let message = (Data([9, 9, 9]) + bytes).dropFirst(3)
        #expect(try DataChunk(inPlace: message) == chunk)
        #expect(try CoordinatorMessage(decoding: message) == .dataChunk(chunk))
    }

    @Test("what only resembles a chunk that can be read in place is read as any message, or refused")
    func chunksInPlace() throws {
        let chunk = DataChunk(
            manifest: Self.hash, piece: DataPiece(blob: Self.hash, offset: 0), total: 3, content: Data([1, 2, 3]),
            receipt: 5)
        let bytes = try Data(Self.inPlace(chunk))
        let whole = try Data(CoordinatorMessage.dataChunk(chunk).encoded())
        #expect(try DataChunk(inPlace: whole) == nil, "there the receipt comes last")
        #expect(try CoordinatorMessage(decoding: whole) == .dataChunk(chunk))
        #expect(try DataChunk(inPlace: Data(CoordinatorMessage.shutdown.encoded())) == nil)
        #expect(try DataChunk(inPlace: Data()) == nil)
        // Another version: the error names it.
        #expect(throws: WireError.versionUnsupported(99)) {
            try CoordinatorMessage(decoding: Data([8, 99]) + bytes.dropFirst(2))
        }
        // Cut anywhere, no chunk comes of it.
        for count in 0..<bytes.count {
            #expect(throws: WireError.self) { try CoordinatorMessage(decoding: bytes.prefix(count)) }
        }
        // The content twice, and the chunk after another kind of message: as Protocol Buffers has it, the last one counts.
        let inner = try #require(FrameShape.lastField(of: bytes)?.content).count
        let twice =
            Data([8, bytes[1]] + varint(30 << 3 | 2) + varint(UInt64(inner + 3))) + bytes.suffix(inner) + [34, 1, 9]
        #expect(try DataChunk(inPlace: twice) == nil)
        guard case .dataChunk(let read) = try CoordinatorMessage(decoding: twice) else {
            Issue.record("no chunk")
            return
        }
        #expect(read.content == Data([9]))
        let after = Data(try CoordinatorMessage.shutdown.encoded()) + bytes.dropFirst(2)
        #expect(try DataChunk(inPlace: after) == nil)
        #expect(try CoordinatorMessage(decoding: after) == .dataChunk(chunk))
    }

    static let fromWorkers: [WorkerMessage] = [
        .hello(
            Capabilities(
                worker: WorkerID("w"), incarnation: Incarnation("w-1"), slots: 2, coresPerSlot: 4,
                memoryBytes: 1 << 36, environment: hash, host: "h"), held: [attempt]),
        .hello(
            Capabilities(
                worker: WorkerID("w"), incarnation: Incarnation("w-1"), slots: 1, coresPerSlot: 1, memoryBytes: 1,
                environment: hash, host: "h",
                gpus: [GraphicsProcessor(id: "0", memoryBytes: 1 << 34), GraphicsProcessor(id: "MIG-a")],
                environmentNames: ["deep"], data: [hash]), held: []),
        .dataRequest(
            DataRequest(
                attempt: attempt, manifest: hash, pieces: [DataPiece(blob: hash, offset: 1 << 33)],
                receipts: [UInt64.max, 1])),
        .dataRequest(DataRequest(attempt: attempt, manifest: hash, pieces: [])),
        .heartbeat(held: [attempt], data: []), .heartbeat(held: [], data: [hash]),
        .outcome(
            Outcome(
                job: attempt.job, term: attempt.term, ending: .interrupted, usage: .none, message: "", log: "",
                selfReported: nil, submission: nil, environment: hash, checkpoint: [1, 2, 3])),
        .heartbeat(held: []), .heartbeat(held: [attempt]), .draining, .goodbye,
        .logTail(
            LogTail(
                attempt: attempt, output: LogTail.Stream(size: 9, tail: [104, 105]),
                errors: LogTail.Stream(size: 0, tail: []))),
        .outcome(outcome(.succeeded, submission: [1, 2], selfReported: 0.5)),
        .outcome(outcome(.succeeded, submission: [])), .outcome(outcome(.exception("ValueError"))),
        .outcome(outcome(.missingPackage("torch"))), .outcome(outcome(.timeout)), .outcome(outcome(.outOfMemory)),
        .outcome(outcome(.killed(signal: 9))), .outcome(outcome(.outputLimit)), .outcome(outcome(.missingSubmission)),
        .outcome(outcome(.diskLimit)), .outcome(outcome(.invalidSubmission)), .outcome(outcome(.stoppedEarly)),
        .outcome(outcome(.sandboxUnavailable)),
        .outcome(
            Outcome(
                job: attempt.job, term: attempt.term, ending: .succeeded,
                usage: Usage(wall: .zero, cpu: .zero, peakMemoryBytes: 1, peakGPUMemoryBytes: 1 << 35), message: "",
                log: "", selfReported: nil, submission: nil, environment: hash, sandbox: .landlock,
                wholeLog: [31, 139],
                model: [31, 138], probabilities: [105, 100])
        ),
        .hello(
            Capabilities(
                worker: WorkerID("w"), incarnation: Incarnation("w-1"), slots: 1, coresPerSlot: 1, memoryBytes: 1,
                environment: hash, host: "h", packages: ["numpy==2.4.6"], sandbox: .bubblewrap), held: []),
        .outcome(outcome(.interrupted)), .outcome(outcome(.unavailable)), .outcome(outcome(.noScore)),
    ]

    static let fromCoordinator: [CoordinatorMessage] = [
        .welcome(heartbeat: .seconds(1)), .refused(reason: "no"), .askForHello, .drain(handsBack: false),
        .drain(handsBack: true), .logRequest(attempt),
        .assignment(job, LeaseTerm(rawValue: 2)),
        .assignment(
            Job(
                id: JobID("r:c"), kind: .ablation, script: Script(""), mount: Mount(manifest: hash, path: "/m"),
                seed: 1,
                cores: 1, limits: Limits(wall: .seconds(1), memoryBytes: 1, outputBytes: 1),
                earlyStop: EarlyStop(direction: .lowerIsBetter, others: 5, warmUp: 1)), LeaseTerm(rawValue: 1)),
        .assignment(
            Job(
                id: JobID("r:c"), kind: .ablation, script: Script(""), mount: Mount(manifest: hash, path: "/m"),
                seed: 1,
                cores: 1, limits: Limits(wall: .seconds(1), memoryBytes: 1, outputBytes: 1),
                needs: Needs(gpus: 2, gpuMemoryBytes: 1 << 34, cores: 3, memoryBytes: 1 << 35, environment: "deep")),
            LeaseTerm(rawValue: 3), Checkpoint(term: LeaseTerm(rawValue: 2), files: [7])),
        .revocation(attempt), .acknowledgement(attempt), .heartbeatAnswer, .shutdown,
        .dataChunk(
            DataChunk(
                manifest: hash, piece: DataPiece(blob: hash, offset: 1 << 20), total: 1 << 34,
                content: Data([0, 255]), receipt: 7)),
        .dataRefusal(DataRefusal(manifest: hash, reason: "gone")),
    ]

    @Test("what a worker says arrives as it was said", arguments: fromWorkers)
    func workerMessages(_ message: WorkerMessage) throws {
        #expect(try WorkerMessage(decoding: message.encoded()) == message)
    }

    @Test("what the coordinator says arrives as it was said", arguments: fromCoordinator)
    func coordinatorMessages(_ message: CoordinatorMessage) throws {
        #expect(try CoordinatorMessage(decoding: message.encoded()) == message)
    }

    @Test("another version is refused by its number")
    func version() throws {
        var frame = Mlestar_FromWorker()
        frame.version = 99
        frame.goodbye = Mlestar_Goodbye()
        let bytes: [UInt8] = try frame.serializedBytes()
        #expect(throws: WireError.versionUnsupported(99)) { try WorkerMessage(decoding: bytes) }
    }

    @Test("a refusal is understood whatever the version")
    func refusal() throws {
        var frame = Mlestar_FromCoordinator()
        frame.version = 99
        frame.refused.reason = "speak version 99"
        #expect(
            try CoordinatorMessage(decoding: frame.serializedBytes() as [UInt8]) == .refused(reason: "speak version 99")
        )
    }

    @Test("a number that is not finite is no self-reported score")
    func notFinite() throws {
        let message = WorkerMessage.outcome(Self.outcome(.succeeded, selfReported: .nan))
        guard case .outcome(let outcome) = try WorkerMessage(decoding: message.encoded()) else {
            Issue.record("not an outcome")
            return
        }
        #expect(outcome.selfReported == nil)
    }

    @Test("processors that cannot be told apart, or whose names would be two, are refused")
    func processors() throws {
        for gpus in [["0", "0"], ["0,1"], [""], (0...256).map { "\($0)" }] {
            let hello = WorkerMessage.hello(
                Capabilities(
                    worker: WorkerID("w"), incarnation: Incarnation("w-1"), slots: 1, coresPerSlot: 1, memoryBytes: 1,
                    environment: Self.hash, host: "h", gpus: gpus.map { GraphicsProcessor(id: $0) }), held: [])
            let bytes = try hello.encoded()
            #expect(throws: WireError.self) { try WorkerMessage(decoding: bytes) }
        }
    }

    @Test("mutated and random frames are errors or messages, never a crash")
    func mutations() throws {
        var generator = SplitMix(state: 42)
        let frames = try Self.fromWorkers.map { try $0.encoded() } + Self.fromCoordinator.map { try $0.encoded() }
        var refused = 0
        for round in 0..<20_000 {
            var bytes = frames[round % frames.count]
            for _ in 0...(generator.next() % 4) where !bytes.isEmpty {
                bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            if (try? WorkerMessage(decoding: bytes)) == nil, (try? CoordinatorMessage(decoding: bytes)) == nil {
                refused += 1
            }
        }
        #expect(refused > 1000)
    }

    @Test("what a worker may say is bounded: attempts, bytes of all but outcomes, characters of its name")
    func bounds() throws {
        let many = (0...4_096).map { Attempt(job: JobID("r:\($0)"), term: .first) }
        for message in [WorkerMessage.heartbeat(held: many), .hello(Self.capabilities("w"), held: many)] {
            let bytes = try message.encoded()
            #expect(throws: WireError.self) { try WorkerMessage(decoding: bytes) }
        }
        let long = (0..<4_096).map { Attempt(job: JobID("r:\($0)" + String(repeating: "x", count: 990)), term: .first) }
        let bytes = try WorkerMessage.heartbeat(held: long + long.prefix(400)).encoded()
        #expect(bytes.count > maximumTalkBytes)
        #expect(throws: WireError.self) { try WorkerMessage(decoding: bytes) }
        let named = try WorkerMessage.hello(Self.capabilities("w\nline"), held: []).encoded()
        #expect(throws: WireError.self) { try WorkerMessage(decoding: named) }
    }

    private static func capabilities(_ name: String) -> Capabilities {
        Capabilities(
            worker: WorkerID(name), incarnation: Incarnation("\(name)-1"), slots: 1, coresPerSlot: 1, memoryBytes: 1,
            environment: hash, host: "h")
    }

    @Test("a model larger than workers hand in is left out of its outcome")
    func largeModel() throws {
        let large = Outcome(
            job: Self.attempt.job, term: Self.attempt.term, ending: .succeeded, usage: .none, message: "", log: "",
            selfReported: nil, submission: [1], environment: Self.hash,
            model: [UInt8](repeating: 0, count: Outcome.modelLimit + 1))
        guard case .outcome(let read) = try WorkerMessage(decoding: try WorkerMessage.outcome(large).encoded()) else {
            Issue.record("no outcome")
            return
        }
        #expect(read.model == nil && read.submission == [1])
    }
}

/// A small generator with a written seed.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

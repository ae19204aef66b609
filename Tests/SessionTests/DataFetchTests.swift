import Blobs
import Foundation
import Testing
import Vocabulary
import Wire

@testable import Session

/// The fetch against a coordinator in the test, over a line that loses, doubles, reorders and damages.
@Suite("Files on their way to a worker", .timeLimit(.minutes(5)))
struct DataFetchTests {
    /// Bytes that differ from file to file.
    static func file(_ byteCount: Int, _ seed: UInt8) -> Data {
        var bytes = Data(repeating: seed, count: byteCount)
        for place in stride(from: 0, to: byteCount, by: 4_099) { bytes[place] = UInt8(truncatingIfNeeded: place) }
        return bytes
    }

    /// A line and a disk.
    private struct World {
        let files: [ContentHash: Data]
        var disk: [ContentHash: Data] = [:]
        var fetch: DataFetch
        var now = Instant(.zero)
        var sent = 0
        var random: SeededGenerator

        init(_ contents: [Data], have: [Int] = [], seed: UInt64 = 1) {
            files = Dictionary(contents.map { (Hashing.hash($0), $0) }, uniquingKeysWith: { first, _ in first })
            var blobs: [DataFetch.Blob] = []
            for (index, content) in contents.enumerated() {
                let here = index < have.count ? have[index] : 0
                blobs.append(.init(hash: Hashing.hash(content), byteCount: content.count, have: here))
                disk[Hashing.hash(content)] = content.prefix(here)
            }
            fetch = DataFetch(blobs)
            random = SeededGenerator(seed)
            perform(fetch.start())
        }

        mutating func perform(_ steps: [DataFetch.Step]) {
            for step in steps {
                switch step {
                case .append(let blob, let bytes): disk[blob, default: Data()] += bytes
                case .discard(let blob): disk[blob] = Data()
                case .check(let blob):
                    let isRight = Hashing.hash(disk[blob] ?? Data()) == blob
                    if !isRight { disk[blob] = Data() }
                    fetch.checked(blob, isRight: isRight)
                }
            }
        }

        mutating func deliver(_ piece: DataPiece, damaged: Bool = false) {
            let file = files[piece.blob] ?? Data()
            var content = Data(file[piece.offset...].prefix(dataChunkBytes))
            if damaged { content[content.count / 2] ^= 1 }
            sent += 1
            perform(fetch.receive(piece, total: file.count, content, at: now))
        }

        var isRight: Bool { files.allSatisfy { disk[$0.key] == $0.value } }
    }

    private static let three = [file(5 << 20, 1), file((2 << 20) + 17, 2), file(100, 3), file(0, 4)]

    @Test("files come in pieces, each once, and never more are on the way than the window holds")
    func plain() {
        var world = World([Self.file(50 << 20, 9)] + Self.three)
        var pieces: [DataPiece] = []
        while !world.fetch.isDone {
            pieces += world.fetch.ask(at: world.now)
            #expect(pieces.count <= DataFetch.windows.upperBound)
            guard !pieces.isEmpty else { break }
            world.deliver(pieces.removeFirst())
        }
        #expect(world.fetch.isDone && world.isRight && world.fetch.failure == nil)
        #expect(world.sent == 50 + 5 + 3 + 1)
        #expect(world.fetch.ask(at: world.now).isEmpty)
    }

    @Test("loss, doubles and any order end in the right files", arguments: 1...40)
    func badLine(_ seed: UInt64) {
        var world = World(Self.three + [Self.file(12 << 20, 7)], seed: seed)
        var pieces: [DataPiece] = []
        for _ in 0..<10_000 where !world.fetch.isDone {
            pieces += world.fetch.ask(at: world.now)
            if pieces.isEmpty {
                world.now = world.now + .seconds(1)
            } else {
                let piece = pieces.remove(at: .random(in: 0..<pieces.count, using: &world.random))
                switch Int.random(in: 0..<10, using: &world.random) {
                case 0...1: break
                case 2:
                    world.deliver(piece)
                    world.deliver(piece)
                default: world.deliver(piece)
                }
            }
        }
        #expect(world.fetch.isDone && world.isRight && world.fetch.failure == nil)
    }

    @Test("a file goes on where it was cut")
    func resumed() {
        var world = World(Self.three, have: [(3 << 20) + 5, (2 << 20) + 17, 0, 0])
        var asked: [DataPiece] = []
        while !world.fetch.isDone {
            let pieces = world.fetch.ask(at: world.now)
            guard !pieces.isEmpty else { break }
            asked += pieces
            for piece in pieces { world.deliver(piece) }
        }
        #expect(world.isRight && world.sent == 3)
        #expect(asked.first?.offset == (3 << 20) + 5)
    }

    @Test("a beginning that is wrong is found when the file is complete, and the file is fetched anew")
    func wrongBeginning() {
        let file = Self.file(3 << 20, 1)
        var world = World([file], have: [1 << 20])
        world.disk[Hashing.hash(file)] = Data(repeating: 0, count: 1 << 20)
        while !world.fetch.isDone {
            let pieces = world.fetch.ask(at: world.now)
            guard !pieces.isEmpty else { break }
            for piece in pieces { world.deliver(piece) }
        }
        #expect(world.isRight && world.sent == 2 + 3)
    }

    @Test("a damaged file is asked for again, and given up after three attempts in words")
    func damaged() {
        var once = World([Self.file(2 << 20, 1)])
        var isFirst = true
        while !once.fetch.isDone {
            let pieces = once.fetch.ask(at: once.now)
            guard !pieces.isEmpty else { break }
            for piece in pieces {
                once.deliver(piece, damaged: isFirst)
                isFirst = false
            }
        }
        #expect(once.isRight && once.sent == 4)
        var always = World([Self.file(2 << 20, 1)])
        while always.fetch.failure == nil {
            let pieces = always.fetch.ask(at: always.now)
            guard !pieces.isEmpty else { break }
            for piece in pieces { always.deliver(piece, damaged: true) }
        }
        #expect(always.fetch.failure?.contains("3 attempts: it arrives damaged") == true)
        #expect(always.sent == 6)
    }

    @Test("pieces of the wrong size, or of a file of another size, are not taken")
    func wrongSize() {
        let file = Self.file(3 << 20, 1)
        let blob = Hashing.hash(file)
        for (total, count) in [(3 << 20, 5), (2 << 20, 1 << 20), (3 << 20, (1 << 20) + 1)] {
            var fetch = DataFetch([.init(hash: blob, byteCount: 3 << 20)])
            for _ in 0..<3 {
                _ = fetch.ask(at: Instant(.zero))
                let steps = fetch.receive(
                    DataPiece(blob: blob, offset: 0), total: total, Data(count: count), at: Instant(.zero))
                #expect(steps == [.discard(blob)])
            }
            #expect(fetch.failure?.contains("wrong size") == true)
        }
    }

    @Test("what was never asked for is ignored")
    func unasked() {
        let file = Self.file(3 << 20, 1)
        let blob = Hashing.hash(file)
        var fetch = DataFetch([.init(hash: blob, byteCount: 3 << 20)])
        #expect(fetch.receive(DataPiece(blob: blob, offset: 0), total: 3 << 20, file, at: Instant(.zero)).isEmpty)
        _ = fetch.ask(at: Instant(.zero))
        let other = DataPiece(blob: Hashing.hash(Data([1])), offset: 0)
        #expect(fetch.receive(other, total: 1, Data([1]), at: Instant(.zero)).isEmpty)
        #expect(fetch.receive(DataPiece(blob: blob, offset: 7), total: 1, Data([1]), at: Instant(.zero)).isEmpty)
    }

    @Test("a manifest tells its size with its first piece; one that is too large is refused")
    func unknownSize() {
        let file = Self.file((2 << 20) + 1, 1)
        let blob = Hashing.hash(file)
        var fetch = DataFetch([.init(hash: blob, byteCount: nil)], largestUnknown: 3 << 20)
        #expect(fetch.ask(at: Instant(.zero)) == [DataPiece(blob: blob, offset: 0)])
        #expect(fetch.ask(at: Instant(.zero)).isEmpty)
        _ = fetch.receive(
            DataPiece(blob: blob, offset: 0), total: file.count, file.prefix(1 << 20), at: Instant(.zero))
        #expect(fetch.ask(at: Instant(.zero)).map(\.offset) == [1 << 20, 2 << 20])
        var large = DataFetch([.init(hash: blob, byteCount: nil)], largestUnknown: 1 << 20)
        for _ in 0..<3 {
            _ = large.ask(at: Instant(.zero))
            _ = large.receive(
                DataPiece(blob: blob, offset: 0), total: file.count, file.prefix(1 << 20), at: Instant(.zero))
        }
        #expect(large.failure != nil)
    }

    @Test("on a slow line few pieces are on the way, on a fast one many")
    func slowLine() {
        var world = World([Self.file(150 << 20, 9)])
        var pieces: [DataPiece] = []
        var most: [Int] = []
        while !world.fetch.isDone {
            // A piece a second at first, a hundred later.
            world.now = world.now + .milliseconds(world.sent < 75 ? 1_000 : 10)
            pieces += world.fetch.ask(at: world.now)
            guard !pieces.isEmpty else { break }
            most.append(pieces.count)
            world.deliver(pieces.removeFirst())
        }
        #expect(world.isRight && world.sent == 150)
        #expect(most[0] == 32 && most[60..<75].allSatisfy { $0 < 9 } && most[120..<130].allSatisfy { $0 > 20 })
    }

    @Test("silence makes it ask again, less and less often; a new connection at once")
    func silence() {
        let blob = Hashing.hash(Self.file(1 << 20, 1))
        var fetch = DataFetch([.init(hash: blob, byteCount: 1 << 20)])
        let asked = (0..<200).filter { !fetch.ask(at: Instant(.seconds($0))).isEmpty }
        #expect(asked == [0, 5, 15, 35, 75, 135, 195])
        fetch.askAllAgain(at: Instant(.seconds(200)))
        #expect(fetch.ask(at: Instant(.seconds(200))).count == 1)
    }
}

/// Numbers that follow from a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

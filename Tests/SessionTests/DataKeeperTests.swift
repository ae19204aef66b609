import Blobs
import Execution
import Foundation
import Logging
import Synchronization
import TestKit
import Testing
import Vocabulary
import Wire

@testable import Session

/// The keeper with a coordinator in the test that answers from a folder.
@Suite("A worker's data", .timeLimit(.minutes(5)))
struct DataKeeperTests {
    /// Answers requests from a folder's files, as long as it is told to.
    private final class Source: Sendable {
        struct State {
            var asked: [DataRequest] = []
            var keeper: DataKeeper?
            /// Pieces it still answers; the next ones are lost.
            var left = Int.max
            var damages = false
            /// A receipt for each chunk, from one on.
            var receipts: UInt64 = 0
        }

        let folder: String
        let manifest: DataManifest
        let state = Mutex(State())

        init(_ folder: String) throws {
            self.folder = folder
            manifest = try DataManifest(folder: folder)
        }

        var pieces: [DataPiece] { state.withLock { $0.asked.flatMap(\.pieces) } }

        func answer(_ request: DataRequest) {
            let (keeper, damages) = state.withLock { state in
                state.asked.append(request)
                return (state.keeper, state.damages)
            }
            for piece in request.pieces {
                let isAnswered = state.withLock { state in
                    state.left -= 1
                    return state.left >= 0
                }
                guard isAnswered else { continue }
                let file = manifest.files.first { $0.hash == piece.blob }
                let whole =
                    piece.blob == manifest.hash
                    ? Data(manifest.bytes)
                    : file.flatMap { FileManager.default.contents(atPath: "\(folder)/\($0.name)") } ?? Data()
                var content = Data(whole[piece.offset...].prefix(dataChunkBytes))
                if damages, file != nil { content[0] ^= 1 }
                let receipt = state.withLock { state in
                    state.receipts += 1
                    return state.receipts
                }
                keeper?.receive(
                    DataChunk(
                        manifest: request.manifest, piece: piece, total: whole.count, content: content,
                        receipt: receipt))
            }
        }
    }

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try write(to: "one", ["train.csv": 3 << 20, "test.csv": 100, "images/a.png": 5_000])
    }

    private func write(to name: String, _ files: [String: Int]) throws {
        for (index, (file, count)) in files.sorted(by: { $0.key < $1.key }).enumerated() {
            let unit = "\(name)\(index)"
            try folder.write(String(repeating: unit, count: count / unit.utf8.count + 1), to: "\(name)/\(file)")
        }
    }

    private func keeper(_ source: Source, sharing: Bool = false) throws -> DataKeeper {
        let keeper = try DataKeeper(
            folder: "\(folder.path)/worker", limit: 1 << 30, usesSharedFiles: sharing,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { source.answer($0) }
        source.state.withLock { $0.keeper = keeper }
        return keeper
    }

    private func mount(_ source: Source) -> Mount { Mount(manifest: source.manifest.hash, path: source.folder) }

    private func attempt(_ name: String) -> Attempt { Attempt(job: JobID("r:\(name)"), term: .first) }

    private func isRight(_ provision: DataKeeper.Provision, _ source: Source) -> Bool {
        guard case .folder(let path) = provision, path != source.folder else { return false }
        return (try? DataManifest(folder: path)) == source.manifest
    }

    @Test("jobs with the same data fetch it once, and get it read-only under its names")
    func once() async throws {
        let source = try Source("\(folder.path)/one")
        let keeper = try keeper(source)
        #expect(keeper.held.isEmpty)
        async let first = keeper.provide(mount(source), for: attempt("a"), until: StopLine())
        async let second = keeper.provide(mount(source), for: attempt("b"), until: StopLine())
        let provisions = await [first, second]
        #expect(provisions.allSatisfy { isRight($0, source) })
        #expect(await isRight(keeper.provide(mount(source), for: attempt("c"), until: StopLine()), source))
        #expect(keeper.held == [source.manifest.hash])
        // The manifest, and 3 MiB and some in four pieces, and two small files.
        #expect(source.pieces.count == 1 + 4 + 2 && Set(source.pieces).count == source.pieces.count)
        guard case .folder(let path) = provisions[0] else { return }
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/images/a.png")
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o444)
        // The next process has it, too.
        let later = try self.keeper(source)
        #expect(later.held == [source.manifest.hash])
        #expect(await isRight(later.provide(mount(source), for: attempt("d"), until: StopLine()), source))
        #expect(source.pieces.count == 7)
    }

    @Test("data under the coordinator's path is used where it is, unless it is not what it should be")
    func shared() async throws {
        let source = try Source("\(folder.path)/one")
        let keeper = try keeper(source, sharing: true)
        #expect(
            await keeper.provide(mount(source), for: attempt("a"), until: StopLine()) == .folder(source.folder))
        #expect(source.pieces.isEmpty && keeper.held == [source.manifest.hash])
        try folder.write("changed", to: "other/train.csv")
        let elsewhere = Mount(manifest: source.manifest.hash, path: "\(folder.path)/other")
        #expect(await isRight(keeper.provide(elsewhere, for: attempt("b"), until: StopLine()), source))
        #expect(!source.pieces.isEmpty)
    }

    @Test("a fetch that was cut goes on in the next process, and asks for nothing twice that had come")
    func resumed() async throws {
        let source = try Source("\(folder.path)/one")
        source.state.withLock { $0.left = 4 }
        let line = StopLine()
        let cut = try keeper(source)
        async let first = cut.provide(mount(source), for: attempt("a"), until: line)
        while source.state.withLock({ $0.left > -3 }) { await Task.yield() }
        line.pull()
        #expect(await first == .stopped)
        let here = try blobCount()
        source.state.withLock { state in
            state.left = Int.max
            state.asked = []
        }
        let keeper = try keeper(source)
        #expect(await isRight(keeper.provide(mount(source), for: attempt("b"), until: StopLine()), source))
        // Of seven pieces four had come: the manifest, two small files, a beginning.
        #expect(source.pieces.count == 3 && here == 2)
        #expect(!source.pieces.contains { $0.blob == source.manifest.hash })
    }

    @Test("chunks that come when nobody waits for them any more are confirmed with the next request")
    func lateReceipts() async throws {
        let source = try Source("\(folder.path)/one")
        source.state.withLock { $0.left = 0 }
        let keeper = try keeper(source)
        let line = StopLine()
        async let first = keeper.provide(mount(source), for: attempt("a"), until: line)
        while source.pieces.isEmpty { await Task.yield() }
        line.pull()
        #expect(await first == .stopped)
        let late = DataPiece(blob: source.manifest.hash, offset: 0)
        for receipt in [1_001, 1_002] as [UInt64] {
            keeper.receive(
                DataChunk(
                    manifest: source.manifest.hash, piece: late, total: 1, content: Data([0]), receipt: receipt))
        }
        source.state.withLock { $0.left = Int.max }
        #expect(await isRight(keeper.provide(mount(source), for: attempt("b"), until: StopLine()), source))
        let receipts = source.state.withLock { $0.asked.flatMap(\.receipts) }
        #expect(receipts == [1_001, 1_002] + Array(1...UInt64(source.pieces.count - 1)))
    }

    @Test("what is left of a fetch that failed is not taken for the next one's")
    func afterFailure() async throws {
        try write(to: "two", ["train.csv": 3 << 20])
        try write(to: "three", ["test.csv": 10])
        let (one, two) = (try Source("\(folder.path)/one"), try Source("\(folder.path)/two"))
        one.state.withLock { $0.left = 1 }
        let keeper = try DataKeeper(
            folder: "\(folder.path)/worker", limit: 1 << 30, usesSharedFiles: true,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { ($0.manifest == one.manifest.hash ? one : two).answer($0) }
        for source in [one, two] { source.state.withLock { $0.keeper = keeper } }
        let table = try #require(one.manifest.files.first { $0.name == "train.csv" })
        // A folder where the file's bytes are to be put.
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/worker/partial/\(table.hash)", withIntermediateDirectories: true)
        let nowhere = "\(folder.path)/nowhere"
        async let first = keeper.provide(
            Mount(manifest: one.manifest.hash, path: nowhere), for: attempt("a"), until: StopLine())
        while one.pieces.count < 2 { await Task.yield() }
        async let second = keeper.provide(
            Mount(manifest: two.manifest.hash, path: nowhere), for: attempt("b"), until: StopLine())
        // By then the second most likely stands in the line.
        let three = try Source("\(folder.path)/three")
        #expect(await keeper.provide(mount(three), for: attempt("c"), until: StopLine()) == .folder(three.folder))
        let pieces = one.pieces.filter { $0.blob == table.hash }.sorted { $0.offset < $1.offset }
        let whole = try #require(FileManager.default.contents(atPath: "\(one.folder)/train.csv"))
        for piece in [pieces[1], pieces[0]] {
            keeper.receive(
                DataChunk(
                    manifest: one.manifest.hash, piece: piece, total: whole.count,
                    content: Data(whole[piece.offset...].prefix(dataChunkBytes)), receipt: 1))
        }
        guard case .missing(let reason) = await first else { return #expect(Bool(false), "written to a folder") }
        #expect(reason.contains("cannot write its cache"))
        #expect(await isRight(second, two))
        #expect(Set(two.pieces).count == two.pieces.count)
    }

    private func blobCount() throws -> Int {
        let files = "\(folder.path)/worker/files"
        return try FileManager.default.subpathsOfDirectory(atPath: files).filter { $0.utf8.count > 60 }.count
    }

    @Test("data that arrives damaged again and again ends the attempt in words, and is not kept")
    func damaged() async throws {
        let source = try Source("\(folder.path)/one")
        source.state.withLock { $0.damages = true }
        let keeper = try keeper(source)
        guard case .missing(let reason) = await keeper.provide(mount(source), for: attempt("a"), until: StopLine())
        else { return #expect(Bool(false), "damaged data was given") }
        #expect(reason.contains("arrives damaged") && keeper.held.isEmpty)
        #expect(try blobCount() == 0)
        source.state.withLock { $0.damages = false }
        #expect(await isRight(keeper.provide(mount(source), for: attempt("b"), until: StopLine()), source))
    }

    @Test("what the coordinator refuses ends the attempt with its words")
    func refused() async throws {
        let source = try Source("\(folder.path)/one")
        source.state.withLock { $0.left = 0 }
        let keeper = try keeper(source)
        async let provision = keeper.provide(mount(source), for: attempt("a"), until: StopLine())
        while source.pieces.isEmpty { await Task.yield() }
        keeper.receive(DataRefusal(manifest: source.manifest.hash, reason: "the files have changed"))
        #expect(await provision == .missing("the coordinator cannot send the data: the files have changed"))
    }

    @Test("what lies in the cache and is not what it was is fetched anew")
    func spoilt() async throws {
        let source = try Source("\(folder.path)/one")
        let keeper = try keeper(source)
        guard case .folder(let path) = await keeper.provide(mount(source), for: attempt("a"), until: StopLine()) else {
            return #expect(Bool(false), "no data")
        }
        chmod("\(path)/train.csv", 0o644)
        try Data("spoilt".utf8).write(to: URL(fileURLWithPath: "\(path)/train.csv"))
        #expect(await isRight(keeper.provide(mount(source), for: attempt("b"), until: StopLine()), source))
    }

    @Test("what was not used for longest makes room, never what a job uses: what fits beside that only later waits")
    func eviction() async throws {
        try write(to: "two", ["train.csv": 3 << 20])
        try write(to: "six", ["train.csv": 4 << 20])
        try write(to: "large", ["train.csv": 9 << 20])
        let sources = try ["one", "two", "six", "large"].map { try Source("\(folder.path)/\($0)") }
        let all = try DataKeeper(
            folder: "\(folder.path)/small", limit: 8 << 20, usesSharedFiles: false,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { request in
            sources.first { $0.manifest.hash == request.manifest }?.answer(request)
        }
        for source in sources { source.state.withLock { $0.keeper = all } }
        func get(_ index: Int) async -> DataKeeper.Provision {
            await all.provide(mount(sources[index]), for: attempt("\(index)"), until: StopLine())
        }
        #expect(await isRight(get(0), sources[0]))
        #expect(await isRight(get(1), sources[1]))
        // Both are used: the third waits, and does not keep others from what is here.
        async let third = get(2)
        while sources[2].pieces.isEmpty { await Task.yield() }
        #expect(await isRight(get(0), sources[0]))
        #expect(sources[2].pieces.count == 1)
        all.release(sources[0].manifest.hash)
        all.release(sources[1].manifest.hash)
        #expect(await isRight(third, sources[2]))
        #expect(all.held == [sources[0].manifest.hash, sources[2].manifest.hash])
        all.release(sources[0].manifest.hash)
        all.release(sources[2].manifest.hash)
        // What never fits is said so, and nothing is removed for it.
        guard case .missing(let reason) = await get(3) else { return #expect(Bool(false), "over the limit") }
        #expect(reason.contains("--cache-mib"))
        #expect(all.held == [sources[0].manifest.hash, sources[2].manifest.hash])
        // The first was used before the third.
        #expect(await isRight(get(1), sources[1]))
        #expect(all.held == [sources[1].manifest.hash, sources[2].manifest.hash])
    }

    @Test("a stopped attempt does not wait for room any more, and smaller data goes before it")
    func stoppedInLine() async throws {
        try write(to: "six", ["train.csv": 6 << 20])
        try write(to: "small", ["train.csv": 1 << 20])
        let sources = try ["one", "six", "small"].map { try Source("\(folder.path)/\($0)") }
        let all = try DataKeeper(
            folder: "\(folder.path)/small", limit: 8 << 20, usesSharedFiles: false,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { request in
            sources.first { $0.manifest.hash == request.manifest }?.answer(request)
        }
        for source in sources { source.state.withLock { $0.keeper = all } }
        #expect(await isRight(all.provide(mount(sources[0]), for: attempt("a"), until: StopLine()), sources[0]))
        let line = StopLine()
        async let waiting = all.provide(mount(sources[1]), for: attempt("b"), until: line)
        while sources[1].pieces.isEmpty { await Task.yield() }
        #expect(await isRight(all.provide(mount(sources[2]), for: attempt("c"), until: StopLine()), sources[2]))
        line.pull()
        #expect(await waiting == .stopped)
        async let again = all.provide(mount(sources[1]), for: attempt("d"), until: StopLine())
        all.release(sources[0].manifest.hash)
        #expect(await isRight(again, sources[1]))
    }

    @Test("where the disk is full, what no job uses makes room")
    func fullDisk() async throws {
        try write(to: "two", ["train.csv": 2 << 20])
        try write(to: "three", ["train.csv": 10])
        let sources = try ["one", "two", "three"].map { try Source("\(folder.path)/\($0)") }
        let keeper = try DataKeeper(
            folder: "\(folder.path)/worker", limit: 1 << 30, usesSharedFiles: false,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { request in
            sources.first { $0.manifest.hash == request.manifest }?.answer(request)
        }
        for source in sources { source.state.withLock { $0.keeper = keeper } }
        for source in [sources[0], sources[2]] {
            #expect(await isRight(keeper.provide(mount(source), for: attempt("a"), until: StopLine()), source))
        }
        keeper.release(sources[0].manifest.hash)
        // The file leads to a device that is full, by way of somebody's beginning: without that there is room.
        let wanted = try #require(sources[1].manifest.files.first).hash
        let partial = "\(folder.path)/worker/partial"
        let other = Hashing.hash("other".utf8)
        #expect(symlink("/dev/full", "\(partial)/\(other)") == 0)
        #expect(symlink("\(other)", "\(partial)/\(wanted)") == 0)
        #expect(await isRight(keeper.provide(mount(sources[1]), for: attempt("b"), until: StopLine()), sources[1]))
        #expect(keeper.held == [sources[1].manifest.hash, sources[2].manifest.hash])
    }

    @Test("a mount that was spoilt under a running job stays until the job has ended")
    func spoiltWhileUsed() async throws {
        let source = try Source("\(folder.path)/one")
        let keeper = try keeper(source)
        guard case .folder(let path) = await keeper.provide(mount(source), for: attempt("a"), until: StopLine()) else {
            return #expect(Bool(false), "no data")
        }
        chmod("\(path)/train.csv", 0o644)
        try Data("spoilt".utf8).write(to: URL(fileURLWithPath: "\(path)/train.csv"))
        #expect(await isRight(keeper.provide(mount(source), for: attempt("b"), until: StopLine()), source))
        let old = "\(path).old-1/train.csv"
        #expect(FileManager.default.contents(atPath: old) == Data("spoilt".utf8))
        keeper.release(source.manifest.hash)
        #expect(await isRight(keeper.provide(mount(source), for: attempt("c"), until: StopLine()), source))
        #expect(FileManager.default.fileExists(atPath: old))
        for _ in 0..<2 { keeper.release(source.manifest.hash) }
        #expect(await isRight(keeper.provide(mount(source), for: attempt("d"), until: StopLine()), source))
        #expect(!FileManager.default.fileExists(atPath: old))
    }
}

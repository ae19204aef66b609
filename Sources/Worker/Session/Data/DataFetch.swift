import Foundation
import Vocabulary
import Wire

/// Files on their way to this worker, as a pure value: what is asked for, what has come, what is missing.
///
/// At most 32 pieces are asked for and not here, fewer where they take long. Each file grows from its beginning: a piece that comes before an
/// earlier one waits in memory. What does not come is asked for again; what comes twice is ignored.
struct DataFetch {
    /// A file that is wanted.
    struct Blob: Hashable {
        let hash: ContentHash
        /// Its size in bytes; `nil` where the first piece tells it.
        let byteCount: Int?
        /// Bytes of its beginning that are here already.
        var have = 0
    }

    enum Step: Hashable {
        /// Put these bytes behind those of the file that are here.
        case append(ContentHash, Data)
        /// Throw away what is here of the file.
        case discard(ContentHash)
        /// The file is complete: compare its hash and say so by `checked`.
        case check(ContentHash)
    }

    private struct Item {
        /// The size that was known beforehand.
        let givenByteCount: Int?
        var byteCount: Int?
        var have: Int
        /// Where the next piece to ask for begins.
        var next: Int
        /// Pieces that came before an earlier one.
        var early: [Int: Data] = [:]
        var failures = 0
        var isChecked = false

        init(_ blob: Blob) {
            (givenByteCount, byteCount) = (blob.byteCount, blob.byteCount)
            (have, next) = (blob.have, blob.have)
        }
    }

    private struct Flight {
        let number: Int
        let askedAt: Instant
        /// Pieces asked for later that are here already.
        var overtaken = 0
    }

    /// Pieces on the way at once where the line is fast, and where it is slow.
    static let windows = 2...32
    /// How long a piece may be on its way before fewer are asked for: what else the coordinator says waits behind them.
    private static let longWay = Duration.seconds(2)
    /// Later pieces that may overtake one before it counts as lost.
    private static let overtaking = 8
    /// How often a file may arrive damaged.
    static let attempts = 3
    /// How long nothing may come before all that is on the way is asked for again; doubled each time, up to `longest`.
    static let silence = Duration.seconds(5)
    private static let longest = Duration.seconds(60)
    /// The largest file whose size is not known beforehand.
    private let largestUnknown: Int

    private let order: [ContentHash]
    private var items: [ContentHash: Item]
    /// Files of `order` before this one have been asked for to their ends.
    private var cursor = 0
    private var unchecked: Int
    private var flights: [DataPiece: Flight] = [:]
    private var window = Self.windows.upperBound
    private var again: [DataPiece] = []
    private var asked = 0
    private var lastHeard = Instant(.zero)
    private var patience = Self.silence
    /// Why the files cannot be had, in words.
    private(set) var failure: String?

    init(_ blobs: [Blob], largestUnknown: Int = 0) {
        order = blobs.map(\.hash)
        items = Dictionary(
            blobs.map { ($0.hash, Item($0)) },
            uniquingKeysWith: { first, _ in first })
        unchecked = items.count
        self.largestUnknown = largestUnknown
    }

    /// Whether all files are here and right.
    var isDone: Bool { unchecked == 0 }

    /// Files that are complete from the beginning.
    func start() -> [Step] {
        order.filter { items[$0].map { $0.have == $0.byteCount } ?? false }.map { .check($0) }
    }

    /// What to ask for now.
    mutating func ask(at now: Instant) -> [DataPiece] {
        if flights.isEmpty {
            lastHeard = now
        } else if now - lastHeard >= patience {
            askAllAgain(at: now)
        }
        var wanted: [DataPiece] = []
        while let piece = again.popLast() { wanted.append(launch(piece, at: now)) }
        // Few messages rather than one for each piece.
        guard flights.count <= window - window / 4 else { return wanted }
        while flights.count < window, let piece = nextPiece() { wanted.append(launch(piece, at: now)) }
        return wanted
    }

    /// The connection is new: what was on the way is lost.
    mutating func askAllAgain(at now: Instant) {
        again += flights.sorted { $0.value.number > $1.value.number }.map(\.key)
        flights = [:]
        lastHeard = now
        patience = min(patience * 2, Self.longest)
    }

    /// A piece has come.
    mutating func receive(_ piece: DataPiece, total: Int, _ content: Data, at now: Instant) -> [Step] {
        guard let flight = flights.removeValue(forKey: piece), var item = items[piece.blob] else { return [] }
        lastHeard = now
        patience = Self.silence
        noteOvertaken(by: flight.number)
        let step = now - flight.askedAt > Self.longWay ? -1 : 1
        window = min(max(window + step, Self.windows.lowerBound), Self.windows.upperBound)
        if item.byteCount == nil, total >= 1, total <= largestUnknown {
            item.byteCount = total
            item.next = min(dataChunkBytes, total)
        }
        guard total == item.byteCount, content.count == min(dataChunkBytes, total - piece.offset) else {
            items[piece.blob] = item
            spoil(piece.blob, "the coordinator sends pieces of the wrong size")
            return [.discard(piece.blob)]
        }
        item.early[piece.offset] = content
        var steps: [Step] = []
        while let next = item.early.removeValue(forKey: item.have) {
            item.have += next.count
            steps.append(.append(piece.blob, next))
        }
        items[piece.blob] = item
        return steps + (item.have == total ? [.check(piece.blob)] : [])
    }

    /// Whether a complete file is what it should be. One that is not is thrown away and asked for again.
    mutating func checked(_ blob: ContentHash, isRight: Bool) {
        guard var item = items[blob], !item.isChecked else { return }
        guard isRight else { return spoil(blob, "it arrives damaged") }
        item.isChecked = true
        items[blob] = item
        unchecked -= 1
    }

    /// Begins a file anew, if that was not done too often.
    private mutating func spoil(_ blob: ContentHash, _ reason: String) {
        guard var item = items[blob], let place = order.firstIndex(of: blob) else { return }
        item.failures += 1
        item.byteCount = item.givenByteCount
        item.have = 0
        item.next = 0
        item.early = [:]
        items[blob] = item
        flights = flights.filter { $0.key.blob != blob }
        again.removeAll { $0.blob == blob }
        cursor = min(cursor, place)
        if item.failures >= Self.attempts {
            failure = "the file \(blob.short) could not be had in \(Self.attempts) attempts: \(reason)"
        }
    }

    private mutating func launch(_ piece: DataPiece, at now: Instant) -> DataPiece {
        asked += 1
        flights[piece] = Flight(number: asked, askedAt: now)
        return piece
    }

    /// The coordinator answers in the order it was asked: what many later ones have passed is lost.
    private mutating func noteOvertaken(by number: Int) {
        for (piece, flight) in flights where flight.number < number {
            if flight.overtaken >= Self.overtaking {
                flights[piece] = nil
                again.append(piece)
            } else {
                flights[piece]?.overtaken += 1
            }
        }
    }

    private mutating func nextPiece() -> DataPiece? {
        while cursor < order.count {
            let blob = order[cursor]
            guard let item = items[blob] else { return nil }
            guard let byteCount = item.byteCount else {
                // The first piece tells how many there are.
                let first = DataPiece(blob: blob, offset: 0)
                return flights[first] == nil ? first : nil
            }
            if item.next < byteCount {
                items[blob]?.next = item.next + dataChunkBytes
                return DataPiece(blob: blob, offset: item.next)
            }
            cursor += 1
        }
        return nil
    }
}

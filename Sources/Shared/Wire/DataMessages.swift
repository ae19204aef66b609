public import Foundation
import SwiftProtobuf
public import Vocabulary

/// The most bytes of a file in one message.
public let dataChunkBytes = 1 << 20

/// The most pieces, and the most receipts, in one request.
public let dataRequestPieces = 64

/// A part of a file: from an offset on, to the file's end or `dataChunkBytes` further.
public struct DataPiece: Hashable, Sendable {
    /// The file's hash, or the manifest's own.
    public let blob: ContentHash
    /// Where it begins, in bytes.
    public let offset: Int

    /// A piece.
    public init(blob: ContentHash, offset: Int) {
        self.blob = blob
        self.offset = offset
    }
}

/// A worker wants pieces of the data of a job that it holds.
public struct DataRequest: Hashable, Sendable {
    /// The attempt that waits.
    public let attempt: Attempt
    /// The job's data.
    public let manifest: ContentHash
    /// What is wanted; empty when the request only says what has arrived.
    public let pieces: [DataPiece]
    /// Receipts of chunks that have arrived.
    public let receipts: [UInt64]

    /// A request.
    public init(attempt: Attempt, manifest: ContentHash, pieces: [DataPiece], receipts: [UInt64] = []) {
        self.attempt = attempt
        self.manifest = manifest
        self.pieces = pieces
        self.receipts = receipts
    }
}

/// A piece of a job's data.
public struct DataChunk: Hashable, Sendable {
    /// The job's data.
    public let manifest: ContentHash
    /// Which piece it is.
    public let piece: DataPiece
    /// The size of the whole file, in bytes.
    public let total: Int
    /// The piece's bytes.
    public let content: Data
    /// A number that only who has read the chunk knows; said with the next request.
    public let receipt: UInt64

    /// A chunk.
    public init(manifest: ContentHash, piece: DataPiece, total: Int, content: Data, receipt: UInt64) {
        self.manifest = manifest
        self.piece = piece
        self.total = total
        self.content = content
        self.receipt = receipt
    }
}

/// The numbers of a chunk's field in what a coordinator sends, and of the content in the chunk.
private let (chunkField, contentField): (UInt64, UInt64) = (30, 4)

extension DataChunk {
    /// The bytes of a chunk's message up to a content of so many bytes, which is its last field and follows them.
    public static func encodedHead(
        _ piece: DataPiece, of manifest: ContentHash, total: Int, receipt: UInt64, contentBytes: Int
    ) throws -> [UInt8] {
        let head = DataChunk(manifest: manifest, piece: piece, total: total, content: Data(), receipt: receipt)
        let fields: [UInt8] = try Mlestar_DataChunk(head).serializedBytes()
        let chunk = fields + varint(contentField << 3 | 2) + varint(UInt64(contentBytes))
        return varint(1 << 3) + varint(UInt64(protocolVersion)) + varint(chunkField << 3 | 2)
            + varint(UInt64(chunk.count + contentBytes)) + chunk
    }

    /// Reads a message that ends with a chunk's content, as `encodedHead` makes it; the content stays where it is.
    ///
    /// - Returns: `nil` for every other message.
    init?(inPlace message: Data) throws(WireError) {
        guard message.count <= maximumFrameBytes, let last = FrameShape.lastField(of: message),
            last.number == chunkField, let chunk = last.content,
            let tail = FrameShape.lastField(of: message[chunk]), tail.number == contentField,
            let content = tail.content
        else { return nil }
        let outer: Mlestar_FromCoordinator = try decoded(message[..<last.place.lowerBound])
        // Another version's chunk, or one with two kinds or contents, is for who reads any message.
        guard outer.version == UInt32(protocolVersion), outer.kind == nil else { return nil }
        let head: Mlestar_DataChunk = try decoded(message[chunk.lowerBound..<tail.place.lowerBound])
        guard head.content.isEmpty else { return nil }
        self = try head.chunk(content: message[content])
    }
}

/// The coordinator cannot give some data.
public struct DataRefusal: Hashable, Sendable {
    /// Which data.
    public let manifest: ContentHash
    /// Why, in words.
    public let reason: String

    /// A refusal.
    public init(manifest: ContentHash, reason: String) {
        self.manifest = manifest
        self.reason = reason
    }
}

extension Mlestar_DataPiece {
    init(_ piece: DataPiece) {
        self.init()
        blob = piece.blob.rawValue
        offset = UInt64(clamping: piece.offset)
    }

    func piece() throws(WireError) -> DataPiece {
        guard let offset = Int(exactly: offset) else { throw .malformed("an offset is below 2^63") }
        return DataPiece(blob: try checkedHash(blob), offset: offset)
    }
}

extension Mlestar_DataRequest {
    init(_ request: DataRequest) {
        self.init()
        attempt = Mlestar_AttemptName(request.attempt)
        manifest = request.manifest.rawValue
        pieces = request.pieces.map(Mlestar_DataPiece.init)
        receipts = request.receipts
    }

    func request() throws(WireError) -> DataRequest {
        guard pieces.count <= dataRequestPieces, receipts.count <= dataRequestPieces else {
            throw .malformed("a request names at most \(dataRequestPieces) pieces and as many receipts")
        }
        var wanted: [DataPiece] = []
        for piece in pieces { wanted.append(try piece.piece()) }
        return DataRequest(
            attempt: try attempt.attempt(), manifest: try checkedHash(manifest), pieces: wanted, receipts: receipts)
    }
}

extension Mlestar_DataChunk {
    init(_ chunk: DataChunk) {
        self.init()
        manifest = chunk.manifest.rawValue
        piece = Mlestar_DataPiece(chunk.piece)
        total = UInt64(clamping: chunk.total)
        content = chunk.content
        receipt = chunk.receipt
    }

    func chunk(content: Data) throws(WireError) -> DataChunk {
        guard let total = Int(exactly: total), content.count <= dataChunkBytes else {
            throw .malformed("a chunk has at most \(dataChunkBytes) bytes, and a file less than 2^63")
        }
        return DataChunk(
            manifest: try checkedHash(manifest), piece: try piece.piece(), total: total, content: content,
            receipt: receipt)
    }
}

extension Mlestar_DataRefusal {
    init(_ refusal: DataRefusal) {
        self.init()
        manifest = refusal.manifest.rawValue
        reason = refusal.reason
    }

    func refusal() throws(WireError) -> DataRefusal {
        DataRefusal(manifest: try checkedHash(manifest), reason: String(reason.prefix(2_000)))
    }
}

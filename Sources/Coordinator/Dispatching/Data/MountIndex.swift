import Blobs
import Foundation
import Vocabulary
import Wire
import ZeroMQ

/// The files of one mount on the coordinator's disk, by hash. Nothing else can be asked for.
struct MountIndex: Sendable {
    private struct Place {
        let path: String
        let byteCount: Int
    }

    private let manifest: Data
    private let places: [ContentHash: Place]

    /// Looks at the files of a mount: all that were not read before are read and hashed, so this takes its time. A worker
    /// checks what comes all the same.
    static func look(at mount: Mount) -> Result<MountIndex, ManifestMismatch> {
        do {
            let found = try DataManifest(folder: mount.path, knowing: .shared)
            guard found.hash == mount.manifest else {
                return .failure(
                    ManifestMismatch(
                        "the files in \(mount.path) are not what they were when the run began; put them back, or begin a "
                            + "new run"))
            }
            return .success(MountIndex(found, at: mount.path))
        } catch {
            return .failure(ManifestMismatch("the files in \(mount.path) cannot be read: \(error)"))
        }
    }

    private init(_ manifest: DataManifest, at path: String) {
        self.manifest = Data(manifest.bytes)
        var places: [ContentHash: Place] = [:]
        for file in manifest.files {
            places[file.hash] = Place(path: "\(path)/\(file.name)", byteCount: file.byteCount)
        }
        self.places = places
    }

    /// The message with a piece of a file, or of the manifest itself; `nil` when the mount has no such piece.
    ///
    /// - Throws: `ManifestMismatch` when the file is not what it was.
    func chunk(_ piece: DataPiece, of mount: ContentHash, receipt: UInt64) throws -> ChunkFrame? {
        let place = places[piece.blob]
        let total = piece.blob == mount ? manifest.count : place?.byteCount ?? 0
        guard piece.offset < total else { return nil }
        let count = min(dataChunkBytes, total - piece.offset)
        let head = try DataChunk.encodedHead(
            piece, of: mount, total: total, receipt: receipt, contentBytes: count)
        let frame = try OutgoingFrame(byteCount: head.count + count)
        frame.memory.copyBytes(from: head)
        let content = UnsafeMutableRawBufferPointer(rebasing: frame.memory[head.count...])
        if piece.blob == mount {
            content.copyBytes(from: manifest[piece.offset..<piece.offset + count])
        } else if let place {
            try Self.read(place.path, from: piece.offset, into: content)
        }
        return ChunkFrame(frame: frame, contentBytes: count)
    }

    private static func read(_ path: String, from offset: Int, into memory: UnsafeMutableRawBufferPointer) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw ManifestMismatch("\(path) cannot be opened") }
        defer { close(file) }
        var done = 0
        while done < memory.count {
            let got = pread(file, memory.baseAddress.map { $0 + done }, memory.count - done, off_t(offset + done))
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { throw ManifestMismatch("\(path) has become shorter or cannot be read") }
            done += got
        }
    }
}

/// A message with a piece of a job's data, ready to be sent.
struct ChunkFrame {
    let frame: OutgoingFrame
    /// How much of it is data.
    let contentBytes: Int
}

/// The files of a mount are not what its manifest says.
struct ManifestMismatch: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    let description: String

    init(_ description: String) { self.description = description }
}

import Blobs
import Foundation
import Vocabulary
import Wire

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

    /// A piece of a file, or of the manifest itself; `nil` when the mount has no such piece.
    ///
    /// - Throws: `ManifestMismatch` when the file is not what it was.
    func chunk(_ piece: DataPiece, of mount: ContentHash, receipt: UInt64) throws -> DataChunk? {
        func chunk(_ total: Int, _ content: Data) -> DataChunk {
            DataChunk(manifest: mount, piece: piece, total: total, content: content, receipt: receipt)
        }
        if piece.blob == mount {
            guard piece.offset < manifest.count else { return nil }
            return chunk(manifest.count, Data(manifest[piece.offset...].prefix(dataChunkBytes)))
        }
        guard let place = places[piece.blob], piece.offset < place.byteCount else { return nil }
        let count = min(dataChunkBytes, place.byteCount - piece.offset)
        return chunk(place.byteCount, try Self.read(place.path, from: piece.offset, count: count))
    }

    private static func read(_ path: String, from offset: Int, count: Int) throws -> Data {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw ManifestMismatch("\(path) cannot be opened") }
        defer { close(file) }
        guard let memory = malloc(count) else { throw ManifestMismatch("no memory for a piece of \(path)") }
        var done = 0
        while done < count {
            let got = pread(file, memory + done, count - done, off_t(offset + done))
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else {
                free(memory)
                throw ManifestMismatch("\(path) has become shorter or cannot be read")
            }
            done += got
        }
        // Only now: of a few bytes it makes a copy at once and frees the memory.
        return Data(bytesNoCopy: memory, count: count, deallocator: .free)
    }
}

/// The files of a mount are not what its manifest says.
struct ManifestMismatch: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    let description: String

    init(_ description: String) { self.description = description }
}

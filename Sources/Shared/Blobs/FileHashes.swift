import Foundation
import Synchronization
public import Vocabulary

/// Hashes of files that this process has read: a file that is the same on the disk, of the same size and unchanged since, is not
/// read again under any of its names.
public final class FileHashes: Sendable {
    /// Those of this process.
    public static let shared = FileHashes()

    /// What a file is, and when it was changed; the second time moves with links and modes, too, and nobody can set it.
    private struct Identity: Hashable {
        let device: UInt
        let number: UInt
        let byteCount: Int
        let changed: [Int]

        init(_ status: stat) {
            device = UInt(status.st_dev)
            number = UInt(status.st_ino)
            byteCount = Int(status.st_size)
            changed = [status.st_mtim, status.st_ctim].flatMap { [$0.tv_sec, $0.tv_nsec] }
        }

        func isOlder(than seconds: Double) -> Bool {
            Date().timeIntervalSince1970 - Double(changed[2]) - Double(changed[3]) / 1e9 > seconds
        }

        /// Whether this is the other file, of the same size and date.
        func isContinued(by other: Identity) -> Bool {
            (device, number, byteCount) == (other.device, other.number, other.byteCount)
                && changed.prefix(2) == other.changed.prefix(2)
        }
    }

    private let known = Mutex<[Identity: ContentHash]>([:])
    /// The clock of files moves in steps of at most 10 ms; in seconds.
    private static let step = 0.02
    private static let most = 100_000

    init() {}

    /// How many hashes are known.
    var count: Int { known.withLock { $0.count } }

    /// Whether a file would not be read.
    func knows(_ path: String) -> Bool {
        Self.identity(of: path).map { identity in known.withLock { $0[identity] != nil } } ?? false
    }

    /// The hash of a file's content.
    ///
    /// - Throws: what reading the file throws.
    public func hash(fileAt path: String) throws -> ContentHash {
        let before = Self.identity(of: path)
        if let before, let hash = known.withLock({ $0[before] }) { return hash }
        let hash = try Hashing.hash(fileAt: path)
        // Race: a change within the step of the last one would leave no trace.
        guard let before, before == Self.identity(of: path), before.isOlder(than: Self.step) else { return hash }
        known.withLock { known in
            if known.count >= Self.most { known = [:] }
            known[before] = hash
        }
        return hash
    }

    /// Gives a file a second name; what is known of its content stays known, though a link moves its time of change.
    ///
    /// - Returns: whether the file system allows it.
    public func link(_ path: String, as name: String) -> Bool {
        let before = Self.identity(of: path)
        guard Glibc.link(path, name) == 0 else { return false }
        // Race: a change that sets the file's date back in this very moment would not be seen.
        if let before, let after = Self.identity(of: name), before.isContinued(by: after) {
            known.withLock { known in
                if let hash = known.removeValue(forKey: before) { known[after] = hash }
            }
        }
        return true
    }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        return stat(path, &status) == 0 ? Identity(status) : nil
    }
}

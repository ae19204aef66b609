import Glibc
import Synchronization

/// The right of one process to use a folder; ends with the process at the latest.
///
/// An open-file-description lock (`fcntl`, Linux): it can be asked about without being taken, and other threads of the
/// same process are kept out like other processes.
public final class FolderLock: Sendable {
    private let descriptor: Mutex<Int32?>

    // The C library shows these numbers only with an extension that Swift does not switch on.
    private static let queryLock: Int32 = 36
    private static let takeLock: Int32 = 37
    private static let awaitLock: Int32 = 38

    /// Takes the lock at a path, making the file when it is missing; `nil` when another process holds it or the file
    /// cannot be made.
    public convenience init?(path: String) { self.init(path: path, command: Self.takeLock) }

    /// Takes the lock at a path as soon as nobody else holds it; `nil` when the file cannot be made.
    public static func waiting(path: String) -> FolderLock? { FolderLock(path: path, command: awaitLock) }

    private init?(path: String, command: Int32) {
        // Close-on-exec: a script must not keep the lock when its worker is gone.
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        var wanted = Self.wholeFile
        guard fcntl(file, command, &wanted) == 0 else {
            close(file)
            return nil
        }
        // For whoever finds the lock held and wants to know by whom.
        let holder = Array("\(getpid())\n".utf8)
        _ = ftruncate(file, 0) == 0 && write(file, holder, holder.count) > 0
        descriptor = Mutex(file)
    }

    deinit { release() }

    /// Whether some process holds the lock at a path.
    public static func isHeld(path: String) -> Bool {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var found = wholeFile
        return fcntl(file, queryLock, &found) == 0 && found.l_type != Int16(F_UNLCK)
    }

    /// The process that holds the lock at a path; `nil` when nobody does.
    public static func holder(path: String) -> Int32? {
        guard isHeld(path: path), let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 32)
        guard fgets(&text, Int32(text.count), file) != nil else { return nil }
        let digits = text.prefix { $0 >= 48 && $0 <= 57 }.map(UInt8.init(bitPattern:))
        return Int32(String(decoding: digits, as: UTF8.self))
    }

    /// Gives the lock back.
    public func release() {
        let file = descriptor.withLock { value in
            defer { value = nil }
            return value
        }
        if let file { close(file) }
    }

    private static var wholeFile: flock {
        flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }
}

import Glibc
import Synchronization

/// The right of one process to use a folder; ends with the process at the latest.
public final class FolderLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Takes the lock at a path, making the file when it is missing; `nil` when another process holds it or the file
    /// cannot be made.
    public init?(path: String) {
        // Close-on-exec: a script must not keep the lock when its worker is gone.
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
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
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_SH | LOCK_NB) != 0
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
}

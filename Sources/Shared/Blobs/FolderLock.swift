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
        descriptor = Mutex(file)
    }

    deinit { release() }

    /// Whether some process holds the lock at a path.
    public static func isHeld(path: String) -> Bool {
        guard access(path, F_OK) == 0 else { return false }
        guard let lock = FolderLock(path: path) else { return true }
        lock.release()
        return false
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

import Glibc
import Synchronization

/// A file descriptor that is closed once: when asked to or with its holder.
final class HeldDescriptor: Sendable {
    private let descriptor: Mutex<Int32?>

    init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    deinit { close() }

    func close() {
        let open = descriptor.withLock { value in
            defer { value = nil }
            return value
        }
        if let open { _ = Glibc.close(open) }
    }
}

import Glibc
import Synchronization

/// A file descriptor that is closed once: when asked to or with its holder.
final class HeldDescriptor: Sendable {
    private let descriptor: Mutex<Int32?>

    init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    deinit { close() }

    /// Writes a short text; nothing happens when the descriptor is closed or nobody reads.
    func write(_ text: String) {
        descriptor.withLock { descriptor in
            guard let descriptor else { return }
            let bytes = Array(text.utf8)
            _ = Glibc.write(descriptor, bytes, bytes.count)
        }
    }

    func close() {
        let open = descriptor.withLock { value in
            defer { value = nil }
            return value
        }
        if let open { _ = Glibc.close(open) }
    }
}

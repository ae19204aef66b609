import Glibc
import Synchronization

/// A socket that is closed once: when asked to or with its holder.
final class HeldDescriptor: Sendable {
    private let descriptor: Mutex<Int32?>

    init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    deinit { close() }

    /// Sends a line; nothing happens when the socket is closed or nobody reads.
    func send(_ line: String) {
        descriptor.withLock { descriptor in
            guard let descriptor else { return }
            let bytes = Array((line + "\n").utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { return }
                sent += count
            }
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

import CZeroMQ
import Glibc

/// Wakes a thread that waits in `poll`; may be rung from any thread.
public final class Wakeup: Sendable {
    let descriptor: Int32

    /// A wakeup that nobody has rung.
    public init() throws(ZeroMQError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw ZeroMQError("eventfd") }
    }

    deinit { close(descriptor) }

    /// Ends the current or next wait.
    public func ring() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}

extension ZeroMQSocket {
    /// Waits until a message waits, the wakeup is rung or the time is over.
    public func wait(for span: Duration, orUntil wakeup: Wakeup) throws(ZeroMQError) {
        try Self.wait(for: span, on: [self], orUntil: wakeup)
    }

    /// Waits until a message waits at any of the sockets, the wakeup is rung or the time is over.
    public static func wait(
        for span: Duration, on sockets: [ZeroMQSocket], orUntil wakeup: Wakeup
    ) throws(ZeroMQError) {
        var items = sockets.map { zmq_pollitem_t(socket: $0.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0) }
        items.append(zmq_pollitem_t(socket: nil, fd: wakeup.descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
        let milliseconds = span.components.seconds * 1000 + span.components.attoseconds / 1_000_000_000_000_000
        let timeout = Int(clamping: max(0, milliseconds))
        if zmq_poll(&items, Int32(items.count), timeout) < 0, zmq_errno() != EINTR { throw ZeroMQError("zmq_poll") }
        if items[items.count - 1].revents != 0 { wakeup.clear() }
    }
}

import CZeroMQ
import Glibc

/// What happened to a connection of a monitored socket.
public enum ConnectionEvent: Hashable, Sendable {
    /// A peer connected; its address, where it can still be asked.
    case accepted(connection: Int32, address: String?)
    /// The peer was not let in by authentication, with the status of RFC 27.
    case refused(status: Int)
    /// The peer did not speak the protocol or not the same security.
    case misspoke
    /// The connection ended before it stood.
    case handshakeCut
    /// The connection stands.
    case established
    /// The connection ended.
    case ended(connection: Int32)
}

/// Tells what happens to the connections of one socket. Not Sendable: it belongs to the thread that made it, which must
/// read it often: the library waits for its reader.
public final class SocketMonitor {
    private let reader: ZeroMQSocket

    /// Reads what a socket of the same context tells at an address; see `ZeroMQSocket.startMonitor`.
    public init(at address: String, in context: ZeroMQContext) throws(ZeroMQError) {
        reader = try ZeroMQSocket(.pair, in: context, linger: .zero)
        try reader.connect(address)
    }

    /// The socket to wait for.
    public var socket: ZeroMQSocket { reader }

    /// The next event; `nil` when none waits.
    public func next() throws(ZeroMQError) -> ConnectionEvent? {
        while let frames = try reader.receive() {
            guard let head = frames.first, head.count >= 6 else { continue }
            let number = head.withUnsafeBytes { $0.loadUnaligned(as: UInt16.self) }
            let value = head.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 2, as: Int32.self) }
            if let event = Self.event(Int32(number), value) { return event }
        }
        return nil
    }

    private static func event(_ number: Int32, _ value: Int32) -> ConnectionEvent? {
        switch number {
        case ZMQ_EVENT_ACCEPTED: .accepted(connection: value, address: peerAddress(of: value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: .refused(status: Int(value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: .misspoke
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .handshakeCut
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .established
        case ZMQ_EVENT_DISCONNECTED: .ended(connection: value)
        default: nil
        }
    }

    /// Who is at the other end of a connection. Race: it may have ended, or its number may be another's by now; the
    /// address is for people to read, nothing is decided by it.
    private static func peerAddress(of connection: Int32) -> String? {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(connection, $0, &size) == 0 }
        }
        guard isKnown, address.sin_family == sa_family_t(AF_INET) else { return nil }
        let number = UInt32(bigEndian: address.sin_addr.s_addr)
        return [24, 16, 8, 0].map { "\(number >> $0 & 255)" }.joined(separator: ".")
    }
}

extension ZeroMQSocket {
    /// Tells a `SocketMonitor` at an address such as `inproc://door-monitor` what happens to connections.
    public func startMonitor(at address: String) throws(ZeroMQError) {
        let events =
            ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED
        guard zmq_socket_monitor(handle, address, events) == 0 else { throw ZeroMQError("watching connections") }
    }

    /// Tells no more; before the monitor is let go, or the library waits for it for ever.
    public func stopMonitor() { zmq_socket_monitor(handle, nil, 0) }
}

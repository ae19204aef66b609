import CZeroMQ
public import Foundation

/// What a ZeroMQ call failed with.
public struct ZeroMQError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call and what it was about.
    public let operation: String
    /// The error number.
    public let code: Int32

    /// The call and the library's words.
    public var description: String { "\(operation): \(String(cString: zmq_strerror(code)))" }

    init(_ operation: String) {
        self.operation = operation
        code = zmq_errno()
    }
}

/// The library's process-wide state; ends when its last socket has been closed.
public final class ZeroMQContext: @unchecked Sendable {
    // The handle is thread-safe by the library's own guarantee and ends only with the object.
    fileprivate let handle: UnsafeMutableRawPointer

    /// A new context.
    public init() throws(ZeroMQError) {
        _ = Self.keepsMemory
        guard let handle = zmq_ctx_new() else { throw ZeroMQError("zmq_ctx_new") }
        self.handle = handle
    }

    /// Buffers of large messages come and go: the allocator's defaults hand each back to the system and get it anew, page by
    /// page, which costs more than all that is done with it.
    private static let keepsMemory: Void = {
        mallopt(M_TRIM_THRESHOLD, 32 << 20)
        mallopt(M_MMAP_THRESHOLD, 4 << 20)
    }()

    deinit { zmq_ctx_term(handle) }
}

/// A large frame that is put together where the library sends it from. Not Sendable.
public final class OutgoingFrame {
    fileprivate let message: UnsafeMutablePointer<zmq_msg_t>

    /// A frame of so many bytes, whose values are not defined yet.
    public init(byteCount: Int) throws(ZeroMQError) {
        let fresh = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
        guard zmq_msg_init_size(fresh, byteCount) == 0 else {
            let error = ZeroMQError("making a message")
            fresh.deallocate()
            throw error
        }
        // Not before: an object that is complete is released when its maker throws.
        message = fresh
    }

    /// Its bytes, to be written before it is sent; none after that.
    public var memory: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))
    }

    deinit {
        zmq_msg_close(message)
        message.deallocate()
    }
}

/// A socket. Not Sendable: it belongs to the thread that made it, and is closed there.
public final class ZeroMQSocket {
    /// The kinds of socket the product uses.
    public enum Kind {
        /// The coordinator's side: knows its peers by name.
        case router
        /// A worker's side.
        case dealer
        /// Answers one question after the other.
        case reply
        /// One end of a line within the process.
        case pair

        fileprivate var number: Int32 {
            switch self {
            case .router: ZMQ_ROUTER
            case .dealer: ZMQ_DEALER
            case .reply: ZMQ_REP
            case .pair: ZMQ_PAIR
            }
        }
    }

    let handle: UnsafeMutableRawPointer
    // Kept so that the context outlives its sockets.
    private let context: ZeroMQContext

    /// Opens a socket that loses what is unsent after `linger` when it is closed.
    public init(_ kind: Kind, in context: ZeroMQContext, linger: Duration = .seconds(1)) throws(ZeroMQError) {
        guard let handle = zmq_socket(context.handle, kind.number) else { throw ZeroMQError("zmq_socket") }
        self.handle = handle
        self.context = context
        try set(ZMQ_LINGER, Int32(linger.components.seconds * 1000))
        guard kind == .router else { return }
        // A router that cannot reach a peer says so instead of dropping the message.
        try set(ZMQ_ROUTER_MANDATORY, 1)
        // What one turn says to one peer must find room: as many assignments and acknowledgements as it has slots.
        try set(ZMQ_SNDHWM, 4_096)
        // A peer that comes again under its name, before its lost connection was found dead, is the same peer.
        try set(ZMQ_ROUTER_HANDOVER, 1)
    }

    deinit { zmq_close(handle) }

    /// Names this side for the router; 1 to 255 bytes, before `connect`.
    public func setRoutingName(_ name: String) throws(ZeroMQError) {
        let bytes = Array(name.utf8)
        guard zmq_setsockopt(handle, ZMQ_ROUTING_ID, bytes, bytes.count) == 0 else {
            throw ZeroMQError("setting the routing name")
        }
    }

    /// Refuses messages larger than `bytes`: the peer is disconnected.
    public func setMaximumMessage(bytes: Int64) throws(ZeroMQError) {
        var value = bytes
        guard zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &value, MemoryLayout<Int64>.size) == 0 else {
            throw ZeroMQError("setting the largest message")
        }
    }

    /// Queues messages only to peers that are connected, so that nothing stale is sent after a reconnect.
    public func setImmediate() throws(ZeroMQError) { try set(ZMQ_IMMEDIATE, 1) }

    /// Finds out within 15 s that a TCP peer cannot be reached, rather than when the system gives up, and connects anew.
    ///
    /// The system probes silent connections and bounds what stays unacknowledged. The library's own heartbeats must stay off: up to
    /// 4.3.5 they abort the process when a peer fills the queue and is gone while it is still full.
    public func noticeLostPeers() throws(ZeroMQError) {
        try set(ZMQ_TCP_KEEPALIVE, 1)
        try set(ZMQ_TCP_KEEPALIVE_IDLE, 3)
        try set(ZMQ_TCP_KEEPALIVE_INTVL, 3)
        try set(ZMQ_TCP_KEEPALIVE_CNT, 4)
        try set(ZMQ_TCP_MAXRT, 15_000)
        try set(ZMQ_CONNECT_TIMEOUT, 5_000)
        try set(ZMQ_RECONNECT_IVL_MAX, 2_000)
    }

    /// Listens at an endpoint such as `ipc:///path` or `tcp://127.0.0.1:5555`.
    public func bind(_ endpoint: String) throws(ZeroMQError) {
        guard zmq_bind(handle, endpoint) == 0 else { throw ZeroMQError("binding \(endpoint)") }
    }

    /// Connects to an endpoint; succeeds also when nobody listens there yet.
    public func connect(_ endpoint: String) throws(ZeroMQError) {
        guard zmq_connect(handle, endpoint) == 0 else { throw ZeroMQError("connecting to \(endpoint)") }
    }

    /// Gives a connection up and begins anew.
    public func reconnect(_ endpoint: String) throws(ZeroMQError) {
        // It fails where the library has given up already.
        zmq_disconnect(handle, endpoint)
        try connect(endpoint)
    }

    /// The endpoint last bound, with the port the system chose for a wildcard.
    public func lastEndpoint() throws(ZeroMQError) -> String {
        var buffer = [CChar](repeating: 0, count: 512)
        var size = buffer.count
        guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &buffer, &size) == 0 else {
            throw ZeroMQError("reading the endpoint")
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Sends the frames of one message.
    ///
    /// - Returns: `false` when the message cannot be queued now or the router does not know the peer.
    public func send(_ frames: [[UInt8]]) throws(ZeroMQError) -> Bool {
        for (index, frame) in frames.enumerated() {
            let flags = ZMQ_DONTWAIT | (index + 1 < frames.count ? ZMQ_SNDMORE : 0)
            guard try queued({ zmq_send(handle, frame, frame.count, flags) }) else { return false }
        }
        return true
    }

    /// Whether a call that sends has taken what it was given.
    private func queued(_ call: () -> Int32) throws(ZeroMQError) -> Bool {
        while call() < 0 {
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN, EHOSTUNREACH: return false
            default: throw ZeroMQError("sending")
            }
        }
        return true
    }

    /// Sends a name and a frame, which is empty afterwards.
    ///
    /// - Returns: as `send(_:)`.
    public func send(to name: [UInt8], _ frame: OutgoingFrame) throws(ZeroMQError) -> Bool {
        guard try queued({ zmq_send(handle, name, name.count, ZMQ_DONTWAIT | ZMQ_SNDMORE) }) else { return false }
        return try queued { zmq_msg_send(frame.message, handle, ZMQ_DONTWAIT) }
    }

    /// Takes the next message, frame by frame; `nil` when none waits.
    public func receive() throws(ZeroMQError) -> [[UInt8]]? { try receiveMessage()?.frames }

    /// Takes the last frame of the next message, in the memory in which it came; `nil` when none waits.
    public func receiveLastFrame() throws(ZeroMQError) -> Data? {
        let message = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
        func release() {
            zmq_msg_close(message)
            message.deallocate()
        }
        zmq_msg_init(message)
        var isFirst = true
        while true {
            if zmq_msg_recv(message, handle, ZMQ_DONTWAIT) < 0 {
                let error = ZeroMQError("receiving")
                if error.code == EINTR { continue }
                release()
                if error.code == EAGAIN, isFirst { return nil }
                throw error
            }
            isFirst = false
            if zmq_msg_more(message) == 0 { break }
        }
        guard let memory = zmq_msg_data(message), zmq_msg_size(message) > 0 else {
            release()
            return Data()
        }
        return Data(bytesNoCopy: memory, count: zmq_msg_size(message), deallocator: .custom { _, _ in release() })
    }

    /// Takes the next message and says whose it is; `nil` when none waits.
    public func receiveMessage() throws(ZeroMQError) -> ReceivedMessage? {
        var frames: [[UInt8]] = []
        while true {
            var message = zmq_msg_t()
            zmq_msg_init(&message)
            defer { zmq_msg_close(&message) }
            if zmq_msg_recv(&message, handle, ZMQ_DONTWAIT) < 0 {
                switch zmq_errno() {
                case EINTR: continue
                case EAGAIN where frames.isEmpty: return nil
                default: throw ZeroMQError("receiving")
                }
            }
            let size = zmq_msg_size(&message)
            frames.append(Array(UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: size)))
            guard zmq_msg_more(&message) == 0 else { continue }
            let user = zmq_msg_gets(&message, "User-Id").map { String(cString: $0) }
            let address = zmq_msg_gets(&message, "Peer-Address").map { String(cString: $0) }
            return ReceivedMessage(frames: frames, user: user, address: address)
        }
    }

    func set(_ option: Int32, _ value: Int32) throws(ZeroMQError) {
        var value = value
        guard zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size) == 0 else {
            throw ZeroMQError("setting option \(option)")
        }
    }
}

/// A message with what the library knows of its sender.
public struct ReceivedMessage: Hashable, Sendable {
    /// The message, frame by frame.
    public let frames: [[UInt8]]
    /// What authentication called the sender (ZeroMQ RFC 27); `nil` when there was none.
    public let user: String?
    /// The sender's IP address; of a local socket `localhost:USER:GROUP:PROCESS`.
    public let address: String?

    /// A message.
    public init(frames: [[UInt8]], user: String? = nil, address: String? = nil) {
        self.frames = frames
        self.user = user
        self.address = address
    }
}

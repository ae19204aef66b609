import CZeroMQ

/// The public half of a CURVE key (ZeroMQ RFC 26): 32 bytes, written as 40 characters of Z85.
public struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible {
    /// The key in Z85.
    public let text: String

    /// A key as it is written; `nil` when it is not 40 characters of Z85.
    public init?(checking text: String) {
        guard isZ85(text) else { return nil }
        self.text = text
    }

    /// A key of 32 bytes; `nil` for another number of bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        var buffer = [CChar](repeating: 0, count: 41)
        guard zmq_z85_encode(&buffer, bytes, bytes.count) != nil else { return nil }
        text = String(decoding: buffer.prefix(40).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The key in Z85.
    public var description: String { text }
}

/// A CURVE key: who has the secret half can prove to be the public one. Never printed.
public struct CurveKeyPair: Hashable, Sendable, CustomStringConvertible {
    /// The half that may be known.
    public let publicKey: CurvePublicKey
    /// The secret half in Z85.
    public let secret: String

    /// A new key, from the system's source of chance.
    public init() throws(ZeroMQError) {
        var publicText = [CChar](repeating: 0, count: 41)
        var secretText = [CChar](repeating: 0, count: 41)
        guard zmq_curve_keypair(&publicText, &secretText) == 0,
            let key = CurvePublicKey(checking: Self.string(publicText))
        else { throw ZeroMQError("making a key") }
        publicKey = key
        secret = Self.string(secretText)
    }

    /// A key as it is written; `nil` when the secret is not 40 characters of Z85.
    public init?(secret: String) {
        var publicText = [CChar](repeating: 0, count: 41)
        guard isZ85(secret), zmq_curve_public(&publicText, secret) == 0,
            let key = CurvePublicKey(checking: Self.string(publicText))
        else { return nil }
        publicKey = key
        self.secret = secret
    }

    /// The public half.
    public var description: String { "the key \(publicKey)" }

    private static func string(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix(40).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

private func isZ85(_ text: String) -> Bool {
    guard text.utf8.count == 40, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return false }
    var bytes = [UInt8](repeating: 0, count: 32)
    return zmq_z85_decode(&bytes, text) != nil
}

extension ZeroMQSocket {
    /// Admits, at endpoints bound from now on, only peers that authentication lets in, and encrypts what is said.
    ///
    /// Authentication is a socket of the same context that answers at `inproc://zeromq.zap.01` (ZeroMQ RFC 27). It must be
    /// bound before: the library lets everybody in where nobody answers there.
    public func serveCurve(as pair: CurveKeyPair) throws(ZeroMQError) {
        try set(ZMQ_CURVE_SERVER, 1)
        try set(ZMQ_CURVE_SECRETKEY, pair.secret)
        try set(ZMQ_ZAP_DOMAIN, "mlestar")
        // Who connects and does not say who it is is not waited for.
        try set(ZMQ_HANDSHAKE_IVL, 10_000)
    }

    /// Speaks as `pair`, to the holder of the secret of `server` alone; before `connect`.
    public func useCurve(as pair: CurveKeyPair, to server: CurvePublicKey) throws(ZeroMQError) {
        try set(ZMQ_CURVE_SERVERKEY, server.text)
        try set(ZMQ_CURVE_PUBLICKEY, pair.publicKey.text)
        try set(ZMQ_CURVE_SECRETKEY, pair.secret)
    }

    private func set(_ option: Int32, _ value: String) throws(ZeroMQError) {
        let bytes = Array(value.utf8)
        // The library reads keys in Z85 with or without a closing zero; the length says which.
        guard zmq_setsockopt(handle, option, bytes, bytes.count) == 0 else {
            throw ZeroMQError("setting option \(option)")
        }
    }
}

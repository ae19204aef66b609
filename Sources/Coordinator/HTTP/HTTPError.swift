/// Why an HTTP exchange did not come to its end. Statuses such as 404 are answers, not errors.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened.
    public let code: Code
    /// What was tried and what happened; the URL in it has no query.
    public let message: String

    /// An error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What can happen.
    public enum Code: String, Hashable, Sendable {
        /// The request cannot be sent as it is.
        case badRequest
        /// The host has no address.
        case unknownHost
        /// Nobody accepts the connection, or the proxy refuses it.
        case noConnection
        /// The certificate or the TLS handshake failed.
        case tls
        /// No connection in time.
        case connectTimeout
        /// No byte for too long.
        case idleTimeout
        /// Not done in time.
        case totalTimeout
        /// The connection broke before the answer was whole.
        case interrupted
        /// The body is larger than allowed.
        case tooLarge
        /// The address belongs to this machine or a private network.
        case privateAddress
        /// The caller went away or the client was closed.
        case cancelled
    }

    /// Code and message.
    public var description: String { message }
}

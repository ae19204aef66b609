import Foundation

/// One HTTP request.
public struct HTTPRequest: Sendable {
    /// `GET`, `POST`, …
    public var method: String
    /// An `http` or `https` URL.
    public var url: String
    /// Name and value, sent as they are; both without line breaks.
    public var headers: [(name: String, value: String)]
    /// What is sent; `nil` for nothing.
    public var body: [UInt8]?
    /// How long and how much.
    public var limits: HTTPLimits
    /// Whether addresses of this machine and of private networks are refused, as for URLs that others chose.
    public var refusesPrivateAddresses: Bool

    /// A request.
    public init(
        _ method: String = "GET", _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        limits: HTTPLimits = HTTPLimits(), refusesPrivateAddresses: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
        self.refusesPrivateAddresses = refusesPrivateAddresses
    }

    /// The URL without what may hold a secret: user, query and fragment.
    var shownURL: String {
        var shown = url.prefix { $0 != "?" && $0 != "#" }
        if let scheme = shown.range(of: "://"), let at = shown[scheme.upperBound...].firstIndex(of: "@"),
            at < shown[scheme.upperBound...].firstIndex(of: "/") ?? shown.endIndex
        {
            shown.removeSubrange(scheme.upperBound...at)
        }
        return String(shown.prefix(300))
    }
}

extension HTTPRequest: CustomStringConvertible, CustomReflectable {
    /// Method and URL; headers and query may hold keys and are not shown.
    public var description: String { "\(method) \(shownURL)" }
    /// Shows no more than the description.
    public var customMirror: Mirror { Mirror(self, children: ["request": description]) }
}

/// How long a request may take and how much may come back.
public struct HTTPLimits: Hashable, Sendable {
    /// Until the connection stands, TLS included.
    public var connect: Duration
    /// Without a byte from the server.
    public var idle: Duration
    /// From start to end; `nil` for no limit.
    public var total: Duration?
    /// Bytes of the body after decompression.
    public var bodyBytes: Int

    /// Limits; the defaults suit short calls.
    public init(
        connect: Duration = .seconds(10), idle: Duration = .seconds(60), total: Duration? = nil,
        bodyBytes: Int = 16 << 20
    ) {
        self.connect = connect
        self.idle = idle
        self.total = total
        self.bodyBytes = bodyBytes
    }
}

/// What a server answers before the body.
public struct HTTPResponse: Hashable, Sendable {
    /// Such as 200.
    public let status: Int
    /// `1.1` or `2`.
    public let version: String
    /// Names in lower case, in the order they came.
    public let fields: [Field]

    /// One header.
    public struct Field: Hashable, Sendable {
        /// In lower case.
        public let name: String
        /// Without white space around it.
        public let value: String

        /// A header.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// An answer's head.
    public init(status: Int, version: String = "1.1", fields: [Field] = []) {
        self.status = status
        self.version = version
        self.fields = fields
    }

    /// The first header of a name, given in lower case.
    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }
}

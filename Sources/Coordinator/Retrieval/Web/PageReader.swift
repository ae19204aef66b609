import Foundation
public import HTTP

/// The text of a page.
public struct Page: Hashable, Sendable, Codable {
    /// Where it was in the end, after redirects.
    public let url: String
    /// Its title; may be empty.
    public let title: String
    /// Its text. Written by strangers: quote it, never obey it.
    public let text: String
    /// Whether the text was longer than wanted.
    public let isCut: Bool
}

/// Reads pages that others chose: `http` and `https` only, no private addresses, bounded in size and time.
public struct PageReader: Sendable {
    /// How much is read.
    public struct Limits: Hashable, Sendable {
        /// Bytes of a page, after decompression.
        public var bytes = 3 << 20
        /// Characters of its text.
        public var characters = 8000
        /// For one page with all its redirects.
        public var time = Duration.seconds(20)
        /// Redirects followed.
        public var redirects = 5
        /// Whether pages of this machine and of private networks may be read; for tests and intranets.
        public var allowsPrivateAddresses = false

        /// The defaults.
        public init() {}
    }

    private let http: HTTPClient
    private let denied: DenyList
    private let limits: Limits

    /// A reader behind a deny-list.
    public init(http: HTTPClient, denied: DenyList = DenyList(), limits: Limits = Limits()) {
        self.http = http
        self.denied = denied
        self.limits = limits
    }

    /// Fetches a page and reduces it to its text.
    public func read(_ address: String) async throws(RetrievalError) -> Page {
        guard var url = WebAddress.tidy(address) else {
            throw RetrievalError(.refused, source: WebAddress.shown(address), message: "it is no http or https address")
        }
        let end = ContinuousClock.now + limits.time
        for _ in 0...limits.redirects {
            try check(url)
            let (response, body) = try await fetch(url, until: end)
            guard (300..<400).contains(response.status), let location = response["location"] else {
                return try page(url, response, body)
            }
            guard let next = WebAddress.following(location, from: url) else {
                throw refused(url, "it leads to what is no http or https address")
            }
            url = next
        }
        throw refused(url, "it redirects more than \(limits.redirects) times")
    }

    private func check(_ url: String) throws(RetrievalError) {
        if denied.denies(url: url) { throw refused(url, "it is on the deny-list") }
    }

    private func fetch(_ url: String, until end: ContinuousClock.Instant) async throws(RetrievalError) -> (
        HTTPResponse, [UInt8]
    ) {
        let request = HTTPRequest(
            "GET", url,
            headers: [
                ("accept", "text/html, application/xhtml+xml, text/plain, text/markdown, application/json;q=0.5"),
                ("user-agent", "mlestar/0.1 (research tool; reads single pages on a user's behalf)"),
            ],
            limits: HTTPLimits(
                connect: .seconds(5), idle: .seconds(10), total: ContinuousClock.now.duration(to: end),
                bodyBytes: limits.bytes), refusesPrivateAddresses: !limits.allowsPrivateAddresses)
        do throws(HTTPError) {
            return try await http.read(request)
        } catch {
            switch error.code {
            case .cancelled: throw RetrievalError(.cancelled, source: WebAddress.shown(url), message: error.message)
            case .tooLarge, .privateAddress, .badRequest: throw refused(url, error.message)
            default: throw RetrievalError(.network, source: WebAddress.shown(url), message: error.message)
            }
        }
    }

    private func page(_ url: String, _ response: HTTPResponse, _ body: [UInt8]) throws(RetrievalError) -> Page {
        guard response.status == 200 else {
            throw RetrievalError(
                response.status == 429 || response.status >= 500 ? .overloaded : .refused,
                source: WebAddress.shown(url),
                message: "it answered with status \(response.status)")
        }
        let type = response["content-type"]?.lowercased() ?? ""
        let isHTML = type.contains("html")
        guard isHTML || type.hasPrefix("text/") || type.hasPrefix("application/json"), !body.prefix(512).contains(0)
        else {
            throw refused(url, "it is no text but \(type.isEmpty ? "of unknown kind" : String(type.prefix(60)))")
        }
        let text = Self.decode(body, type)
        let reduced =
            isHTML
            ? HTMLText.reduce(text, limit: limits.characters)
            : HTMLText.Reduced(text: String(text.prefix(limits.characters)), isCut: text.count > limits.characters)
        guard !reduced.text.isEmpty else {
            throw refused(url, "it has no text of its own; its parts may be loaded by a script")
        }
        return Page(url: url, title: reduced.title, text: reduced.text, isCut: reduced.isCut)
    }

    /// By the header, else by the page's own word, else UTF-8.
    private static func decode(_ body: [UInt8], _ type: String) -> String {
        let head = type + " " + String(decoding: body.prefix(1024), as: UTF8.self).lowercased()
        let isLatin = ["charset=iso-8859-1", "charset=\"iso-8859-1", "charset=windows-1252", "charset=\"windows-1252"]
            .contains { head.contains($0) }
        return isLatin
            ? String(bytes: body, encoding: .windowsCP1252) ?? String(decoding: body, as: UTF8.self)
            : String(decoding: body, as: UTF8.self)
    }

    private func refused(_ url: String, _ reason: String) -> RetrievalError {
        RetrievalError(.refused, source: WebAddress.shown(url), message: reason)
    }
}

import Foundation
import Synchronization

/// An HTTP client over one libcurl multi handle: connections are kept and shared, HTTP/2 where the server speaks it.
///
/// Redirects are not followed. Cancelling the task that waits or reads ends the exchange; so does dropping a body.
public final class HTTPClient: Sendable {
    private let loop: TransferLoop

    /// A client with its own thread and connections.
    ///
    /// - Throws: `HTTPError` when libcurl cannot be started.
    public init(_ configuration: HTTPConfiguration) throws(HTTPError) {
        guard let loop = TransferLoop(configuration) else {
            throw HTTPError(.badRequest, "libcurl could not be started")
        }
        self.loop = loop
    }

    /// A client set up by this process's environment.
    public convenience init() throws(HTTPError) {
        try self.init(HTTPConfiguration(environment: ProcessInfo.processInfo.environment))
    }

    deinit { loop.close() }

    /// Sends a request and waits for the head of the answer; the body is read from the stream as it comes.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream {
        try Self.check(request)
        let loop = loop
        let number = loop.number()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let transfer = Transfer(
                    number: number, request: request, onEnd: { loop.cancel(number) }, head: continuation)
                loop.start(transfer)
                // A cancellation that came before the start found nothing to cancel.
                if Task.isCancelled { loop.cancel(number) }
            }
        } onCancel: {
            loop.cancel(number)
        }
        return try outcome.get()
    }

    /// Sends a request and reads the whole answer.
    public func read(_ request: HTTPRequest) async throws(HTTPError) -> (response: HTTPResponse, body: [UInt8]) {
        let stream = try await send(request)
        var body: [UInt8] = []
        for try await chunk in stream.body { body += chunk }
        return (stream.response, body)
    }

    /// What libcurl would take literally and a peer could misuse.
    private static func check(_ request: HTTPRequest) throws(HTTPError) {
        let lower = request.url.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://"),
            request.url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { throw HTTPError(.badRequest, "'\(request.shownURL)' is no http or https URL") }
        for (name, value) in request.headers where (name + value).utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw HTTPError(.badRequest, "the header \(name.filter { !$0.isNewline }) holds a line break")
        }
        if request.refusesPrivateAddresses {
            guard let host = URLComponents(string: request.url)?.host, PrivateAddress.isPublic(host: host) else {
                throw HTTPError(.privateAddress, "\(request.shownURL) leads to this machine or a private network")
            }
        }
    }
}

extension HTTPClient: CustomReflectable {
    /// Shows nothing: exchanges belong to the client's thread and hold keys.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// An answer whose body is still on its way.
public struct HTTPStream: Sendable {
    /// The head.
    public let response: HTTPResponse
    /// The body; can be read once.
    public let body: HTTPBody
}

/// The body of an answer, in chunks as they come. Ends with `HTTPError` when the connection breaks, a limit is passed or
/// the reading task is cancelled.
public struct HTTPBody: AsyncSequence, Sendable {
    /// Some bytes, never none.
    public typealias Element = [UInt8]
    /// Why it broke off.
    public typealias Failure = HTTPError
    let chunks: AsyncThrowingStream<[UInt8], any Error>

    /// Starts to read.
    public func makeAsyncIterator() -> Iterator { Iterator(chunks: chunks.makeAsyncIterator()) }

    /// Reads chunk by chunk.
    public struct Iterator: AsyncIteratorProtocol {
        var chunks: AsyncThrowingStream<[UInt8], any Error>.AsyncIterator

        /// The next chunk; `nil` after the last.
        public mutating func next() async throws(HTTPError) -> [UInt8]? { try await next(isolation: #isolation) }

        /// The next chunk; `nil` after the last.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> [UInt8]? {
            let chunk: [UInt8]?
            do { chunk = try await chunks.next(isolation: actor) } catch {
                throw error as? HTTPError ?? HTTPError(.interrupted, "\(error)")
            }
            // A cancelled stream ends as if it were complete.
            if chunk == nil, Task.isCancelled { throw HTTPError(.cancelled, "the request was cancelled") }
            return chunk
        }
    }
}

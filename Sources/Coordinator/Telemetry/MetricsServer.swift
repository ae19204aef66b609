public import Dispatching
import FlyingFox
import FlyingSocks
import Foundation
public import Journal

/// Where numbers are served: an IPv4 address and a port.
public struct MetricsAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address.
    public let host: String
    /// The port; 0 for one that is free.
    public let port: UInt16

    /// Reads `ADDRESS:PORT`; `nil` when it is not that.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
        let host = parts[0] == "localhost" ? "127.0.0.1" : String(parts[0])
        guard (try? sockaddr_in.inet(ip4: host, port: port)) != nil else { return nil }
        self.host = host
        self.port = port
    }

    /// Reads an address from the command line.
    public static func read(_ text: String) throws -> MetricsAddress {
        guard let address = MetricsAddress(text) else {
            throw MetricsError(
                description: "'\(text)' is no IPv4 address with a port; write it like 127.0.0.1:9464 or 0.0.0.0:9464")
        }
        return address
    }

    /// `ADDRESS:PORT`.
    public var description: String { "\(host):\(port)" }
}

/// Serves a coordinator's numbers to Prometheus at `/metrics`.
public struct MetricsServer: Sendable {
    private let address: MetricsAddress
    private let journal: Journal
    private let dispatcher: Dispatcher

    /// A server.
    public init(_ address: MetricsAddress, journal: Journal, dispatcher: Dispatcher) {
        self.address = address
        self.journal = journal
        self.dispatcher = dispatcher
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onListening: called with the address once it can be asked.
    /// - Throws: `MetricsError` when the address cannot be had.
    public func run(onListening: @escaping @Sendable (String) -> Void) async throws {
        let socketAddress = try sockaddr_in.inet(ip4: address.host, port: address.port)
        let server = HTTPServer(address: socketAddress, logger: .disabled)
        await server.appendRoute("GET /metrics") { _ in
            let text = CoordinatorMetrics.text(try journal.totals(), dispatcher.now)
            return HTTPResponse(
                statusCode: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: Data(text.utf8))
        }
        await server.appendRoute("GET /health") { _ in HTTPResponse(statusCode: .ok, body: Data("serving\n".utf8)) }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                group.addTask {
                    try await server.waitUntilListening()
                    if case .ip4(let host, let port)? = await server.listeningAddress { onListening("\(host):\(port)") }
                }
                try await group.waitForAll()
            }
        } catch is CancellationError {
            return
        } catch {
            if Task.isCancelled { return }
            throw MetricsError(description: "cannot serve metrics at \(address): \(error); choose another --metrics")
        }
    }
}

/// Why numbers cannot be served.
public struct MetricsError: Error, CustomStringConvertible {
    /// What was tried and what to do.
    public let description: String
}

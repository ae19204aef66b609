import Foundation
import Keys
import Testing
import Vocabulary
import Wire
import ZeroMQ

/// A worker whose words are said by the test.
final class HandWorker: @unchecked Sendable {
    // Used by one test function only, never at the same time.
    private let socket: ZeroMQSocket
    private let wakeup: Wakeup
    private(set) var assignments = 0
    private let endpoint: String
    let name: String
    let incarnation: Incarnation

    init(_ name: String, endpoint: String, key: WorkerKey? = nil, connection: String? = nil) throws {
        self.name = name
        self.endpoint = endpoint
        incarnation = Incarnation("\(name)-1")
        wakeup = try Wakeup()
        socket = try ZeroMQSocket(.dealer, in: try ZeroMQContext())
        try socket.setRoutingName(connection ?? incarnation.rawValue)
        if let key { try socket.useCurve(as: key.pair, to: key.server) }
        try socket.connect(endpoint)
    }

    func sayHello(held: [Attempt] = [], slots: Int = 1) { say(hello(held: held, slots: slots)) }

    func hello(held: [Attempt] = [], slots: Int = 1) -> WorkerMessage {
        let capabilities = Capabilities(
            worker: WorkerID(name), incarnation: incarnation, slots: slots, coresPerSlot: 1, memoryBytes: 1,
            environment: ContentHash(String(repeating: "ab", count: 32)), host: "h")
        return .hello(capabilities, held: held)
    }

    func say(_ message: WorkerMessage) {
        if let bytes = try? message.encoded() { sendRaw(bytes) }
    }

    /// Says something as soon as there is room for it.
    func sayInTheEnd(_ message: WorkerMessage) throws {
        let bytes = try message.encoded()
        while try !socket.send([bytes]) { usleep(500) }
    }

    func sendRaw(_ bytes: [UInt8]) {
        // The connection may still be under way; the socket takes the message when it stands.
        #expect((try? socket.send([bytes])) == true)
    }

    /// Sends many frames, waiting whenever the other side does not take more.
    func flood(_ count: Int, _ frame: (Int) -> [[UInt8]]) throws {
        for number in 0..<count {
            let frames = frame(number)
            while try !socket.send(frames) { usleep(500) }
            // What is answered must not pile up here.
            if number % 64 == 0 { while try socket.receive() != nil {} }
        }
    }

    /// What a worker does that hears nothing.
    func reconnect() throws { try socket.reconnect(endpoint) }

    /// Whether anything comes within a time.
    func hearsNothing(for span: Duration) throws -> Bool {
        try socket.wait(for: span, orUntil: wakeup)
        return try take() == nil
    }

    /// The next message; `nil` when none comes for a long time.
    func next() async throws -> CoordinatorMessage? {
        // Waiting blocks: it gets a thread that no other test needs.
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try self.receive() }) }
        }
    }

    func wait(for wanted: CoordinatorMessage) async throws {
        while let message = try await next() {
            if message == wanted { return }
        }
        Issue.record("no \(wanted) came")
    }

    func nextAssignment() async throws -> Attempt {
        while let message = try await next() {
            if case .assignment(let job, let term, _) = message { return Attempt(job: job.id, term: term) }
        }
        throw ZeroMQTestError()
    }

    private func take() throws -> CoordinatorMessage? {
        guard let bytes = try socket.receive()?.last else { return nil }
        let message = try CoordinatorMessage(decoding: bytes)
        if case .assignment = message { assignments += 1 }
        return message
    }

    private func receive() throws -> CoordinatorMessage? {
        for _ in 0..<20 {
            if let message = try take() { return message }
            try socket.wait(for: .seconds(1), orUntil: wakeup)
        }
        return nil
    }
}

struct ZeroMQTestError: Error {}

import Foundation
import Logging
import Synchronization
import Vocabulary
import ZeroMQ

/// Lets peers in, or not: a thread that answers the library's questions (ZeroMQ RFC 27, ZAP) from the key ring, and logs
/// who was refused. It has its own thread so that a handshake never waits for a commit.
final class Porter: Sendable {
    /// Where the door's socket tells what happens to its connections.
    static let monitorAddress = "inproc://door-monitor"
    private static let questions = "inproc://zeromq.zap.01"

    private let ring: KeyRing
    private let logger: Logger
    private let wakeup: Wakeup
    private let isStopping = Mutex(false)
    private let refused = Mutex(0)
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the thread; when this returns questions are answered.
    init(_ ring: KeyRing, context: ZeroMQContext, logger: Logger) throws {
        self.ring = ring
        self.logger = logger
        wakeup = try Wakeup()
        let outcome = Mutex<(any Error)?>(nil)
        let started = DispatchSemaphore(value: 0)
        let thread = Thread { [self] in
            defer { ended.signal() }
            do {
                let questions = try ZeroMQSocket(.reply, in: context, linger: .zero)
                try questions.bind(Self.questions)
                let monitor = try SocketMonitor(at: Self.monitorAddress, in: context)
                started.signal()
                try serve(questions, monitor)
            } catch {
                // Nobody else gets in: the door serves no remote peer whose key it is not told.
                logger.error("the porter has ended", metadata: ["why": "\(error)"])
                outcome.withLock { $0 = error }
                started.signal()
            }
        }
        thread.name = "porter"
        thread.start()
        started.wait()
        if let error = outcome.withLock({ $0 }) { throw error }
    }

    /// Peers that were refused before they could say anything.
    var refusedCount: Int { refused.withLock { $0 } }

    /// Ends the thread; after the door's socket has stopped its monitor.
    func stop() {
        isStopping.withLock { $0 = true }
        wakeup.ring()
        ended.wait()
    }

    private func serve(_ questions: ZeroMQSocket, _ monitor: SocketMonitor) throws {
        let clock = ContinuousClock()
        let began = clock.now
        var book = Book()
        while !isStopping.withLock({ $0 }) {
            let now = Instant(began.duration(to: clock.now))
            while let question = try questions.receive() {
                _ = try questions.send(answer(to: question, &book, at: now))
            }
            while let event = try monitor.next() { note(event, &book, at: now) }
            refused.withLock { $0 = book.refusals.count }
            try ZeroMQSocket.wait(for: .seconds(1), on: [questions, monitor.socket], orUntil: wakeup)
        }
    }

    /// What the thread remembers.
    private struct Book {
        var refusals = RefusalLog()
        /// Where connections come from.
        var addresses: [Int32: String] = [:]
        /// A handshake has failed whose connection is about to be told of.
        var failure: String?
    }

    /// The answer to a question: version, number, status, words, the user's name for messages, nothing.
    private func answer(to question: [[UInt8]], _ book: inout Book, at now: Instant) -> [[UInt8]] {
        func reply(_ status: String, _ words: String, user: String = "") -> [[UInt8]] {
            let number = question.count > 1 ? question[1] : []
            return [Array("1.0".utf8), number, Array(status.utf8), Array(words.utf8), Array(user.utf8), []]
        }
        guard question.count == 7, question[5] == Array("CURVE".utf8), let key = CurvePublicKey(bytes: question[6])
        else { return reply("400", "a CURVE key is needed") }
        let address = String(decoding: question[3], as: UTF8.self)
        ring.refresh()
        switch ring.admission(of: key.text) {
        case .listed: return reply("200", "OK", user: key.text)
        case .revoked(let name):
            book.refusals.note("its key was revoked", from: address, named: name, at: now, to: logger)
            return reply("400", "the key was revoked")
        case .unknown:
            book.refusals.note("its key is not listed", from: address, named: key.text, at: now, to: logger)
            return reply("400", "the key is not listed")
        case .unreadable(let why):
            book.refusals.note(why, from: address, at: now, to: logger)
            return reply("300", "try again later")
        }
    }

    private func note(_ event: ConnectionEvent, _ book: inout Book, at now: Instant) {
        switch event {
        case .accepted(let connection, let address): book.addresses[connection] = address
        case .misspoke: book.failure = "it has no key, a key for another coordinator, or does not speak the protocol"
        case .handshakeCut: book.failure = "it ended the handshake; it may have no key, or one for another coordinator"
        case .ended(let connection):
            let address = book.addresses.removeValue(forKey: connection)
            if let failure = book.failure { book.refusals.note(failure, from: address, at: now, to: logger) }
            book.failure = nil
        // Refusals are noted where they are made.
        case .refused, .established: book.failure = nil
        }
    }
}

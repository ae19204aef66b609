import Foundation
import Testing
import ZeroMQ

@Suite("Peers that are gone", .timeLimit(.minutes(5)))
struct LostPeerTests {
    /// Fills both directions of a connection, so that its end finds unread data on both sides.
    private static func fill(_ router: ZeroMQSocket, endpoint: String) throws {
        let peer = try ZeroMQSocket(.dealer, in: try ZeroMQContext(), linger: .zero)
        try peer.setRoutingName("peer")
        try peer.connect(endpoint)
        let words = [UInt8](repeating: 1, count: 2_000)
        let wakeup = try Wakeup()
        #expect(try peer.send([words]))
        try router.wait(for: .seconds(60), orUntil: wakeup)
        while try router.send([Array("peer".utf8), words]) {}
        // The queues are full once nothing was taken for a while.
        var refusals = 0
        while refusals < 50 {
            if try peer.send([words]) {
                refusals = 0
            } else {
                refusals += 1
                try ZeroMQSocket.wait(for: .milliseconds(2), on: [], orUntil: wakeup)
            }
        }
    }

    @Test("a peer that goes while its messages wait unread takes nothing with it, also after the time of a heartbeat")
    func gone() async throws {
        let received = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let router = try ZeroMQSocket(.router, in: try ZeroMQContext())
                        try router.noticeLostPeers()
                        try router.bind("tcp://127.0.0.1:*")
                        try Self.fill(router, endpoint: try router.lastEndpoint())
                        // What went wrong here once was a timer of the library.
                        try ZeroMQSocket.wait(for: .seconds(4), on: [], orUntil: try Wakeup())
                        var count = 0
                        while try router.receive() != nil { count += 1 }
                        return count
                    })
            }
        }
        #expect(received >= 1_000)
    }
}

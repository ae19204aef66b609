import Foundation
import Keys
import Testing
import Vocabulary
import Wire
import ZeroMQ

@testable import Dispatching

@Suite("A door with keys", .timeLimit(.minutes(6)))
struct DoorTests {
    private let door: KeyedDoor

    init() throws { door = try KeyedDoor() }

    private func welcome(_ worker: HandWorker) async throws {
        worker.sayHello()
        try await worker.wait(for: .welcome(heartbeat: .seconds(1)))
    }

    @Test("a listed key gets in over TCP, and a local worker without one through the private socket")
    func listed() async throws {
        try await door.open { [door] endpoint in
            let remote = try HandWorker("gpu-1", endpoint: endpoint, key: try door.key("gpu-1"))
            try await welcome(remote)
            try await door.finish("a", at: remote)
            remote.say(.goodbye)
            let local = try HandWorker("local-1", endpoint: door.privateEndpoint)
            try await welcome(local)
            try await door.finish("b", at: local)
        }
    }

    @Test("a stranger's key, no key and another coordinator's key are refused and logged; others are served on")
    func strangers() async throws {
        try await door.open { [door] endpoint in
            let honest = try HandWorker("gpu-1", endpoint: endpoint, key: try door.key("gpu-1"))
            try await welcome(honest)
            let stranger = try HandWorker("gpu-1", endpoint: endpoint, key: try door.strangersKey())
            stranger.sayHello()
            try await door.log.wait(for: "not listed", "address=127.0.0.1")
            let plain = try HandWorker("gpu-2", endpoint: endpoint)
            plain.sayHello()
            // Its address is not promised: the connection may have ended before it could be asked.
            try await door.log.wait(for: "refused a peer", "no key")
            let other = WorkerKey(
                name: "gpu-2", pair: try door.key("gpu-2").pair, server: try CurveKeyPair().publicKey)
            let lost = try HandWorker("gpu-2", endpoint: endpoint, key: other)
            lost.sayHello()
            for worker in [stranger, plain, lost] { #expect(try worker.hearsNothing(for: .milliseconds(300))) }
            #expect(door.dispatcher.now.workers == [WorkerID("gpu-1")])
            try await door.finish("a", at: honest)
        }
    }

    @Test("a revoked key is refused at once, its live worker is sent home and its job goes to another")
    func revoked() async throws {
        try await door.open { [door] endpoint in
            let bad = try HandWorker("gpu-1", endpoint: endpoint, key: try door.key("gpu-1"))
            try await welcome(bad)
            async let result = door.dispatcher.run(door.job("a"))
            let attempt = try await bad.nextAssignment()
            _ = try door.keys.revoke("gpu-1", at: Date())
            bad.say(.outcome(door.outcome(attempt)))
            var reasons: [String] = []
            while reasons.isEmpty, let message = try await bad.next() {
                if case .refused(let reason) = message { reasons.append(reason) }
            }
            #expect(reasons.count == 1 && reasons[0].contains("revoked"))
            let again = try HandWorker("gpu-1", endpoint: endpoint, key: try door.key("gpu-1"))
            again.sayHello()
            try await door.log.wait(for: "its key was revoked", "address=127.0.0.1", "name=gpu-1")
            #expect(try again.hearsNothing(for: .milliseconds(300)))
            let good = try HandWorker("gpu-2", endpoint: endpoint, key: try door.key("gpu-2"))
            try await welcome(good)
            let second = try await good.nextAssignment()
            #expect(second.job == attempt.job && second.term > attempt.term)
            good.say(.outcome(door.outcome(second)))
            _ = try await result
        }
    }

    @Test("a key speaks for its own worker's name alone")
    func names() async throws {
        try await door.open { [door] endpoint in
            let thief = try HandWorker(
                "gpu-2", endpoint: endpoint, key: try door.key("gpu-1"), connection: "gpu-1-x")
            thief.sayHello()
            guard case .refused(let reason)? = try await thief.next() else {
                Issue.record("not refused")
                return
            }
            #expect(reason.contains("another incarnation"))
            let capabilities = Capabilities(
                worker: WorkerID("gpu-2"), incarnation: Incarnation("gpu-1-x"), slots: 1, coresPerSlot: 1,
                memoryBytes: 1, environment: KeyedDoor.hash, host: "h")
            thief.say(.hello(capabilities, held: []))
            guard case .refused(let words)? = try await thief.next() else {
                Issue.record("not refused")
                return
            }
            #expect(words.contains("gpu-1") && words.contains("gpu-2"))
            #expect(door.dispatcher.now.workers.isEmpty)
        }
    }

    @Test("a replayed hello is refused and logged, under another incarnation and its own; the honest worker goes on")
    func replayed() async throws {
        try await door.open { [door] endpoint in
            let honest = try HandWorker("gpu-1", endpoint: endpoint, key: try door.key("gpu-1"))
            let recorded = try honest.hello().encoded()
            honest.sendRaw(recorded)
            try await honest.wait(for: .welcome(heartbeat: .seconds(1)))
            let elsewhere = try HandWorker("gpu-2", endpoint: endpoint, key: try door.key("gpu-2"))
            elsewhere.sendRaw(recorded)
            guard case .refused? = try await elsewhere.next() else {
                Issue.record("not refused")
                return
            }
            try await door.log.wait(for: "another incarnation", "name=gpu-2-1")
            do {
                let disguised = try HandWorker(
                    "gpu-2", endpoint: endpoint, key: try door.key("gpu-2"), connection: "gpu-1-1")
                disguised.sendRaw(recorded)
                try await door.log.wait(for: "not its key's", "name=gpu-2")
            }
            let stranger = try HandWorker("gpu-1", endpoint: endpoint, key: try door.strangersKey())
            stranger.sendRaw(recorded)
            try await door.log.wait(for: "not listed", "address=127.0.0.1")
            // Its connection was taken away: it hears nothing, connects anew and says hello until it is heard.
            try honest.reconnect()
            for _ in 0..<100 {
                honest.sayHello()
                if try !honest.hearsNothing(for: .milliseconds(200)) { break }
            }
            try await door.finish("a", at: honest)
            #expect(door.dispatcher.now.workers == [WorkerID("gpu-1")])
        }
    }

    @Test("the bytes of a whole recorded connection, sent again, are refused")
    func replayedConnection() async throws {
        try await door.open { [door] endpoint in
            let tap = try Tap(to: endpoint)
            do {
                let honest = try HandWorker("gpu-1", endpoint: tap.endpoint, key: try door.key("gpu-1"))
                try await welcome(honest)
            }
            let recorded = tap.recorded
            #expect(recorded.count > 400, "a greeting, a handshake and a hello")
            let line = try RawLine(endpoint)
            line.write(recorded)
            _ = line.readToEnd()
            try await door.log.wait(for: "refused a peer", "does not speak the protocol")
            #expect(door.log.all.filter { $0.contains("worker joined") }.count == 1)
        }
    }

    @Test("over the limit messages are dropped, counted and said once; the worker beside it is served")
    func flooded() async throws {
        var limits = PeerLimits()
        limits.messagesPerSecond = 20
        limits.messageBurst = 200
        let door = try KeyedDoor(limits: limits)
        try await door.open { endpoint in
            let loud = try HandWorker("gpu-1", endpoint: endpoint, key: try door.key("gpu-1"))
            try await welcome(loud)
            let honest = try HandWorker("gpu-2", endpoint: endpoint, key: try door.key("gpu-2"))
            try await welcome(honest)
            let heartbeat = try WorkerMessage.heartbeat(held: []).encoded()
            try loud.flood(5_000) { _ in [heartbeat] }
            loud.say(.draining)
            try await door.log.wait(for: "more messages or bytes")
            try loud.flood(200) { _ in [heartbeat] }
            for _ in 0..<1_000 where door.dispatcher.now.refusedMessages < 4_000 {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(door.dispatcher.now.refusedMessages >= 4_000)
            #expect(door.log.all.filter { $0.contains("more messages or bytes") }.count <= 4)
            #expect(door.dispatcher.now.workers.count == 2)
        }
    }
}

/// A line between a worker and the door that writes down what the worker sends.
private final class Tap: @unchecked Sendable {
    // `bytes` is guarded by `lock`; the descriptors belong to the threads that were given them.
    private let lock = NSLock()
    private var bytes: [UInt8] = []
    private let listener: Int32
    let endpoint: String

    var recorded: [UInt8] { lock.withLock { bytes } }

    init(to door: String) throws {
        let port = try #require(UInt16(door.split(separator: ":").last ?? ""))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 4) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        try #require(isBound)
        endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        Thread.detachNewThread { self.relay(to: port) }
    }

    deinit { close(listener) }

    private func relay(to port: UInt16) {
        let client = accept(listener, nil, nil)
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = port.bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var items = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&items, 2, 30_000) > 0 else { break }
            let isWorker = items[0].revents != 0
            let count = recv(isWorker ? client : server, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            if isWorker { lock.withLock { bytes += buffer.prefix(count) } }
            _ = send(isWorker ? server : client, buffer, count, Int32(MSG_NOSIGNAL))
        }
        close(client)
        close(server)
    }
}

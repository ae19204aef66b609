import Foundation
import Keys
import Logging
import TestKit
import Testing
import Vocabulary
import Wire
import ZeroMQ

@testable import Dispatching

@Suite("Limits at the door", .timeLimit(.minutes(5)))
struct LimitTests {
    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func instant(_ milliseconds: Int) -> Instant { Instant(.milliseconds(milliseconds)) }

    /// How many of `tries` takes of 1 succeed at a moment.
    private func taken(_ bucket: inout TokenBucket, _ tries: Int, at milliseconds: Int) -> Int {
        var count = 0
        for _ in 0..<tries where bucket.take(1, at: instant(milliseconds)) { count += 1 }
        return count
    }

    @Test("an allowance is used up, fills at its rate and never above its burst")
    func bucket() {
        var bucket = TokenBucket(rate: 10, burst: 5, at: instant(0))
        let counts = [0, 90, 100, 60_000].map { taken(&bucket, 9, at: $0) }
        #expect(counts == [5, 0, 1, 5])
        bucket.giveBack(100)
        #expect(taken(&bucket, 9, at: 60_000) == 5)
    }

    @Test("a message that is dropped takes nothing from what its sender may say")
    func dropped() {
        var limits = PeerLimits()
        (limits.messageBurst, limits.byteBurst, limits.messagesPerSecond, limits.bytesPerSecond) = (2, 10, 0, 0)
        var allowance = Allowance(limits, at: instant(0))
        let taken = [11, 11, 11, 4, 4, 1].map { allowance.take(bytes: $0, at: instant(0)) }
        #expect(taken == [false, false, false, true, true, false])
    }

    @Test("one refusal is said once in a period, with how many were not; many addresses are said as many")
    func log() {
        var log = RefusalLog()
        func note(_ reason: String, _ address: String, _ milliseconds: Int) -> Int? {
            log.note(reason, from: address, at: instant(milliseconds))
        }
        let first = note("x", "1.2.3.4", 0)
        let silent = (0..<99).map { _ in note("x", "1.2.3.4", 1) }
        let others = [note("y", "1.2.3.4", 1), note("x", "5", 1)]
        let later = [note("x", "1.2.3.4", 10_000), note("x", "1.2.3.4", 20_000)]
        #expect(first == 0 && silent.allSatisfy { $0 == nil } && others == [0, 0] && later == [99, 0])
        let said = (0..<10_000).filter { note("x", "a\($0)", 20_000) != nil }.count
        #expect(said <= RefusalLog.limit + 1 && log.count == 10_104)
    }

    @Test("peers that have not said hello share one allowance and send small frames; one that has, has its own")
    func strangers() {
        var limits = PeerLimits()
        limits.messagesPerSecond = 1
        limits.messageBurst = 3
        var door = Doorkeeper(nil, limits: limits, logger: silent, at: instant(0))
        func message(_ name: String, bytes: Int = 1) -> ReceivedMessage {
            ReceivedMessage(frames: [Array(name.utf8), [UInt8](repeating: 0, count: bytes)])
        }
        func look(_ name: String, bytes: Int = 1) -> Doorkeeper.Verdict {
            door.look(at: message(name, bytes: bytes), now: instant(0))
        }
        let large = limits.strangerBytes + 1
        let strangers = [look("a", bytes: large), look("a"), look("b"), look("c"), look("d")]
        #expect(strangers.map { $0 != .drop } == [false, true, true, true, false])
        door.welcome(Incarnation("d"), key: nil, at: instant(0))
        let joined = (0..<4).map { _ in look("d", bytes: large) }
        #expect(joined.map { $0 != .drop } == [true, true, true, false])
        door.giveBack(Incarnation("d"), bytes: 1)
        let again = look("d")
        #expect(again == .read(Incarnation("d")) && door.refusedCount == 3)
        door.forget(allBut: [])
        #expect(!door.knows(Incarnation("d")))
    }

    @Test("what another key says in a worker's name takes nothing from the worker, however much it is")
    func inAnothersName() throws {
        let folder = try TemporaryFolder()
        let keys = KeyFolder(state: folder.path)
        let paths = ["gpu-1", "gpu-2"].map { "\(folder.path)/\($0).key" }
        for (name, path) in zip(["gpu-1", "gpu-2"], paths) { _ = try keys.make(name, writingTo: path, at: Date()) }
        let publicKeys = try paths.map { try WorkerKey(path: $0).pair.publicKey.text }
        var limits = PeerLimits()
        limits.messageBurst = 3
        limits.workersPerKey = 1
        let ring = KeyRing(keys)
        ring.refresh()
        var door = Doorkeeper(ring, limits: limits, logger: silent, at: instant(0))
        _ = door.newlyRevoked()
        func look(_ key: String) -> Doorkeeper.Verdict {
            door.look(
                at: ReceivedMessage(frames: [Array("gpu-1-a".utf8), [0]], user: key, address: "10.0.0.1"),
                now: instant(0))
        }
        door.welcome(Incarnation("gpu-1-a"), key: publicKeys[0], at: instant(0))
        let hello = Capabilities(
            worker: WorkerID("gpu-1"), incarnation: Incarnation("gpu-1-b"), slots: 1, coresPerSlot: 1, memoryBytes: 1,
            environment: ContentHash("x"), host: "h")
        let objections = [publicKeys[0], publicKeys[1], "nobody's"].map { key in
            door.objection(to: hello, from: Incarnation("gpu-1-b"), key: key)
        }
        #expect(objections[0]?.contains("has 1 workers") == true && objections[1]?.contains("gpu-2 speaks for") == true)
        #expect(objections[2] == "the key is not listed any more")
        let others = (0..<50).map { _ in look(publicKeys[1]) }
        #expect(others.allSatisfy { $0 == .drop })
        let own = (0..<4).map { _ in look(publicKeys[0]) }
        #expect(own.map { $0 == .read(Incarnation("gpu-1-a")) } == [true, true, true, false])
        let revoked = (0..<200).map { _ in look("nobody's") }
        #expect(revoked.filter { $0 != .drop }.count == 100, "not every word is answered")
    }

    @Test("what is not an incarnation and a message is dropped")
    func frames() {
        var door = Doorkeeper(nil, limits: PeerLimits(), logger: silent, at: instant(0))
        let frames: [[[UInt8]]] = [
            [], [[65]], [[65], [1], [2]], [[], [1]], [[0xFF, 0xFE], [1]], [[UInt8](repeating: 65, count: 201), [1]],
        ]
        for frames in frames {
            let verdict = door.look(at: ReceivedMessage(frames: frames), now: instant(0))
            #expect(verdict == .drop)
        }
    }
}

import Foundation
import Keys
import Testing
import Vocabulary
import Wire
import ZeroMQ

@testable import Dispatching

/// Random and mutated bytes at the open port. Seeds are fixed: what fails once fails again.
@Suite("Garbage at the door", .serialized, .timeLimit(.minutes(5)))
struct FloodTests {
    /// What the process holds in memory, in bytes.
    private static var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// A generous bound on what a flood may leave behind.
    private static let bound = 400 << 20

    /// Does jobs, one after the other, while something else goes on.
    private static func work(_ honest: HandWorker, at door: KeyedDoor, while flood: Task<Void, any Error>) async throws
    {
        let over = Flag()
        Task {
            _ = await flood.result
            over.raise()
        }
        var done = 0
        while !over.isRaised || done < 20 {
            try await door.finish("job-\(done)", at: honest)
            done += 1
        }
        try await flood.value
        #expect(done >= 20)
    }

    private static func inThread(_ body: @escaping @Sendable () throws -> Void) -> Task<Void, any Error> {
        Task {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
            }
        }
    }

    @Test("100 000 frames of a peer that has a key: read or refused, never the end; an honest worker goes on")
    func frames() async throws {
        var limits = PeerLimits()
        // All of them are to be decoded here, so nothing may be dropped before.
        limits.messagesPerSecond = 1e9
        limits.messageBurst = 1e9
        limits.bytesPerSecond = 1e12
        limits.byteBurst = 1e12
        let door = try KeyedDoor(limits: limits)
        try await door.open { endpoint in
            let honest = try HandWorker("gpu-1", endpoint: endpoint, key: try door.key("gpu-1"))
            honest.sayHello()
            try await honest.wait(for: .welcome(heartbeat: .seconds(1)))
            let before = Self.residentBytes
            let key = try door.key("gpu-2")
            let flood = Self.inThread {
                var garbage = try Garbage(seed: 7)
                let hostile = try HandWorker("gpu-2", endpoint: endpoint, key: key)
                try hostile.flood(100_000) { number in
                    number % 50 == 0 ? [garbage.frame(), garbage.frame()] : [garbage.frame()]
                }
            }
            try await Self.work(honest, at: door, while: flood)
            for _ in 0..<3_000 where door.dispatcher.now.refusedMessages < 50_000 {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(door.dispatcher.now.refusedMessages >= 50_000)
            #expect(Self.residentBytes - before < Self.bound)
            #expect(door.log.all.count < 1_000, "a flood does not fill the log")
        }
    }

    @Test("bytes that are no ZeroMQ, and the beginnings of what is: refused, and an honest worker goes on")
    func connections() async throws {
        let door = try KeyedDoor()
        try await door.open { endpoint in
            let honest = try HandWorker("gpu-1", endpoint: endpoint, key: try door.key("gpu-1"))
            honest.sayHello()
            try await honest.wait(for: .welcome(heartbeat: .seconds(1)))
            let before = Self.residentBytes
            let flood = Self.inThread {
                var garbage = try Garbage(seed: 11)
                for _ in 0..<1_500 { try RawLine(endpoint).write(garbage.stream()) }
            }
            try await Self.work(honest, at: door, while: flood)
            try await door.log.wait(for: "refused a peer", "address=127.0.0.1")
            #expect(Self.residentBytes - before < Self.bound)
            #expect(door.log.all.count < 500, "a flood does not fill the log")
            #expect(door.dispatcher.now.workers == [WorkerID("gpu-1")])
        }
    }
}

private final class Flag: @unchecked Sendable {
    // Guarded by `lock`.
    private let lock = NSLock()
    private var value = false

    var isRaised: Bool { lock.withLock { value } }

    func raise() { lock.withLock { value = true } }
}

/// Bytes from a seed: random ones, and real messages with bytes changed, lost, added or repeated.
struct Garbage {
    private var state: UInt64
    private let models: [[UInt8]]

    init(seed: UInt64) throws {
        state = seed
        let hash = KeyedDoor.hash
        let capabilities = Capabilities(
            worker: WorkerID("gpu-2"), incarnation: Incarnation("gpu-2-other"), slots: 2, coresPerSlot: 1,
            memoryBytes: 1 << 30, environment: hash, host: "host", packages: ["numpy==1", "pandas==2"])
        let attempts = (1...20).map { Attempt(job: JobID("other:step-\($0)"), term: .first) }
        let outcome = Outcome(
            job: JobID("other:step"), term: .first, ending: .exception("ValueError"), usage: .none, message: "words",
            log: String(repeating: "log ", count: 50), selfReported: 0.5, submission: [1, 2, 3], environment: hash)
        models = try [
            WorkerMessage.hello(capabilities, held: attempts), .heartbeat(held: attempts), .outcome(outcome), .draining,
            .goodbye,
        ].map { try $0.encoded() }
    }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    private mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

    private mutating func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// One frame.
    mutating func frame() -> [UInt8] {
        if below(4) == 0 { return random(below(200)) }
        var bytes = models[below(models.count)]
        for _ in 0...below(4) where !bytes.isEmpty {
            let place = below(bytes.count)
            switch below(5) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: next())
            case 1: bytes[place] ^= 1 << UInt8(below(8))
            case 2: bytes.removeLast(bytes.count - place)
            case 3: bytes.insert(contentsOf: random(below(9)), at: place)
            default: bytes += bytes[place...]
            }
        }
        return bytes
    }

    /// What a connection begins with: noise, or ZeroMQ's greeting and then noise, some of it announcing large frames.
    mutating func stream() -> [UInt8] {
        if below(3) == 0 { return random(1 + below(400)) }
        var greeting: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, UInt8(below(3))]
        let mechanism = ["CURVE", "NULL", "PLAIN", "OTHER"][below(4)]
        greeting += Array(mechanism.utf8) + [UInt8](repeating: 0, count: 20 - mechanism.utf8.count)
        greeting += [UInt8](repeating: 0, count: 64 - greeting.count)
        if below(4) == 0 { greeting[below(64)] = UInt8(truncatingIfNeeded: next()) }
        let length = below(200)
        switch below(4) {
        // A command of 200 bytes as CURVE begins, one that announces 255 MiB, one that announces more than allowed.
        case 0: return greeting + [4, 200, 5] + Array("HELLO".utf8) + random(194)
        case 1: return greeting + [6, 0, 0, 0, 0, 0x0F, 0xF0, 0, 0] + random(length)
        case 2: return greeting + [6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] + random(length)
        default: return greeting + random(length)
        }
    }
}

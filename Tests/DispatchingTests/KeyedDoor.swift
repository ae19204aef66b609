import Foundation
import Journal
import Keys
import Logging
import Synchronization
import Testing
import TestKit
import Vocabulary
import Wire
import ZeroMQ

@testable import Dispatching

/// A door on TCP with keys, and what is needed to knock at it.
final class KeyedDoor: DoorCast, Sendable {
    let folder: TemporaryFolder
    let journal: Journal
    let keys: KeyFolder
    let dispatcher: Dispatcher
    let log = LogLines()

    init(names: [String] = ["gpu-1", "gpu-2"], limits: PeerLimits = PeerLimits()) throws {
        folder = try TemporaryFolder()
        journal = try Self.journal(in: folder.path)
        keys = KeyFolder(state: folder.path)
        for name in names { _ = try keys.make(name, writingTo: "\(folder.path)/\(name).key", at: Date()) }
        var settings = Dispatcher.Settings(
            endpoint: "tcp://127.0.0.1:*", privateEndpoint: "ipc://\(folder.path)/door", keys: keys)
        settings.limits = limits
        let lines = log
        dispatcher = try Dispatcher(
            settings: settings, journal: journal, logger: Logger(label: "door") { _ in LineHandler(lines: lines) })
    }

    var privateEndpoint: String { "ipc://\(folder.path)/door" }

    func key(_ name: String) throws -> WorkerKey { try WorkerKey(path: "\(folder.path)/\(name).key") }

    /// A key that the door has never heard of, which knows the door's own.
    func strangersKey() throws -> WorkerKey {
        WorkerKey(name: "gpu-1", pair: try CurveKeyPair(), server: try key("gpu-1").server)
    }

    /// Opens the door for as long as the body takes.
    func open(_ body: @Sendable @escaping (_ endpoint: String) async throws -> Void) async throws {
        let (listening, announce) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.dispatcher.serve { announce.yield($0) } }
            group.addTask {
                defer { self.dispatcher.close(dismissWorkers: false) }
                let endpoint = try #require(await listening.first { _ in true })
                try await body(endpoint)
            }
            try await group.waitForAll()
        }
    }

    /// Has a welcomed worker do a job.
    func finish(_ name: String, at worker: HandWorker) async throws {
        async let result = dispatcher.run(job(name))
        let attempt = try await worker.nextAssignment()
        worker.say(.outcome(outcome(attempt)))
        try await worker.wait(for: .acknowledgement(attempt))
        guard case .outcome = try await result else {
            Issue.record("the job was given up")
            return
        }
    }
}

/// What was logged, to be waited for.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    var all: [String] { lines.withLock { $0 } }

    /// Waits until a line holds all the words.
    func wait(for words: String...) async throws {
        for _ in 0..<2_000 {
            if all.contains(where: { line in words.allSatisfy(line.contains) }) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("no line with \(words) in \(all)")
    }
}

private struct LineHandler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.add("\(event.message) \(fields.joined(separator: " "))")
    }
}

/// A plain TCP connection, for what is no ZeroMQ.
final class RawLine {
    private let descriptor: Int32

    init(_ endpoint: String) throws {
        let port = try #require(UInt16(endpoint.split(separator: ":").last ?? ""))
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = port.bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isConnected)
    }

    deinit { close(descriptor) }

    /// Writes as much as the other side takes.
    func write(_ bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// Reads what comes until the other side ends the connection or nothing comes for two seconds.
    func readToEnd() -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&item, 1, 2_000) > 0 else { return all }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return all }
            all += buffer.prefix(count)
        }
    }
}

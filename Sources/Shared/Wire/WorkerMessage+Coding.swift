import Foundation
import SwiftProtobuf
import Vocabulary

extension WorkerMessage {
    /// The message's bytes.
    public func encoded() throws -> [UInt8] {
        var frame = Mlestar_FromWorker()
        frame.version = UInt32(protocolVersion)
        switch self {
        case .hello(let capabilities, let held): frame.hello = Mlestar_Hello(capabilities, held: held)
        case .heartbeat(let held, let data):
            // Assigned even when empty: this is what makes the frame a heartbeat.
            frame.heartbeat.held = held.map(Mlestar_AttemptName.init)
            if let data { frame.heartbeat.cachedData = Mlestar_CachedData(data) }
        case .outcome(let outcome): frame.outcome = Mlestar_OutcomeReport(outcome)
        case .draining: frame.draining = Mlestar_Draining()
        case .goodbye: frame.goodbye = Mlestar_Goodbye()
        case .dataRequest(let request): frame.dataRequest = Mlestar_DataRequest(request)
        case .logTail(let tail): frame.logTail = Mlestar_LogTail(tail)
        }
        return try frame.serializedBytes()
    }

    /// Reads a message that came from outside.
    public init(decoding bytes: [UInt8]) throws(WireError) {
        // Before anything is made of it: what is short on the line may be large in memory.
        if bytes.count > maximumTalkBytes {
            guard let others = FrameShape.bytes(in: bytes, outside: outcomeField), others <= maximumTalkBytes else {
                throw .malformed("\(bytes.count) bytes are too many for what is no outcome")
            }
        }
        let frame: Mlestar_FromWorker = try decoded(bytes)
        guard frame.version == UInt32(protocolVersion) else { throw .versionUnsupported(Int(frame.version)) }
        switch frame.kind {
        case .hello(let hello):
            self = .hello(try hello.capabilities(), held: try attempts(hello.held))
        case .heartbeat(let heartbeat):
            self = .heartbeat(
                held: try attempts(heartbeat.held),
                data: heartbeat.hasCachedData ? try heartbeat.cachedData.hashes() : nil)
        case .outcome(let report): self = .outcome(try report.outcome())
        case .draining: self = .draining
        case .goodbye: self = .goodbye
        case .dataRequest(let request): self = .dataRequest(try request.request())
        case .logTail(let tail): self = .logTail(try tail.tail())
        case nil: throw .malformed("no known kind of message")
        }
    }
}

extension Mlestar_LogTail {
    init(_ tail: LogTail) {
        self.init()
        attempt = Mlestar_AttemptName(tail.attempt)
        output = Mlestar_StreamTail(tail.output)
        errors = Mlestar_StreamTail(tail.errors)
    }

    func tail() throws(WireError) -> LogTail {
        LogTail(attempt: try attempt.attempt(), output: try output.stream(), errors: try errors.stream())
    }
}

extension Mlestar_StreamTail {
    init(_ stream: LogTail.Stream) {
        self.init()
        size = UInt64(clamping: stream.size)
        tail = Data(stream.tail)
    }

    func stream() throws(WireError) -> LogTail.Stream {
        guard tail.count <= LogTail.Stream.largest, UInt64(tail.count) <= size else {
            throw .malformed("a stream's tail has at most \(LogTail.Stream.largest) bytes, and no more than its size")
        }
        return LogTail.Stream(size: Int(clamping: size), tail: Array(tail))
    }
}

extension String {
    /// The first so many Unicode scalars: a character may have any number of them.
    func beginning(_ count: Int) -> String { String(String.UnicodeScalarView(unicodeScalars.prefix(count))) }
}

/// Decodes a protobuf message, with the library's error turned into ours.
func decoded<Frame: Message>(_ bytes: some SwiftProtobufContiguousBytes) throws(WireError) -> Frame {
    guard bytes.count <= maximumFrameBytes else { throw .malformed("\(bytes.count) bytes are too many") }
    do { return try Frame(serializedBytes: bytes) } catch { throw .malformed("not a protocol message") }
}

/// The number of the outcome's field in what a worker sends.
private let outcomeField: UInt64 = 4

/// Attempts a worker may hold: those it runs, and as many of an earlier process that are not handed in yet.
private let mostAttempts = 4_096

/// The attempts a worker names.
private func attempts(_ names: [Mlestar_AttemptName]) throws(WireError) -> [Attempt] {
    guard names.count <= mostAttempts else { throw .malformed("a worker names at most \(mostAttempts) attempts") }
    var attempts: [Attempt] = []
    for name in names { attempts.append(try name.attempt()) }
    return attempts
}

extension Mlestar_AttemptName {
    init(_ attempt: Attempt) {
        self.init()
        job = attempt.job.rawValue
        term = UInt32(clamping: attempt.term.rawValue)
    }

    func attempt() throws(WireError) -> Attempt {
        guard !job.isEmpty, job.utf8.count <= 1000 else { throw .malformed("a job's name has 1 to 1000 bytes") }
        guard term >= 1 else { throw .malformed("a term is at least 1") }
        return Attempt(job: JobID(job), term: LeaseTerm(rawValue: Int(term)))
    }
}

extension Mlestar_Hello {
    init(_ capabilities: Capabilities, held: [Attempt]) {
        self.init()
        worker = capabilities.worker.rawValue
        incarnation = capabilities.incarnation.rawValue
        slots = UInt32(clamping: capabilities.slots)
        coresPerSlot = UInt32(clamping: capabilities.coresPerSlot)
        memoryBytes = UInt64(clamping: capabilities.memoryBytes)
        environment = capabilities.environment.rawValue
        host = capabilities.host
        packages = capabilities.packages
        sandbox = capabilities.sandbox.rawValue
        gpus = capabilities.gpus.map(Mlestar_Gpu.init)
        environmentNames = capabilities.environmentNames
        if !capabilities.data.isEmpty { cachedData = Mlestar_CachedData(capabilities.data) }
        self.held = held.map(Mlestar_AttemptName.init)
    }

    func capabilities() throws(WireError) -> Capabilities {
        guard (1...200).contains(worker.utf8.count), (1...200).contains(incarnation.utf8.count) else {
            throw .malformed("worker and incarnation have 1 to 200 bytes")
        }
        guard worker.printable(200) == worker, incarnation.printable(200) == incarnation else {
            throw .malformed("worker and incarnation have no control characters")
        }
        guard (1...1024).contains(slots) else { throw .malformed("slots are 1 to 1024, not \(slots)") }
        return Capabilities(
            worker: WorkerID(worker), incarnation: Incarnation(incarnation), slots: Int(slots),
            coresPerSlot: Int(max(1, coresPerSlot)), memoryBytes: Int(clamping: memoryBytes),
            environment: try checkedHash(environment), host: host.printable(200),
            packages: packages.prefix(5000).map { $0.beginning(200) },
            sandbox: Sandbox(rawValue: sandbox) ?? .none, gpus: try processors(),
            environmentNames: environmentNames.prefix(16).map { $0.beginning(200) }, data: try cachedData.hashes())
    }

    private func processors() throws(WireError) -> [GraphicsProcessor] {
        guard gpus.count <= 256, Set(gpus.map(\.id)).count == gpus.count else {
            throw .malformed("a worker has at most 256 graphics processors, each named once")
        }
        guard gpus.allSatisfy({ (1...100).contains($0.id.utf8.count) && !$0.id.contains(",") }) else {
            throw .malformed("a graphics processor's name has 1 to 100 bytes and no comma")
        }
        return gpus.map { GraphicsProcessor(id: $0.id, memoryBytes: Int(clamping: $0.memoryBytes)) }
    }
}

extension Mlestar_Gpu {
    init(_ processor: GraphicsProcessor) {
        self.init()
        id = processor.id
        memoryBytes = UInt64(clamping: processor.memoryBytes)
    }
}

extension Mlestar_CachedData {
    init(_ hashes: Set<ContentHash>) {
        self.init()
        manifests = hashes.map(\.rawValue).sorted()
    }

    func hashes() throws(WireError) -> Set<ContentHash> {
        guard manifests.count <= 1_000 else { throw .malformed("a worker names at most 1000 manifests") }
        var hashes: Set<ContentHash> = []
        for manifest in manifests { hashes.insert(try checkedHash(manifest)) }
        return hashes
    }
}

/// A hash from outside.
func checkedHash(_ text: String) throws(WireError) -> ContentHash {
    guard let hash = ContentHash(checking: text) else { throw .malformed("a hash has 64 hexadecimal digits") }
    return hash
}

public import Vocabulary

/// The version of the protocol both sides must speak; see `docs/protocol.md`.
public let protocolVersion = 1

/// The largest frame either side accepts, in bytes.
public let maximumFrameBytes = 256 << 20

/// The largest frame of a worker that is no outcome, in bytes.
public let maximumTalkBytes = 4 << 20

/// What a worker is and can do.
public struct Capabilities: Hashable, Sendable {
    /// Its place.
    public let worker: WorkerID
    /// Its process.
    public let incarnation: Incarnation
    /// Jobs it runs at once, 1 to 1024.
    public let slots: Int
    /// Cores each slot may use.
    public let coresPerSlot: Int
    /// Memory of the machine, in bytes.
    public let memoryBytes: Int
    /// What its Python environment consists of.
    public let environment: ContentHash
    /// The machine's name, for people.
    public let host: String
    /// Name and version of each package of its Python environment, as `name==version`, sorted.
    public let packages: [String]
    /// What its scripts run in.
    public let sandbox: Sandbox
    /// Graphics processors that its scripts may use.
    public let gpus: [GraphicsProcessor]
    /// Further names of its Python environment.
    public let environmentNames: [String]
    /// Manifests of the data it has.
    public let data: Set<ContentHash>

    /// Capabilities.
    public init(
        worker: WorkerID, incarnation: Incarnation, slots: Int, coresPerSlot: Int, memoryBytes: Int,
        environment: ContentHash, host: String, packages: [String] = [], sandbox: Sandbox = .none,
        gpus: [GraphicsProcessor] = [], environmentNames: [String] = [], data: Set<ContentHash> = []
    ) {
        self.worker = worker
        self.incarnation = incarnation
        self.slots = slots
        self.coresPerSlot = coresPerSlot
        self.memoryBytes = memoryBytes
        self.environment = environment
        self.host = host
        self.packages = packages
        self.sandbox = sandbox
        self.gpus = gpus
        self.environmentNames = environmentNames
        self.data = data
    }

    /// The same worker with other data.
    public func having(_ data: Set<ContentHash>) -> Capabilities {
        Capabilities(
            worker: worker, incarnation: incarnation, slots: slots, coresPerSlot: coresPerSlot,
            memoryBytes: memoryBytes, environment: environment, host: host, packages: packages, sandbox: sandbox,
            gpus: gpus, environmentNames: environmentNames, data: data)
    }

    /// What it has to give.
    public var resources: Resources {
        Resources(
            slots: slots, coresPerSlot: coresPerSlot, memoryBytes: memoryBytes, gpus: gpus,
            environments: environmentNames + [environment.rawValue])
    }
}

/// What a worker says.
public enum WorkerMessage: Hashable, Sendable {
    /// First word of a connection, and the answer to `askForHello`; names everything the worker holds.
    case hello(Capabilities, held: [Attempt])
    /// Alive; names everything the worker holds, and the data it has if that has changed.
    case heartbeat(held: [Attempt], data: Set<ContentHash>? = nil)
    /// How an attempt ended; repeated until acknowledged.
    case outcome(Outcome)
    /// Takes no further jobs.
    case draining
    /// Last word: the process ends and holds nothing.
    case goodbye
    /// Pieces of an assigned job's data are wanted.
    case dataRequest(DataRequest)
    /// What an attempt that runs has printed last; only as the answer to a request.
    case logTail(LogTail)
}

/// What the coordinator says.
public enum CoordinatorMessage: Hashable, Sendable {
    /// The hello was accepted.
    case welcome(heartbeat: Duration)
    /// The hello was not accepted; the worker must end.
    case refused(reason: String)
    /// The coordinator does not know the sender.
    case askForHello
    /// Run this job under this lease, from this checkpoint if there is one.
    case assignment(Job, LeaseTerm, Checkpoint? = nil)
    /// Stop an attempt and drop its outcome.
    case revocation(Attempt)
    /// The outcome is safe with the coordinator.
    case acknowledgement(Attempt)
    /// The coordinator is there.
    case heartbeatAnswer
    /// The worker is needed no more.
    case shutdown
    /// A piece of a job's data.
    case dataChunk(DataChunk)
    /// A job's data cannot be given.
    case dataRefusal(DataRefusal)
    /// Take no more jobs, and end when everything is handed in; `handsBack` stops what runs first.
    case drain(handsBack: Bool)
    /// Tell what an attempt that runs has printed last.
    case logRequest(Attempt)
}

/// Why bytes are no message.
public enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sender speaks another version.
    case versionUnsupported(Int)
    /// The bytes are no message, or a field is not what it must be.
    case malformed(String)

    /// What is wrong and what is expected.
    public var description: String {
        switch self {
        case .versionUnsupported(let version):
            "protocol version \(version) is not supported; this side speaks version \(protocolVersion)"
        case .malformed(let reason): "malformed message: \(reason)"
        }
    }
}

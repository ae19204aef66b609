public import Keys
public import Vocabulary

/// What a worker is told when it starts.
public struct WorkerSettings: Sendable {
    /// Its place; at most one process has it at a time.
    public var worker: WorkerID
    /// Where the coordinator listens.
    public var coordinator: String
    /// Jobs run at once.
    public var slots: Int
    /// Cores each slot may use.
    public var coresPerSlot: Int
    /// Memory for all slots together in bytes.
    public var memoryBytes: Int
    /// The machine's name, for people.
    public var host: String
    /// The worker's folder.
    public var folder: String
    /// How long it goes on without a word from the coordinator; `nil` for as long as it takes.
    public var orphanTimeout: Duration?
    /// Names of its Python environment.
    public var environmentNames: [String]
    /// What lets it in; `nil` where no key is needed.
    public var key: WorkerKey?
    /// What data from the coordinator may take on this machine's disk, in bytes.
    public var cacheBytes = 64 << 30
    /// Whether data is looked for under the coordinator's path before it is fetched.
    public var usesSharedFiles = true

    /// Settings.
    public init(
        worker: WorkerID, coordinator: String, slots: Int, coresPerSlot: Int, memoryBytes: Int, host: String,
        folder: String, orphanTimeout: Duration?, environmentNames: [String] = [],
        key: WorkerKey? = nil
    ) {
        self.worker = worker
        self.coordinator = coordinator
        self.slots = slots
        self.coresPerSlot = coresPerSlot
        self.memoryBytes = memoryBytes
        self.host = host
        self.folder = folder
        self.orphanTimeout = orphanTimeout
        self.environmentNames = environmentNames
        self.key = key
    }
}

/// Why a worker ended.
public enum SessionEnding: Hashable, Sendable {
    /// The coordinator needs it no more.
    case dismissed
    /// It was told to stop.
    case stopped
    /// The coordinator was told to do without it, and it has handed everything in.
    case drained
    /// No word from the coordinator for the stated time.
    case orphaned
    /// The coordinator did not take it.
    case refused(String)
}

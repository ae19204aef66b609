public import Vocabulary

/// What scripts may see and use beyond their own folder; everything is off unless the worker's owner allows it.
public struct SandboxPolicy: Hashable, Sendable {
    /// Which sandbox to use: `nil` for the strongest that works here, but never none.
    public var sandbox: Sandbox?
    /// Whether scripts reach the network.
    public var allowsNetwork = false
    /// Further folders that scripts may read, under their own paths.
    public var readableFolders: [String] = []
    /// Weights of pretrained models, seen as `/weights`, read-only.
    public var weights: String?
    /// Graphics processors that scripts may use, each given to one at a time.
    public var gpus: [GraphicsDevice] = []
    /// Jobs run at once.
    public var slots = 1
    /// Cores of a script that does not ask for a number of them; `nil` for what its job says.
    public var coresPerSlot: Int?
    /// What a script may have on disk, in bytes.
    public var diskBytes = 16 << 30
    /// Files and folders a script may make.
    public var diskEntries = 200_000
    /// Processes and threads of one script.
    public var processes = 1024
    /// Whether control groups hold the limits where there are any; otherwise they are looked at five times a second.
    public var usesGroups = true
    /// Whether interpreters are kept that hold imports already.
    public var isWarm = true

    /// The policy of a worker that nothing was said to.
    public init() {}
}

/// A sandbox that was seen to work on this machine.
public struct ProvenSandbox: Hashable, Sendable {
    /// Which one.
    public let sandbox: Sandbox
    /// Whose limits hold: control groups `v2` or `v1`, or `none`.
    public let groups: String
    /// Where bubblewrap is.
    let bubblewrap: String
    /// Why stronger ones do not work here.
    public let remarks: [String]
}

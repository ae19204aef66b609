/// What there is to share among workers of one machine.
public struct MachineRoom: Hashable, Sendable {
    /// Cores.
    public var cores: Int
    /// Memory in bytes.
    public var memoryBytes: Int

    /// What this process may use.
    public static let available = MachineRoom(cores: MachineCores.available, memoryBytes: MachineMemory.available)

    /// Room.
    public init(cores: Int, memoryBytes: Int) {
        self.cores = cores
        self.memoryBytes = memoryBytes
    }

    /// How many scripts have room side by side that each need so much; at least one.
    ///
    /// - Parameters:
    ///   - cores: 0 for one.
    ///   - memoryBytes: 0 for any.
    ///   - shares: scripts that there are graphics processors for; `nil` where they ask for none.
    public func scripts(cores: Int, memoryBytes: Int, shares: Int? = nil) -> Int {
        let byMemory = memoryBytes > 0 ? self.memoryBytes / memoryBytes : .max
        return max(1, min(self.cores / max(1, cores), byMemory, shares ?? .max))
    }
}

import Foundation

/// How much memory this process may use.
public enum MachineMemory {
    /// What the control groups' limit (a container's, a batch system's) leaves of the machine, in bytes.
    public static let available: Int = {
        let inGroups = ControlGroups.membership.flatMap { limit(membership: $0, read: ControlGroups.text) }
        return min(inGroups ?? .max, Int(clamping: ProcessInfo.processInfo.physicalMemory))
    }()

    /// The tightest limit in bytes, by the lines of `/proc/self/cgroup`; `nil` without one. Version 1 writes a number beyond
    /// all memory for none.
    ///
    /// - Parameter read: gives the text of a file; `nil` for a missing one.
    static func limit(membership: String, read: (String) -> String?) -> Int? {
        ControlGroups.tightest("memory", membership: membership) { folder, isUnified in
            read("\(folder)/\(isUnified ? "memory.max" : "memory.limit_in_bytes")").flatMap {
                Double($0.trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }.map { Int(exactly: $0.rounded()) ?? .max }
    }
}

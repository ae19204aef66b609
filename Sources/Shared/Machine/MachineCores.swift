import Foundation

/// How many cores this process may use.
public enum MachineCores {
    /// What the affinity mask (`taskset`, a batch system's binding) and the control groups' quota (a container's limit) leave
    /// of the machine; at least one.
    public static let available: Int = max(1, min(inMask() ?? .max, inQuota() ?? .max, installed))

    private static var installed: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The cores of the affinity mask; `nil` when the kernel does not tell.
    private static func inMask() -> Int? { ControlGroups.text("/proc/self/status").flatMap(mask) }

    /// The cores of the affinity mask, by the lines of `/proc/self/status`.
    static func mask(status: String) -> Int? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") }) else {
            return nil
        }
        let count = line.dropFirst("Cpus_allowed:".count).compactMap(\.hexDigitValue).reduce(0) {
            $0 + $1.nonzeroBitCount
        }
        return count > 0 ? count : nil
    }

    /// The tightest quota of this process's control groups and those above them, in whole cores; `nil` without one.
    private static func inQuota() -> Int? {
        ControlGroups.membership.flatMap { quota(membership: $0, read: ControlGroups.text) }
    }

    /// The tightest quota in cores, rounded up, by the lines of `/proc/self/cgroup`.
    ///
    /// - Parameter read: gives the text of a file; `nil` for a missing one.
    static func quota(membership: String, read: (String) -> String?) -> Int? {
        let tightest = ControlGroups.tightest("cpu", membership: membership) { folder, isUnified in
            isUnified ? unified(folder, read) : first(folder, read)
        }
        return tightest.map { max(1, Int($0.rounded(.up))) }
    }

    /// The quota of a group of version 2.
    private static func unified(_ folder: String, _ read: (String) -> String?) -> Double? {
        let words = read("\(folder)/cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0 else {
            return nil
        }
        return quota / period
    }

    /// The quota of a group of version 1; -1 stands for none.
    private static func first(_ folder: String, _ read: (String) -> String?) -> Double? {
        func number(_ name: String) -> Double? {
            read("\(folder)/\(name)").flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        guard let quota = number("cpu.cfs_quota_us"), let period = number("cpu.cfs_period_us"), quota > 0, period > 0
        else {
            return nil
        }
        return quota / period
    }
}

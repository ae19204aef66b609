import Foundation

/// How much memory this process may use.
public enum MachineMemory {
    /// What the control groups' limit (a container's, a batch system's) leaves of the machine, in bytes.
    public static let available: Int = {
        let inGroups = ControlGroups.membership.flatMap { limit(membership: $0, read: ControlGroups.text) }
        return min(inGroups ?? .max, Int(clamping: ProcessInfo.processInfo.physicalMemory))
    }()

    /// What could be used now without swapping, by the machine and by the control groups, in bytes; 0 when the kernel does not
    /// say.
    public static var free: Int { free(membership: ControlGroups.membership, read: ControlGroups.text) }

    /// The same, by the lines of `/proc/self/cgroup`. Files that were read and that nobody has asked for again are counted in a
    /// group's usage and given up as soon as memory is short.
    ///
    /// - Parameter read: gives the text of a file; `nil` for a missing one.
    static func free(membership: String?, read: (String) -> String?) -> Int {
        let machine = read("/proc/meminfo").flatMap { field("MemAvailable:", of: $0) } ?? 0
        let groups = membership.flatMap {
            ControlGroups.tightest("memory", membership: $0) { folder, isUnified in
                guard let most = limit(of: folder, isUnified, read),
                    let used = read("\(folder)/\(isUnified ? "memory.current" : "memory.usage_in_bytes")").flatMap(
                        number)
                else { return nil }
                let files = read("\(folder)/memory.stat").flatMap {
                    field(isUnified ? "inactive_file" : "total_inactive_file", of: $0)
                }
                return most - max(0, used - (files ?? 0))
            }
        }
        let free = min(machine * 1024, groups ?? .infinity)
        return max(0, Int(exactly: free.rounded()) ?? .max)
    }

    /// The tightest limit in bytes, by the lines of `/proc/self/cgroup`; `nil` without one. Version 1 writes a number beyond
    /// all memory for none.
    ///
    /// - Parameter read: gives the text of a file; `nil` for a missing one.
    static func limit(membership: String, read: (String) -> String?) -> Int? {
        ControlGroups.tightest("memory", membership: membership) { folder, isUnified in
            limit(of: folder, isUnified, read)
        }.map { Int(exactly: $0.rounded()) ?? .max }
    }

    private static func limit(of folder: String, _ isUnified: Bool, _ read: (String) -> String?) -> Double? {
        read("\(folder)/\(isUnified ? "memory.max" : "memory.limit_in_bytes")").flatMap(number)
    }

    private static func number(_ text: String) -> Double? {
        Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// The number behind a word that begins a line.
    private static func field(_ name: String, of text: String) -> Double? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 1, words[0] == name { return Double(words[1]) }
        }
        return nil
    }
}

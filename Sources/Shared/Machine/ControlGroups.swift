import Foundation

/// The control groups this process is in, of either version, as files tell.
enum ControlGroups {
    /// The tightest limit of the process's groups and of those above them; `nil` without one.
    ///
    /// - Parameters:
    ///   - controller: the controller's name in version 1.
    ///   - membership: the lines of `/proc/self/cgroup`.
    ///   - limit: the limit that a group's folder tells; in version 2 the second argument is true.
    static func tightest(
        _ controller: String, membership: String, limit: (_ folder: String, _ isUnified: Bool) -> Double?
    ) -> Double? {
        var tightest: Double?
        for line in membership.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isUnified = parts[1].isEmpty
            guard isUnified || parts[1].split(separator: ",").contains(Substring(controller)) else { continue }
            let root = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/\(controller)"
            var group = String(parts[2])
            while true {
                if let found = limit(group == "/" ? root : root + group, isUnified) {
                    tightest = min(tightest ?? found, found)
                }
                guard group.count > 1, let slash = group.lastIndex(of: "/") else { break }
                group = slash == group.startIndex ? "/" : String(group[..<slash])
            }
        }
        return tightest
    }

    /// The groups of this process; `nil` when the kernel does not tell.
    static var membership: String? { text("/proc/self/cgroup") }

    /// A file's text; `nil` for a missing one.
    static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

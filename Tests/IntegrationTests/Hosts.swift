import Foundation
import Synchronization

/// Hosts of one machine: network namespaces joined by a bridge that lies in the first one, so that nothing of the machine's
/// own network is touched. Removed with the value.
final class Hosts: Sendable {
    private let prefix: String
    private let count: Int

    /// Why there can be none here; `nil` when there can.
    static let obstacle: String? = {
        guard geteuid() == 0 else { return "network namespaces need root" }
        let probe = "mlestar-\(getpid())"
        guard (try? run(["ip", "netns", "add", probe])) == 0 else { return "`ip netns` (iproute2) does not work here" }
        defer { _ = try? run(["ip", "netns", "delete", probe]) }
        guard (try? run(["ip", "-n", probe, "link", "add", "name", "br0", "type", "bridge"])) == 0 else {
            return "this kernel has no bridges"
        }
        return nil
    }()

    /// Makes `count` hosts, numbered from 1; host 1 has the address 10.77.0.1, and so on.
    init(_ count: Int) throws {
        self.count = count
        prefix = "mlestar-\(getpid())-\(UInt16.random(in: 0...UInt16.max))-"
        for number in 1...count { try must("ip", "netns", "add", name(number)) }
        try must("ip", "-n", name(1), "link", "add", "name", "br0", "type", "bridge")
        try must("ip", "-n", name(1), "addr", "add", "10.77.0.1/24", "dev", "br0")
        for device in ["br0", "lo"] { try must("ip", "-n", name(1), "link", "set", device, "up") }
        for number in 2...max(2, count) {
            let other = name(number)
            try must(
                "ip", "-n", name(1), "link", "add", "name", "link\(number)", "type", "veth", "peer", "name", "eth0",
                "netns",
                other)
            try must("ip", "-n", name(1), "link", "set", "link\(number)", "master", "br0", "up")
            try must("ip", "-n", other, "addr", "add", "10.77.0.\(number)/24", "dev", "eth0")
            for device in ["eth0", "lo"] { try must("ip", "-n", other, "link", "set", device, "up") }
        }
    }

    deinit {
        for number in 1...count { _ = try? Self.run(["ip", "netns", "delete", name(number)]) }
    }

    /// Takes a host's cable out.
    func cut(_ number: Int) throws { try must("ip", "-n", name(1), "link", "set", "link\(number)", "nomaster") }

    /// Puts it in again.
    func heal(_ number: Int) throws {
        try must("ip", "-n", name(1), "link", "set", "link\(number)", "master", "br0")
    }

    /// Starts a program on a host; its output goes to a file.
    func start(_ program: String, _ arguments: [String], on number: Int, log: String) throws -> HostProcess {
        try HostProcess(["ip", "netns", "exec", name(number), program] + arguments, log: log)
    }

    private func name(_ number: Int) -> String { "\(prefix)\(number)" }

    private func must(_ words: String...) throws {
        guard try Self.run(words) == 0 else { throw Failure(description: words.joined(separator: " ")) }
    }

    fileprivate static func run(_ words: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}

/// A program that runs until it is ended.
final class HostProcess: @unchecked Sendable {
    // Foundation's process may be asked and signalled from any thread.
    private let process = Process()

    fileprivate init(_ words: [String], log: String) throws {
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try file.seekToEnd()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = file
        process.standardError = file
        try process.run()
    }

    deinit { end() }

    var isRunning: Bool { process.isRunning }

    /// Ends it as a power cut would; `env` and `ip` have become the program itself.
    func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

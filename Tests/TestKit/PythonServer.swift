import Foundation

/// A Python program of `Tests/Fixtures` that prints its port and serves on loopback until its standard input ends, which
/// it does with the process of the tests.
public final class PythonServer: Sendable {
    /// Where it listens, such as `http://127.0.0.1:40123`.
    public let url: String
    /// The port alone.
    public let port: Int
    // Held so that the pipe stays open.
    private let input: Pipe

    /// Starts a program by its path below `Tests/Fixtures`.
    ///
    /// - Throws: `Failure` when it prints no port.
    public init(_ name: String, python: String = "python3", arguments: [String] = []) throws {
        let process = Process()
        let output = Pipe()
        input = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "\(Self.fixtures)/\(name)"] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != 10 {
            let byte = try output.fileHandleForReading.read(upToCount: 1) ?? Data()
            guard !byte.isEmpty else { throw Failure(description: "\(name) ended without a port") }
            line += byte
        }
        guard let port = Int(String(decoding: line.dropLast(), as: UTF8.self)) else {
            throw Failure(description: "\(name) printed no port")
        }
        self.port = port
        url = "http://127.0.0.1:\(port)"
    }

    /// The folder of recordings and programs beside the tests.
    public static let fixtures: String = {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return here.appendingPathComponent("Fixtures").path
    }()

    /// The Python that has the providers' own clients, made by `deploy/test.sh`; `nil` where it is not there.
    public static let clients: String? = {
        let variables = ProcessInfo.processInfo.environment
        let home = variables["MLESTAR_HOME"] ?? "\(variables["HOME"] ?? "")/.mlestar"
        let path = variables["MLESTAR_CLIENTS_PYTHON"] ?? "\(home)/envs/clients/bin/python"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// The Python with training packages, where tests that train are wanted.
    public static let training: String? = {
        let variables = ProcessInfo.processInfo.environment
        return variables["MLESTAR_QUICK_TESTS"] == nil ? variables["MLESTAR_PYTHON"] : nil
    }()

    /// Runs a program of `Tests/Fixtures` to its end and returns its exit code and everything it printed.
    ///
    /// It waits on a thread of its own: there are no more threads for tasks than cores.
    public static func run(_ name: String, python: String, arguments: [String] = [], input: String = "") async throws
        -> (code: Int32, output: String)
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try wait(name, python, arguments, input) })
            }
        }
    }

    private static func wait(_ name: String, _ python: String, _ arguments: [String], _ input: String) throws -> (
        code: Int32, output: String
    ) {
        let process = Process()
        let output = Pipe()
        let fed = Pipe()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["\(fixtures)/\(name)"] + arguments
        process.standardInput = fed
        process.standardOutput = output
        process.standardError = output
        var environment = ProcessInfo.processInfo.environment
        for name in environment.keys where name.lowercased().hasSuffix("_proxy") { environment[name] = nil }
        process.environment = environment
        try process.run()
        Thread.detachNewThread {
            try? fed.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try? fed.fileHandleForWriting.close()
        }
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: printed, as: UTF8.self))
    }

    /// Why a server did not start.
    public struct Failure: Error, CustomStringConvertible {
        /// The reason.
        public let description: String

        /// A reason.
        public init(description: String) { self.description = description }
    }
}

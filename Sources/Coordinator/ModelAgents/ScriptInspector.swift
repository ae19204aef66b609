import Foundation
import Subprocess
import SystemPackage

/// What can be seen of a script without running it.
public struct ScriptFacts: Hashable, Sendable, Codable {
    /// Where and why it does not compile; everything else is empty then.
    public var error: String?
    /// Lines that end the interpreter.
    public var exits: [Int]?
    /// Whether it mentions the score line.
    public var scores: Bool?
    /// Whether it mentions a submission.
    public var submits: Bool?
    /// Whether it names the test table.
    public var readsTest: Bool?
    /// Whether it prints anything.
    public var prints: Bool?
    /// Whether it has nothing but expressions without a call: words that happen to compile.
    public var isProse: Bool?
    /// What is worth a warning, with its line.
    public var flags: [String]?
}

/// Looks at scripts; nothing of them is ever run on the coordinator.
public protocol ScriptInspecting: Sendable {
    /// The facts of a script; `nil` when nobody could look, and the worker will tell.
    func facts(of source: String, targets: [String]) async -> ScriptFacts?
}

/// Has a Python interpreter parse a script: a process per script with limits on time and memory.
public struct PythonInspector: ScriptInspecting {
    private let interpreter: String
    /// How long one look may take.
    private static let timeout = Duration.seconds(15)
    private static let program = String(decoding: PackageResources.inspect_py, as: UTF8.self)

    private struct Request: Encodable {
        let source: String
        let targets: [String]
    }

    /// An inspector that uses this interpreter, of version 3.8 or newer.
    public init(interpreter: String) { self.interpreter = interpreter }

    /// The facts of a script.
    public func facts(of source: String, targets: [String]) async -> ScriptFacts? {
        guard let input = try? JSONEncoder().encode(Request(source: source, targets: targets)) else { return nil }
        let look = Task { try await self.look(input) }
        let alarm = Task {
            try await Task.sleep(for: Self.timeout)
            look.cancel()
        }
        defer { alarm.cancel() }
        let output = await withTaskCancellationHandler {
            try? await look.value
        } onCancel: {
            look.cancel()
        }
        return output.flatMap { try? JSONDecoder().decode(ScriptFacts.self, from: Data($0.utf8)) }
    }

    private func look(_ input: Data) async throws -> String {
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .kill, allowedDurationToNextStep: .zero)]
        let result = try await Subprocess.run(
            .path(.init(interpreter)), arguments: ["-I", "-S", "-c", Self.program],
            // Keys of the coordinator have no business here.
            environment: .custom(["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]), platformOptions: options,
            input: .array(Array(input)), output: .string(limit: 1 << 20), error: .discarded)
        return result.standardOutput
    }
}

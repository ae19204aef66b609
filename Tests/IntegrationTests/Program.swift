import Foundation
import Subprocess
import SystemPackage
import TestKit

/// The built programs, run as their user runs them.
struct Program {
    let folder: TemporaryFolder

    /// Where the programs lie: beside the test bundle.
    static let products: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return (own as NSString).deletingLastPathComponent
    }()

    /// Whether tests that train real models are wanted and a Python environment for them is known.
    static var trains: Bool {
        let variables = ProcessInfo.processInfo.environment
        return variables["MLESTAR_QUICK_TESTS"] == nil && variables["MLESTAR_PYTHON"] != nil
    }

    init() throws {
        folder = try TemporaryFolder()
        try Self.writeTask(to: folder)
    }

    var task: String { "\(folder.path)/task" }
    var state: String { "\(folder.path)/state" }
    var out: String { "\(folder.path)/out" }
    var journal: String { "\(state)/journal.sqlite" }

    /// What a finished call printed.
    struct Result {
        let exitCode: Int32?
        let output: String
        let errors: String
    }

    /// Runs `mlestar` to its end.
    func mlestar(_ arguments: String..., environment: [String: String] = [:]) async throws -> Result {
        try await Self.run("mlestar", arguments, environment)
    }

    static func run(_ name: String, _ arguments: [String], _ environment: [String: String] = [:]) async throws -> Result
    {
        try await run(at: "\(products)/\(name)", arguments, environment)
    }

    static func run(
        at path: String, _ arguments: [String], _ environment: [String: String] = [:]
    ) async throws -> Result {
        let changes = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), Optional($1)) })
        let result = try await Subprocess.run(
            .path(.init(path)), arguments: Arguments(arguments), environment: .inherit.updating(changes),
            output: .string(limit: 1 << 22), error: .string(limit: 1 << 22))
        let code: Int32? = if case .exited(let code) = result.terminationStatus { code } else { nil }
        return Result(exitCode: code, output: result.standardOutput, errors: result.standardError)
    }

    /// A small two-class task: two telling columns, a category, some missing fields.
    private static func writeTask(to folder: TemporaryFolder) throws {
        let rows = (1...300).map { row -> String in
            let a = Double(row * 61 % 299) / 299
            let b = Double(row * 83 % 293) / 293
            let noise = Double(row * 17 % 100) / 100
            let label = noise < 0.1 + 0.8 * (0.6 * a + 0.4 * b) ? 1 : 0
            return "\(a),\(row % 11 == 0 ? "" : "\(b)"),\(["red", "green", "blue"][row % 3]),\(label)"
        }
        let train = rows.prefix(220).enumerated().map { "\($0.offset + 1),\($0.element)" }
        let test = rows.dropFirst(220).enumerated().map { "\($0.offset + 221),\($0.element.dropLast(2))" }
        let sample = (221...300).map { "\($0),0.5" }
        func file(_ lines: [String], _ header: String) -> String { ([header] + lines).joined(separator: "\n") + "\n" }
        try folder.write(file(train, "id,a,b,colour,label"), to: "task/train.csv")
        try folder.write(file(test, "id,a,b,colour"), to: "task/test.csv")
        try folder.write(file(sample, "id,label"), to: "task/sample_submission.csv")
        try folder.write(
            "# Small\n\n## Evaluation\nArea under the ROC curve (AUC). Higher is better.\n", to: "task/description.md")
    }
}

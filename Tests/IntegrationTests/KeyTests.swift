import Foundation
import TestKit
import Testing

@Suite("Keys, as their user makes them", .timeLimit(.minutes(5)))
struct KeyTests {
    private let program: Program

    init() throws { program = try Program() }

    private var file: String { "\(program.folder.path)/gpu-1.key" }

    private func make(_ name: String, _ file: String) async throws -> Program.Result {
        try await program.mlestar("keys", "new", name, "--out", file, "--state", program.state)
    }

    @Test("a key is made, shown and revoked; names and files that are taken are said so")
    func life() async throws {
        let none = try await program.mlestar("keys", "list", "--state", program.state)
        #expect(none.exitCode == 0 && none.output.contains("keys new"))
        let made = try await make("gpu-1", file)
        #expect(made.exitCode == 0 && made.output.contains("--key gpu-1.key") && made.output.contains(file))
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        let words = String(try #require(lines.first { $0.hasPrefix("secret: ") }).dropFirst(8))
        let listed = try await program.mlestar("keys", "list", "--state", program.state)
        #expect(listed.output.contains("gpu-1") && listed.output.contains("let in"))
        #expect(!listed.output.contains(words) && !made.output.contains(words))
        let taken = try await make("gpu-1", "\(file).2")
        #expect(taken.exitCode == 1 && taken.errors.contains("already"))
        let overwritten = try await make("gpu-2", file)
        #expect(overwritten.exitCode == 1 && overwritten.errors.contains("there already"))
        let badName = try await make("../x", "\(file).3")
        #expect(badName.exitCode == 1 && badName.errors.contains("letters"))
        let revoked = try await program.mlestar("keys", "revoke", "gpu-1", "--state", program.state)
        #expect(revoked.exitCode == 0 && revoked.output.contains("gpu-1"))
        let again = try await program.mlestar("keys", "revoke", "gpu-1", "--state", program.state)
        #expect(again.exitCode == 1 && again.errors.contains("none is listed"))
        let after = try await program.mlestar("keys", "list", "--state", program.state)
        #expect(after.output.contains("revoked "))
        let serve = try await program.mlestar("serve", "--bind", "tcp://0.0.0.0:5555", "--state", program.state)
        #expect(serve.exitCode == 1 && serve.errors.contains("every key"))
    }

    @Test("a worker does not use a key file that others can read, or that is none")
    func worker() async throws {
        let made = try await make("gpu-1", file)
        #expect(made.exitCode == 0)
        func start(_ extra: String...) async throws -> Program.Result {
            try await Program.run(
                "mlestar-worker",
                ["--coordinator", "tcp://127.0.0.1:5999", "--python", "python3", "--folder", program.state] + extra)
        }
        let missing = try await start("--key", "/nowhere/x.key")
        #expect(missing.exitCode == 1 && missing.errors.contains("/nowhere/x.key"))
        let wrong = try await start("--key", "/etc/passwd")
        #expect(wrong.exitCode == 1 && wrong.errors.contains("/etc/passwd"))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let open = try await start("--key", file)
        #expect(open.exitCode == 1 && open.errors.contains("chmod 600"))
    }
}

import Foundation
import TestKit
import Testing

@Suite("mlestar doctor", .timeLimit(.minutes(6)))
struct DoctorTests {
    private static let server = Result { try PythonServer("providers/server.py") }

    /// What a provider's variables are when it is imitated and its key scripts what requests meet.
    private static func environment(_ script: String) throws -> [String: String] {
        let url = try server.get().url
        let key = "mk-\(script)-planted\(UInt64.random(in: 0 ... .max))"
        return [
            "OPENAI_API_KEY": key, "OPENAI_BASE_URL": "\(url)/v1", "ANTHROPIC_API_KEY": key, "ANTHROPIC_BASE_URL": url,
            "GEMINI_API_KEY": key, "GOOGLE_GEMINI_BASE_URL": url,
        ]
    }

    @Test("every part of the machine gets a line that is fine or says what to do")
    func machine() async throws {
        let program = try Program()
        let result = try await program.mlestar("doctor", "--state", program.state)
        for subject in ["keys", "prices", "search", "python", "sandbox", "gpu", "disk", "ports"] {
            let line = result.output.split(separator: "\n").first { $0.dropFirst(6).hasPrefix("\(subject): ") }
            #expect(line != nil, "\(subject) in \(result.output)")
        }
        let mends = result.output.split(separator: "\n").contains { $0.hasPrefix("MEND") }
        #expect(result.exitCode == (mends ? 1 : 0))
        if Program.trains { #expect(result.output.contains("OK    python: ")) }
    }

    @Test(
        "a model that answers is fine, with JSON where it gives it",
        arguments: ["openai:gpt-4.1", "gemini-2.5-flash", "anthropic:claude-opus-5-5"])
    func answers(model: String) async throws {
        let program = try Program()
        let result = try await program.mlestar(
            "doctor", "--model", model, "--state", program.state, environment: try Self.environment("ok+json"))
        #expect(result.output.contains("OK    model: "), "\(result.output)")
        #expect(result.output.contains("OK    json: structured answers come as asked"))
        #expect(result.output.contains("OK    calls: 2 made, 36 tokens, $0.0"))
        #expect(result.output.contains("OK    keys: gemini (GEMINI_API_KEY), openai (OPENAI_API_KEY)"))
    }

    @Test("a model's web search is tried when it is asked for")
    func webSearch() async throws {
        let program = try Program()
        let result = try await program.mlestar(
            "doctor", "--model", "gemini-2.5-flash", "--try-search", "--state", program.state,
            environment: try Self.environment("ok+json+searched"))
        #expect(result.output.contains("OK    web search: the model's own, 2 pages"), "\(result.output)")
    }

    @Test(
        "what is wrong with a model is said, without the key, and the exit code is 1",
        arguments: [
            ("auth", "gpt-5", "authentication: Incorrect API key provided: ***"),
            ("unknown_model", "claude-opus-9", "unknownModel: model: x"),
            ("quota", "gemini-2.5-pro", "quota: You exceeded"), ("ok", "opus", "the model 'opus' cannot be read"),
        ])
    func wrong(script: String, model: String, said: String) async throws {
        let program = try Program()
        let result = try await program.mlestar(
            "doctor", "--model", model, "--state", program.state, environment: try Self.environment(script))
        #expect(result.exitCode == 1)
        #expect(result.output.contains("MEND  model: "))
        #expect(result.output.contains(said), "\(result.output)")
        #expect(!(result.output + result.errors).contains("planted"))
    }
}

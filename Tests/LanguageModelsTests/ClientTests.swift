import Foundation
import TestKit
import Testing

@testable import LanguageModels

/// The providers' own Python clients, made by `deploy/test.sh`, check the imitation and our requests, so that both
/// cannot be wrong together.
@Suite(
    "Official clients", .timeLimit(.minutes(6)),
    .enabled(
        if: PythonServer.clients != nil,
        "the providers' Python clients are not installed: deploy/test.sh does it, or set MLESTAR_CLIENTS_PYTHON"))
struct ClientTests {
    @Test("the official clients read the imitation as it is meant")
    func imitation() async throws {
        let python = try #require(PythonServer.clients)
        let server = try Imitation.server.get()
        let (code, output) = try await PythonServer.run(
            "providers/drive_sdks.py", python: python, arguments: [server.url])
        #expect(code == 0, "\(output.suffix(3000))")
        #expect(output.contains("all checks hold"))
    }

    @Test("our requests have the types of the official clients, for every family and sort of prompt")
    func requests() async throws {
        let python = try #require(PythonServer.clients)
        let schema = AnswerSchema(
            name: "cards",
            schema: [
                "type": "object", "required": ["cards"],
                "properties": [
                    "cards": ["type": "array", "items": ["type": "object", "properties": ["n": ["type": "string"]]]]
                ],
            ])
        let prompts =
            [
                ModelPrompt(text: "hi"), ModelPrompt(system: "Be brief.", text: "hi", maximumOutputTokens: 99),
                ModelPrompt(text: "hi", temperature: 0.5), ModelPrompt(text: "hi", schema: schema),
                ModelPrompt(text: "hi", webSearch: true), ModelPrompt(text: "hi", schema: schema, webSearch: true),
            ] + ReasoningEffort.allCases.map { ModelPrompt(text: "hi", effort: $0) }
        let models: [(Door, [String])] = [
            (.gemini, ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-3.1-pro-preview", "gemini-2.0-flash"]),
            (.responses, ["gpt-4.1", "gpt-5", "gpt-6-sol", "gpt-6.2-sol", "o3"]),
            (.chat, ["gpt-4.1", "gpt-5", "gpt-4o-search-preview"]),
            (.anthropic, ["claude-opus-5-5", "claude-sonnet-4-5", "claude-sonnet-4-0", "claude-haiku-5-5"]),
            (.compatible, ["llama", "openai/gpt-5"]),
        ]
        var sent: [JSONValue] = []
        for (door, names) in models {
            let imitation = try Imitation("ok")
            let continued = try Imitation("continue+ok")
            for name in names {
                let model = try imitation.model(door, named: name)
                for prompt in prompts { _ = try await model.answer(prompt) }
            }
            sent += try await imitation.requests()
            guard [.gemini, .anthropic].contains(door) else { continue }
            _ = try await continued.model(door).answer(ModelPrompt(text: "hi", webSearch: true))
            sent += try await continued.requests()
        }
        #expect(sent.count > 200)
        let (code, output) = try await PythonServer.run(
            "providers/validate_requests.py", python: python, input: JSONValue.array(sent).text)
        #expect(code == 0, "\(output.suffix(3000))")
        #expect(output.contains("\(sent.count) requests fit"))
    }
}

import TestKit
import Testing

@testable import LanguageModels

@Suite("Capabilities", .timeLimit(.minutes(5)))
struct CapabilityTests {
    private static func profile(_ model: String, _ provider: String) -> ModelProfile {
        CapabilityTable.builtIn.profile(of: model, provider: provider)
    }

    @Test("the tables in configs are the built-in ones and can be read as a user's")
    func files() throws {
        let folder = PythonServer.fixtures + "/../../configs"
        let table = try CapabilityTable.reading("\(folder)/capabilities.yaml")
        #expect(table.profile(of: "gpt-5", provider: "openai") == Self.profile("gpt-5", "openai"))
        let prices = try PriceTable.reading("\(folder)/prices.yaml")
        let model = ModelName.model("gpt-5", of: .openAI)
        #expect(prices.price(of: model) == PriceTable.builtIn.price(of: model))
    }

    @Test(
        "temperature is left out for models that refuse it",
        arguments: [
            ("gpt-5", "openai", true), ("o3-mini", "openai", true), ("gpt-6-sol", "openai", true),
            ("gpt-4.1", "openai", false), ("claude-opus-5-5", "anthropic", true),
            ("claude-sonnet-4-5", "anthropic", true),
            ("gemini-2.5-pro", "gemini", false), ("gemini-3.1-pro-preview", "gemini", true),
            ("models/gemini-2.5-flash", "gemini", false), ("llama3.1", "compatible", false),
        ])
    func temperature(model: String, provider: String, isLeftOut: Bool) {
        #expect(Self.profile(model, provider).omitted.contains(.temperature) == isLeftOut)
    }

    @Test("an effort becomes the nearest word the model knows, rather a shorter one")
    func effort() {
        #expect(
            ReasoningEffort.allCases.map(Self.profile("gpt-5", "openai").word) == [
                "minimal", "minimal", "low", "medium", "high",
            ])
        #expect(
            ReasoningEffort.allCases.map(Self.profile("o3", "openai").word) == ["low", "low", "low", "medium", "high"])
        #expect(Self.profile("gemini-2.5-flash", "gemini").word(for: .none) == "none")
        #expect(Self.profile("gemini-2.5-pro", "gemini").word(for: .none) == "low")
    }

    @Test("a user's entries come before the built-in ones")
    func own() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "families:\n  - {provider: openai, models: [gpt-5], omit: [effort, schema], maximum_output: 99}\n",
            to: "c.yaml")
        let table = try CapabilityTable.reading("\(folder.path)/c.yaml")
        let profile = table.profile(of: "gpt-5", provider: "openai")
        #expect(profile.omitted == [.effort, .schema])
        #expect(profile.maximumOutput == 99)
        #expect(table.profile(of: "gpt-5-mini", provider: "openai") == Self.profile("gpt-5-mini", "openai"))
    }

    @Test("a wrong table is refused with every problem")
    func wrong() {
        let text = """
            families:
              - {provider: openai, models: [a], omit: [temprature], thinking: deep}
              - {models: [b], stream: maybe, size: 3}
            """
        let error = #expect(throws: ModelTableError.self) { try CapabilityTable(text, name: "c.yaml") }
        let said = error?.description ?? ""
        for part in [
            "'temprature'", "thinking is 'deep'", "provider is needed", "stream must be true or false",
            "unknown key 'size'",
        ] { #expect(said.contains(part), "\(part) in \(said)") }
        #expect(throws: ModelTableError.self) { try CapabilityTable("[1, 2]", name: "c.yaml") }
        #expect(throws: ModelTableError.self) { try CapabilityTable.reading("/nowhere.yaml") }
    }

    @Test("a schema is strict where every property is required, and closed at every object")
    func schema() {
        let open: JSONValue = [
            "type": "object", "required": ["a"], "properties": ["a": ["type": "object", "properties": [:]]],
        ]
        let (closed, isStrict) = SchemaForm.strict(open)
        #expect(isStrict)
        #expect(closed["additionalProperties"] == false)
        #expect(closed["properties"]?["a"]?["additionalProperties"] == false)
        #expect(!SchemaForm.strict(["type": "object", "properties": ["a": ["type": "string"]]]).isStrict)
    }

    @Test(
        "thinking written into an answer is cut off",
        arguments: [
            ("<think>a</think>\nb", "b"), ("\n<think>a", ""), ("a</think>b", "b"),
            ("x <think>y</think> z", "x <think>y</think> z"),
            ("plain", "plain"), ("", ""),
        ])
    func thinking(text: String, kept: String) { #expect(AnswerDraft.withoutThinking(text) == kept) }
}

import Testing

@testable import LanguageModels

@Suite("Model names", .timeLimit(.minutes(5)))
struct ModelNameTests {
    @Test(
        "a name is read with its provider",
        arguments: [
            ("playbook", ModelName.playbook),
            ("gemini-2.5-pro", .model("gemini-2.5-pro", of: .gemini)),
            ("gemini:models/x", .model("models/x", of: .gemini)),
            ("gpt-5", .model("gpt-5", of: .openAI)),
            ("o4-mini", .model("o4-mini", of: .openAI)),
            ("openai:ft:gpt-4o:me", .model("ft:gpt-4o:me", of: .openAI)),
            ("claude-opus-5-5", .model("claude-opus-5-5", of: .anthropic)),
            ("anthropic:claude-x", .model("claude-x", of: .anthropic)),
            (
                "compatible:llama3.1:405b@http://127.0.0.1:11434/v1/",
                .model("llama3.1:405b", of: .compatible(baseURL: "http://127.0.0.1:11434/v1"))
            ),
            (
                "compatible:meta-llama/Llama-3.1-405B@https://openrouter.ai/api/v1",
                .model("meta-llama/Llama-3.1-405B", of: .compatible(baseURL: "https://openrouter.ai/api/v1"))
            ),
        ])
    func reads(text: String, name: ModelName) throws { #expect(try ModelName(text) == name) }

    @Test("what is written can be read again", arguments: ["playbook", "openai:gpt-5", "compatible:a@http://h:1/v1"])
    func roundTrip(text: String) throws { #expect(try ModelName(text).description == text) }

    @Test(
        "other names are refused with what is allowed",
        arguments: [
            "", "llama", "gemini:", "compatible:x", "compatible:@http://h/v1", "compatible:x@ftp://h", "azure:gpt-5",
            "gpt-5 turbo", "compatible:x@http://user:secret@h/v1", "opus",
        ])
    func refuses(text: String) {
        let error = #expect(throws: ModelNameError.self) { try ModelName(text) }
        #expect(error?.description.contains("compatible:NAME@URL") == true)
        #expect(error?.description.contains("secret") == false)
    }

    @Test("the first key found chooses the model and is named by its variable only")
    func firstKey() {
        #expect(ModelKeys([:]).firstModel() == nil)
        let keys = ModelKeys(["ANTHROPIC_API_KEY": "planted-key", "OPENAI_API_KEY": "planted-key"])
        #expect(keys.firstModel()?.variable == "OPENAI_API_KEY")
        #expect(keys.firstModel()?.name == .model("gpt-5", of: .openAI))
        var dumped = ""
        dump(keys, to: &dumped)
        for text in ["\(keys)", String(reflecting: keys), dumped] { #expect(!text.contains("planted-key")) }
    }
}

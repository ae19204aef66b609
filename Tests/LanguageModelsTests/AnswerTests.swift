import Synchronization
import TestKit
import Testing

@testable import LanguageModels

@Suite("Answers of providers", .timeLimit(.minutes(6)))
struct AnswerTests {
    private static let text = "Grüße, 🌍! Line\u{2028}two."

    @Test("thinking and empty parts are kept out of the answer", arguments: Door.allCases, [true, false])
    func thinking(door: Door, streams: Bool) async throws {
        var imitation = try Imitation("thinking")
        if !streams {
            imitation.settings.capabilities = try ModelSettings.whole(door.name(imitation.server).provider)
        }
        #expect(try await imitation.model(door).answer(ModelPrompt(text: "hi")).text == Self.text)
    }

    @Test("streams with comments, names and odd line ends are read", arguments: Door.allCases)
    func noise(door: Door) async throws {
        let imitation = try Imitation("noise")
        #expect(try await imitation.model(door).answer(ModelPrompt(text: "hi")).text == Self.text)
    }

    @Test("an answer that reached its longest length says so", arguments: Door.allCases)
    func length(door: Door) async throws {
        let imitation = try Imitation("length")
        #expect(try await imitation.model(door).answer(ModelPrompt(text: "hi")).stop == .maximumOutput)
    }

    @Test(
        "tokens that a server does not count are estimated and said to be",
        arguments: [Door.gemini, .chat, .compatible])
    func estimate(door: Door) async throws {
        let imitation = try Imitation("no_usage")
        let usage = try await imitation.model(door).answer(ModelPrompt(text: "hi")).usage
        #expect(usage.isEstimated && usage.input > 0 && usage.output > 0)
        #expect(imitation.ledger.bill.total.usage == usage)
    }

    @Test("pieces of an answer are told as they come", arguments: Door.allCases)
    func pieces(door: Door) async throws {
        var imitation = try Imitation("ok")
        let heard = Heard()
        imitation.settings.onText = { heard.hear($0) }
        _ = try await imitation.model(door).answer(ModelPrompt(text: "hi"))
        #expect(heard.pieces.joined() == Self.text)
        #expect(heard.pieces.count > 1)
    }

    @Test(
        "a web search gives its sources and is counted", arguments: [Door.gemini, .responses, .anthropic],
        [true, false])
    func searched(door: Door, streams: Bool) async throws {
        var imitation = try Imitation("searched")
        if !streams {
            imitation.settings.capabilities = try ModelSettings.whole(door.name(imitation.server).provider)
        }
        let answer = try await imitation.model(door).answer(ModelPrompt(text: "hi", webSearch: true))
        #expect(answer.text == Self.text)
        #expect(Set(answer.citations.map(\.url)) == ["https://example.org/a", "https://example.org/b"])
        #expect(answer.webSearches == 2)
        #expect(imitation.ledger.bill.total.webSearches == 2)
        if door == .anthropic { #expect(answer.notes == ["a web search failed: max_uses_exceeded"]) }
        let body = try #require(try await imitation.requests().first?["body"])
        #expect(body["tools"] != nil)
    }

    @Test("a model that cannot search answers without and says so")
    func cannotSearch() async throws {
        let imitation = try Imitation("ok")
        let answer = try await imitation.model(.compatible).answer(ModelPrompt(text: "hi", webSearch: true))
        #expect(answer.notes.first?.contains("cannot search the web") == true)
    }

    @Test(
        "an answer that continues is put together, and every request of it paid once",
        arguments: [Door.gemini, .anthropic])
    func continues(door: Door) async throws {
        let imitation = try Imitation("continue+ok")
        let answer = try await imitation.model(door).answer(ModelPrompt(text: "hi", webSearch: true))
        #expect(answer.text == "First half, " + Self.text)
        #expect(answer.citations.count == 2)
        #expect(answer.usage.total == 36)
        #expect(imitation.ledger.bill.total.calls == 2)
        let second = try #require(try await imitation.requests().last?["body"])
        if door == .gemini {
            #expect(second["continuationToken"] == "dG9rZW4=")
        } else {
            #expect(second["messages"]?[1]?["role"] == "assistant")
            #expect(second["messages"]?[1]?["content"]?[0]?["type"] == "server_tool_use")
            #expect(second["messages"]?[1]?["content"]?[0]?["input"]?["query"] == "one")
        }
    }

    @Test("an answer that never ends is given up")
    func endless() async throws {
        let imitation = try Imitation("continue")
        let error = await imitation.error(try imitation.model(.gemini), ModelPrompt(text: "hi"))
        #expect(error?.code == .malformedAnswer)
        #expect(try await imitation.requests().count == 8)
    }

    @Test("a parameter that the model refuses is left out, once for all", arguments: Door.allCases)
    func refusedParameter(door: Door) async throws {
        var imitation = try Imitation("refused_parameter+ok")
        imitation.settings.capabilities = try CapabilityTable(
            "families:\n  - {provider: \(door.name(imitation.server).provider), models: ['*']}", name: "test")
        let model = try imitation.model(door)
        let prompt = ModelPrompt(text: "hi", temperature: 0.2)
        let answer = try await model.answer(prompt)
        #expect(answer.notes.contains { $0.contains("does not take temperature") })
        _ = try await model.answer(prompt)
        let sent = try await imitation.requests().map {
            ($0["body"]?["temperature"] ?? $0["body"]?["generationConfig"]?["temperature"])?.number
        }
        #expect(sent == [0.2, nil, nil])
        #expect(imitation.ledger.bill.total.calls == 2)
    }

    @Test(
        "the parameter that a complaint is about is found",
        arguments: [
            ("Unsupported value: 'temperature' does not support 0.2", "temperature", ModelParameter.temperature),
            ("The following tools cannot be used with reasoning.effort 'minimal': web_search.", "tools", .effort),
            ("output_config.format: Extra inputs are not permitted", nil, .schema),
            ("max_tokens: 99999 > 8192, which is the maximum allowed number of output tokens", nil, .maximumOutput),
            ("Search as tool is not supported for this model", nil, .webSearch),
            ("Tool use with a response mime type: 'application/json' is unsupported", nil, .schema),
            ("messages: at least one message is required", nil, nil),
        ] as [(String, String?, ModelParameter?)])
    func namedParameter(message: String, parameter: String?, refused: ModelParameter?) {
        #expect(Diagnosis.refusedParameter(message, parameter: parameter) == refused)
    }

    @Test("a structured answer by a tool is the tool's input; by a schema it is the text")
    func structured() async throws {
        let schema = AnswerSchema(
            name: "answer",
            schema: ["type": "object", "properties": ["name": ["type": "string"], "score": ["type": "number"]]])
        let tool = try Imitation("tool")
        let answer = try await tool.model(.anthropic, named: "claude-sonnet-4-0")
            .answer(ModelPrompt(text: "hi", schema: schema))
        #expect(JSONValue(parsing: answer.text) == ["name": "x", "score": 1])
        #expect(try await tool.requests().first?["body"]?["tool_choice"]?["name"] == "answer")
        for door in Door.allCases {
            let imitation = try Imitation("json")
            let answer = try await imitation.model(door).answer(ModelPrompt(text: "hi", schema: schema))
            #expect(JSONValue(parsing: answer.text) == ["name": "x", "ready": true, "score": 1])
        }
    }

    @Test("a fallback answers where the first model cannot, and says why")
    func fallback() async throws {
        var imitation = try Imitation("quota")
        imitation.settings.fallback = .model("llama", of: .compatible(baseURL: "\(imitation.server.url)/v1"))
        imitation.variables["MLESTAR_COMPATIBLE_KEY"] = imitation.key.replacing("quota", with: "ok")
        let answer = try await imitation.model(.gemini).answer(ModelPrompt(text: "hi"))
        #expect(answer.notes.first?.contains("quota") == true)
        #expect(imitation.ledger.bill.byModel.keys.allSatisfy { $0.hasPrefix("compatible:") })
        // A wrong key is the user's to mend, not to be papered over.
        var wrong = try Imitation("auth")
        wrong.settings.fallback = imitation.settings.fallback
        #expect(await wrong.error(try wrong.model(.gemini), ModelPrompt(text: "hi"))?.code == .authentication)
    }

    @Test("models that use one key share its limits, others do not")
    func sharedLimits() async throws {
        var imitation = try Imitation("ok")
        imitation.settings.limits.requestsPerMinute = 1
        imitation.variables["ANTHROPIC_API_KEY"] = imitation.key + "other"
        let factory = imitation.factory(.responses)
        let prompt = ModelPrompt(text: "hi")
        _ = try await factory.model(.model("gpt-4.1", of: .openAI)).answer(prompt)
        _ = try await factory.model(.model("claude-opus-5-5", of: .anthropic)).answer(prompt)
        #expect(imitation.clock.slept.isEmpty)
        _ = try await factory.model(.model("gpt-5", of: .openAI)).answer(prompt)
        #expect(imitation.clock.slept == [.seconds(60)])
    }

    @Test("a rate limit told to one call holds the key's other calls back")
    func heldBack() async throws {
        let imitation = try Imitation("rate_hint+ok")
        let factory = imitation.factory(.anthropic)
        let model = try factory.model(.model("claude-opus-5-5", of: .anthropic))
        _ = try await model.answer(ModelPrompt(text: "hi"))
        // The hold ends with the wait: nobody waits twice.
        _ = try await model.answer(ModelPrompt(text: "hi"))
        #expect(imitation.clock.slept == [.seconds(17.5)])
    }

    @Test("a cancelled call ends at once and leaves nothing reserved", arguments: ["slow", "stall"])
    func cancels(script: String) async throws {
        var imitation = try Imitation(script)
        imitation.settings.idleTimeout = .seconds(60)
        let corner = imitation
        let model = try imitation.model(.anthropic)
        let asking = Task { await corner.error(model, ModelPrompt(text: "hi")) }
        while try await imitation.requests().isEmpty { await Task.yield() }
        asking.cancel()
        #expect(await asking.value?.code == .cancelled)
        #expect(imitation.ledger.reserved.tokens == 0)
    }

    @Test("a budget that a call may pass refuses it before anything is sent")
    func budget() async throws {
        let ledger = Ledger(prices: .builtIn, moneyCap: Money(dollars: 0.001))
        let imitation = try Imitation("ok", ledger: ledger)
        let error = await imitation.error(try imitation.model(.anthropic), ModelPrompt(text: "hi"))
        #expect(error?.code == .budget)
        #expect(try await imitation.requests().isEmpty)
        let small = ModelPrompt(text: "hi", maximumOutputTokens: 40)
        let enough = try Imitation("ok", ledger: Ledger(prices: .builtIn, moneyCap: Money(dollars: 0.01)))
        let answer = try await enough.model(.anthropic).answer(small)
        // 7 fresh tokens at $4, 4 cached at $0.20, 7 written at $20 per million.
        #expect(answer.cost == Money(dollars: (7 * 4 + 4 * 0.2 + 7 * 20) / 1e6))
    }

    @Test("real calls at once never pass the cap")
    func capUnderConcurrency() async throws {
        let cap = Money(dollars: 0.012)
        let ledger = Ledger(prices: .builtIn, moneyCap: cap)
        var imitation = try Imitation("ok", ledger: ledger)
        imitation.settings.limits.callsInFlight = 16
        let model = try imitation.model(.anthropic)
        let corner = imitation
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    let error = await corner.error(model, ModelPrompt(text: "hi", maximumOutputTokens: 200))
                    #expect(error == nil || error?.code == .budget)
                    #expect(ledger.exposure <= cap)
                }
            }
        }
        #expect(ledger.bill.total.cost <= cap)
        #expect(ledger.bill.total.calls == (try await imitation.requests().count))
        #expect(ledger.bill.total.calls > 10)
    }

    @Test("the planted key is in no answer, error, note or description", arguments: Door.allCases)
    func secrets(door: Door) async throws {
        let imitation = try Imitation("echo")
        let answer = try await imitation.model(door).answer(ModelPrompt(text: "hi"))
        #expect(answer.text == "Your key is ***.")
        let wrong = try Imitation("auth")
        let error = try #require(await wrong.error(try wrong.model(door), ModelPrompt(text: "hi")))
        var dumped = ""
        dump(answer, to: &dumped)
        dump(error, to: &dumped)
        dump(wrong.factory(door), to: &dumped)
        dump(try wrong.model(door), to: &dumped)
        #expect(!dumped.contains("planted"))
        let requests = try await wrong.requests()
        #expect(requests.count == 1)
        #expect(requests[0]["path"]?.string?.contains("planted") == false)
    }

    @Test("without a key the error names the variables", arguments: [Door.gemini, .responses, .anthropic])
    func noKey(door: Door) throws {
        let imitation = try Imitation("ok")
        let factory = LanguageModelFactory(keys: ModelKeys([:]), ledger: imitation.ledger, http: imitation.http)
        let error = #expect(throws: ModelError.self) { try factory.model(door.name(imitation.server)) }
        #expect(error?.code == .authentication)
        #expect(error?.message.contains(door.variable) == true)
    }
}

final class Heard: Sendable {
    private let heard = Mutex<[String]>([])
    func hear(_ text: String) { heard.withLock { $0.append(text) } }
    var pieces: [String] { heard.withLock { $0 } }
}

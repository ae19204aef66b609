import Testing

@testable import LanguageModels

/// What a script of faults must lead to, at every provider.
struct Case: Sendable, CustomTestStringConvertible {
    let script: String
    /// `nil`: an answer.
    let code: ModelError.Code?
    let requests: Int
    /// Calls that are charged, streamed and whole.
    var charged = (streamed: 0, whole: 0)
    /// Longest wait.
    var wait: ClosedRange<Double>?
    var testDescription: String { script }

    init(
        _ script: String, _ code: ModelError.Code?, requests: Int = 1, charged: Int = 0, whole: Int? = nil,
        wait: ClosedRange<Double>? = nil
    ) {
        self.script = script
        self.code = code
        self.requests = requests
        self.charged = (charged, whole ?? charged)
        self.wait = wait
    }
}

@Suite("Faults of providers", .timeLimit(.minutes(6)))
struct FaultTests {
    static let cases: [Case] = [
        Case("ok", nil, charged: 1),
        Case("whole", nil, charged: 1), Case("linger", nil, charged: 1),
        Case("rate+ok", nil, requests: 2, charged: 1, wait: 0.75...1.25),
        Case("rate_hint+ok", nil, requests: 2, charged: 1, wait: 17.5...17.5),
        Case("rate", .rate, requests: 5, wait: 6...10),
        Case("quota", .quota), Case("credit", .quota), Case("auth", .authentication),
        Case("unknown_model", .unknownModel), Case("bad_request", .badRequest), Case("context", .contextLength),
        Case("e500+e503+e529+ok", nil, requests: 4, charged: 1, wait: 3...5),
        Case("e503", .overloaded, requests: 5), Case("e529", .overloaded, requests: 5),
        Case("e504+ok", nil, requests: 2, charged: 1), Case("html_502+ok", nil, requests: 2, charged: 1),
        Case("inside+ok", nil, requests: 2, charged: 1), Case("inside", .overloaded, requests: 5),
        Case("inside_later+ok", nil, requests: 2, charged: 2, whole: 1), Case("inside_context", .contextLength),
        Case("drop+ok", nil, requests: 2, charged: 2, whole: 1),
        Case("drop", .network, requests: 5, charged: 5, whole: 0),
        Case("early_end+ok", nil, requests: 2, charged: 2, whole: 1),
        Case("early_end", .malformedAnswer, requests: 2, charged: 2, whole: 0),
        Case("truncated_json", .malformedAnswer, requests: 2, charged: 0),
        Case("slow+ok", nil, requests: 2, charged: 2), Case("stall+ok", nil, requests: 2, charged: 2),
        Case("html", .malformedAnswer, requests: 2), Case("empty", .malformedAnswer, requests: 2),
        Case("empty_parts", .malformedAnswer, requests: 2, charged: 2),
        Case("thought_only", .malformedAnswer, requests: 2, charged: 2),
        Case("refusal", .contentFilter, charged: 1), Case("filter", .contentFilter, charged: 1),
        Case("tool", .malformedAnswer, requests: 2, charged: 2), Case("redirect", .badRequest),
    ]

    @Test("every fault ends as it should, streamed", arguments: Door.allCases, cases)
    func streamed(door: Door, expected: Case) async throws {
        try await check(try Imitation(expected.script), door, expected, charged: expected.charged.streamed)
    }

    @Test("every fault ends as it should, answered whole", arguments: Door.allCases, cases)
    func whole(door: Door, expected: Case) async throws {
        var imitation = try Imitation(expected.script)
        let provider = door.name(imitation.server).provider
        imitation.settings.capabilities = try ModelSettings.whole(provider)
        // A server that goes silent in the middle of a whole answer is one that never begins.
        try await check(imitation, door, expected, charged: expected.charged.whole)
    }

    private func check(_ imitation: Imitation, _ door: Door, _ expected: Case, charged: Int) async throws {
        let model = try imitation.model(door)
        var answer: ModelAnswer?
        var failure: ModelError?
        do throws(ModelError) { answer = try await model.answer(ModelPrompt(text: "hi", label: "coder")) } catch {
            failure = error
        }
        #expect(failure?.code == expected.code, "\(String(describing: failure))")
        let requests = try await imitation.requests()
        #expect(requests.count == expected.requests)
        if let answer {
            #expect(answer.text == "Grüße, 🌍! Line\u{2028}two.")
            #expect(answer.stop == .end)
            #expect(answer.requestIdentifier == "req_1")
        }
        if let failure {
            #expect(failure.provider == door.name(imitation.server).provider)
            #expect(failure.message.count > 30)
            #expect(!"\(failure)".contains("planted"), "the key is in \(failure)")
        }
        if let wait = expected.wait {
            let longest = try #require(imitation.clock.slept.max())
            #expect(longest >= .seconds(wait.lowerBound) && longest <= .seconds(wait.upperBound))
        }
        // Everything is settled, each call once.
        #expect(imitation.ledger.reserved.tokens == 0)
        let bill = imitation.ledger.bill
        #expect(bill.total.calls == charged, "\(bill.total)")
        #expect(bill.byLabel["coder"]?.calls ?? 0 == charged)
        if let answer, charged == 1 {
            #expect(answer.usage == TokenUsage(input: 11, output: 7, reasoning: 3, cached: 4))
        }
        if let answer { #expect(answer.usage == bill.total.usage) }
    }

    @Test("a day used up is quota although a delay of seconds comes with it")
    func day() async throws {
        let imitation = try Imitation("quota")
        let error = await imitation.error(try imitation.model(.gemini), ModelPrompt(text: "hi"))
        #expect(error?.code == .quota)
        #expect(error?.pausesRun == true)
        #expect(imitation.clock.slept.isEmpty)
    }

    @Test(
        "the shapes of servers that took Chat Completions over are understood",
        arguments: [
            ("vllm_context", ModelError.Code.contextLength), ("llama_context", .contextLength),
            ("ollama_model", .unknownModel), ("router_credit", .quota), ("router_moderation", .contentFilter),
        ])
    func compatible(fault: String, code: ModelError.Code) async throws {
        let imitation = try Imitation(fault)
        let error = await imitation.error(try imitation.model(.compatible), ModelPrompt(text: "hi"))
        #expect(error?.code == code)
    }

    @Test("a server that is still loading its model is waited for")
    func loading() async throws {
        let imitation = try Imitation("llama_loading+llama_loading+ok")
        #expect(try await imitation.model(.compatible).answer(ModelPrompt(text: "hi")).stop == .end)
    }

    @Test("Gemini's blocked prompt and arrays are understood")
    func geminiOnly() async throws {
        let blocked = try Imitation("blocked")
        let error = await blocked.error(try blocked.model(.gemini), ModelPrompt(text: "hi"))
        #expect(error?.code == .contentFilter)
        let array = try Imitation("array")
        #expect(try await array.model(.gemini).answer(ModelPrompt(text: "hi")).text.hasPrefix("Grüße"))
    }

    @Test("nobody listening is a network error")
    func nobody() async throws {
        var imitation = try Imitation("ok")
        imitation.variables["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:1"
        let error = await imitation.error(try imitation.model(.anthropic), ModelPrompt(text: "hi"))
        #expect(error?.code == .network)
        #expect(imitation.clock.slept.count == 4)
        #expect(imitation.ledger.bill.total.calls == 0)
    }
}

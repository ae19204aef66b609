import HTTP

/// Anthropic's Messages API, version 2026-10-21.
struct AnthropicDialect: Dialect {
    let provider = "anthropic"
    let model: String
    /// Without `/v1`.
    let baseURL: String
    let key: Secret
    /// The API version, as a date.
    var version = "2026-10-21"

    var secrets: [Secret] { [key] }

    /// Web searches one call may make.
    static let searchLimit = 5

    func url(for form: CallForm) -> String { baseURL + "/v1/messages" }

    func headers() async throws(ModelError) -> [(name: String, value: String)] {
        [("authorization", "Bearer \(key.reveal())"), ("anthropic-version", version)]
    }

    func body(_ prompt: ModelPrompt, _ form: CallForm) -> JSONValue {
        var messages: [JSONValue] = [["role": "user", "content": .string(prompt.text)]]
        if let begun = form.continuation { messages.append(["role": "assistant", "content": begun]) }
        var body: [String: JSONValue] = [
            "model": .string(model), "messages": .array(messages),
            // Needed by the protocol, whatever the table says.
            "max_tokens": .number(Double(form.maximumOutput(prompt) ?? 8192)),
        ]
        if form.streams { body["stream"] = true }
        if !prompt.system.isEmpty { body["system"] = .string(prompt.system) }
        if let temperature = form.temperature(prompt) { body["temperature"] = .number(temperature) }
        var output: [String: JSONValue] = [:]
        if let effort = form.effort(prompt) { output["effort"] = .string(effort) }
        var tools: [JSONValue] = []
        if form.searches(prompt) {
            tools.append([
                "type": "web_search_20250305", "name": "web_search", "max_uses": .number(Double(Self.searchLimit)),
            ])
        }
        if let schema = form.schema(prompt) {
            let (strict, _) = SchemaForm.strict(schema.schema)
            if form.profile.schema == .toolCall {
                tools.append([
                    "name": .string(schema.name), "description": "Gives the answer.", "input_schema": strict,
                ])
                body["tool_choice"] = ["type": "tool", "name": .string(schema.name)]
            } else {
                output["format"] = ["type": "json_schema", "schema": strict]
            }
        }
        if !output.isEmpty { body["output_config"] = .object(output) }
        if !tools.isEmpty { body["tools"] = .array(tools) }
        return .object(body)
    }

    func reader(_ prompt: ModelPrompt, _ form: CallForm) -> any AnswerReader {
        AnthropicReader(answersByTool: form.profile.schema == .toolCall && form.schema(prompt) != nil)
    }

    func diagnosis(of error: JSONValue, status: Int) -> Diagnosis {
        // The envelope may come along: {"type": "error", "error": {…}}.
        let error = error["error"] ?? error
        let message = Diagnosis.message(in: error)
        let detail = error["details"]?["error_code"]?.string ?? ""
        let lower = message.lowercased()
        if Diagnosis.isContextOverflow(message, code: "") { return Diagnosis(.contextLength, message) }
        if detail.hasSuffix("_spend_limit_reached") { return Diagnosis(.quota, message) }
        switch error["type"]?.string ?? "" {
        case "authentication_error", "permission_error": return Diagnosis(.authentication, message)
        case "billing_error": return Diagnosis(.quota, message)
        case "rate_limit_error": return Diagnosis(.rate, message)
        case "overloaded_error", "api_error": return Diagnosis(.overloaded, message)
        case "timeout_error": return Diagnosis(.timeout, message)
        case "not_found_error": return Diagnosis(.unknownModel, message)
        case "request_too_large": return Diagnosis(.contextLength, message)
        case "invalid_request_error":
            if ["spend limit", "usage limit", "credit balance"].contains(where: lower.contains) {
                return Diagnosis(.quota, message)
            }
            return Diagnosis(.badRequest, message, refused: Diagnosis.refusedParameter(message, parameter: nil))
        default: return Diagnosis(status == 200 ? .malformedAnswer : Diagnosis.code(ofStatus: status), message)
        }
    }
}

/// Reads a message, whole or as named events.
struct AnthropicReader: AnswerReader {
    private(set) var draft = AnswerDraft()
    var isComplete: Bool { draft.ending != .none }
    private var blocks: [Int: JSONValue] = [:]
    /// What deltas added, by block and member; `partial_json` is the text of a tool's input.
    private var pieces: [Int: [String: String]] = [:]
    private var citations: [Int: [JSONValue]] = [:]
    private var stopReason: JSONValue = .null
    private var stopDetails: JSONValue = .null
    /// Whether the form of the answer was given as a tool.
    private let answersByTool: Bool

    init(answersByTool: Bool) { self.answersByTool = answersByTool }

    mutating func takeWhole(_ answer: JSONValue) {
        if let error = Diagnosis.error(in: answer) { draft.error = error }
        begin(answer)
        for (index, block) in (answer["content"]?.elements ?? []).enumerated() { blocks[index] = block }
        stop(answer)
        finish()
    }

    mutating func take(_ event: JSONValue) {
        switch event["type"]?.string ?? "" {
        case "message_start": if let message = event["message"] { begin(message) }
        case "content_block_start":
            if let index = event["index"]?.whole, let block = event["content_block"] {
                blocks[index] = block
                if block["type"]?.string == "text" { draft.text += block["text"]?.string ?? "" }
            }
        case "content_block_delta":
            if let index = event["index"]?.whole, let delta = event["delta"] { change(index, delta) }
        case "message_delta":
            if let delta = event["delta"] { stop(delta) }
            if let usage = event["usage"] { count(usage) }
        case "message_stop": finish()
        case "error": draft.error = event["error"] ?? event
        default: if let error = Diagnosis.error(in: event) { draft.error = error }
        }
    }

    private mutating func begin(_ message: JSONValue) {
        draft.model = message["model"]?.string ?? draft.model
        draft.identifier = message["id"]?.string ?? draft.identifier
        if let usage = message["usage"] { count(usage) }
    }

    private mutating func stop(_ message: JSONValue) {
        if let reason = message["stop_reason"], reason != .null { stopReason = reason }
        if let details = message["stop_details"], details != .null { stopDetails = details }
    }

    /// Counts are of the whole answer so far: a later one replaces an earlier one.
    private mutating func count(_ usage: JSONValue) {
        var counted = draft.usage ?? TokenUsage()
        if let fresh = usage["input_tokens"]?.whole {
            let cached = usage["cache_read_input_tokens"]?.whole ?? 0
            counted.cached = cached
            counted.input = fresh + cached + (usage["cache_creation_input_tokens"]?.whole ?? 0)
        }
        if let output = usage["output_tokens"]?.whole { counted.output = output }
        if let thinking = usage["output_tokens_details"]?["thinking_tokens"]?.whole { counted.reasoning = thinking }
        if let searches = usage["server_tool_use"]?["web_search_requests"]?.whole { draft.webSearches = searches }
        draft.usage = counted
    }

    /// Pieces are added to where they stand: an answer may come in tens of thousands of them.
    private mutating func change(_ index: Int, _ delta: JSONValue) {
        switch delta["type"]?.string ?? "" {
        case "text_delta": draft.text += add("text", of: delta, to: index)
        case "thinking_delta": _ = add("thinking", of: delta, to: index)
        case "signature_delta": _ = add("signature", of: delta, to: index)
        case "input_json_delta": _ = add("partial_json", of: delta, to: index)
        case "citations_delta": if let citation = delta["citation"] { citations[index, default: []].append(citation) }
        default: break
        }
    }

    private mutating func add(_ name: String, of delta: JSONValue, to index: Int) -> String {
        let piece = delta[name]?.string ?? ""
        pieces[index, default: [:]][name, default: ""] += piece
        return piece
    }

    /// The blocks with their pieces put in.
    private var ordered: [JSONValue] {
        blocks.keys.sorted().compactMap { index in
            guard case .object(var block) = blocks[index] else { return nil }
            for (name, text) in pieces[index] ?? [:] {
                if name == "partial_json" {
                    block["input"] = JSONValue(parsing: text) ?? .object([:])
                } else {
                    block[name] = .string((block[name]?.string ?? "") + text)
                }
            }
            if let citations = citations[index] {
                block["citations"] = .array((block["citations"]?.elements ?? []) + citations)
            }
            return .object(block)
        }
    }

    private mutating func finish() {
        let content = ordered
        draft.text = content.filter { $0["type"]?.string == "text" }.compactMap { $0["text"]?.string }.joined()
        for block in content { read(block) }
        switch stopReason.string ?? "" {
        case "end_turn", "stop_sequence": draft.ending = .end
        case "tool_use":
            draft.calledTool = true
            if answersByTool, let call = content.last(where: { $0["type"]?.string == "tool_use" }) {
                draft.text = call["input"]?.text ?? ""
            }
            draft.ending = .end
        case "max_tokens": draft.ending = .maximumOutput
        case "pause_turn": draft.ending = .continues(.array(content))
        case "refusal":
            let words = stopDetails["explanation"]?.string ?? stopDetails["category"]?.string ?? "without a reason"
            draft.ending = .failed(.contentFilter, "the model refused: \(words)")
        case "model_context_window_exceeded":
            draft.ending = .failed(.contextLength, "prompt and answer together are longer than the model's context")
        case "": draft.ending = .none
        case let other: draft.ending = .failed(.malformedAnswer, "the answer ended with \(other)")
        }
    }

    private mutating func read(_ block: JSONValue) {
        switch block["type"]?.string ?? "" {
        case "text":
            for citation in block["citations"]?.elements ?? [] {
                draft.cite(citation["url"]?.string, citation["title"]?.string)
            }
        case "web_search_tool_result":
            if let code = block["content"]?["error_code"]?.string { draft.notes.append("a web search failed: \(code)") }
            for result in block["content"]?.elements ?? [] {
                draft.cite(result["url"]?.string, result["title"]?.string)
            }
        default: break
        }
    }
}

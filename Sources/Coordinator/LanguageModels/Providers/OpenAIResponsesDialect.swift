import HTTP

/// OpenAI's Responses API.
struct OpenAIResponsesDialect: Dialect {
    let provider = "openai"
    let model: String
    /// With `/v1`.
    let baseURL: String
    let key: Secret
    let organization: String?
    let project: String?

    var secrets: [Secret] { [key] }

    func url(for form: CallForm) -> String { baseURL + "/responses" }

    func headers() async throws(ModelError) -> [(name: String, value: String)] {
        var headers = [(name: "authorization", value: "Bearer \(key.reveal())")]
        if let organization { headers.append(("OpenAI-Organization", organization)) }
        if let project { headers.append(("OpenAI-Project", project)) }
        return headers
    }

    func body(_ prompt: ModelPrompt, _ form: CallForm) -> JSONValue {
        var body: [String: JSONValue] = [
            "model": .string(model), "input": .string(prompt.text),
            // Nothing is kept at the provider.
            "store": false,
        ]
        if form.streams { body["stream"] = true }
        if !prompt.system.isEmpty { body["instructions"] = .string(prompt.system) }
        if let temperature = form.temperature(prompt) { body["temperature"] = .number(temperature) }
        if let most = form.maximumOutput(prompt) { body["max_output_tokens"] = .number(Double(most)) }
        if let effort = form.effort(prompt) { body["reasoning"] = ["effort": .string(effort)] }
        if let schema = form.schema(prompt) {
            let (form, isStrict) = SchemaForm.strict(schema.schema)
            body["text"] = [
                "format": [
                    "type": "json_schema", "name": .string(schema.name), "schema": form, "strict": .bool(isStrict),
                ]
            ]
        }
        if form.searches(prompt) {
            body["tools"] = [["type": "web_search"]]
            body["include"] = ["web_search_call.action.sources"]
        }
        return .object(body)
    }

    func reader(_ prompt: ModelPrompt, _ form: CallForm) -> any AnswerReader { OpenAIResponsesReader() }

    func diagnosis(of error: JSONValue, status: Int) -> Diagnosis {
        Diagnosis.chat(error["error"] ?? error, status: status)
    }
}

/// Reads a response, whole or as events that end with the whole.
struct OpenAIResponsesReader: AnswerReader {
    private(set) var draft = AnswerDraft()
    var isComplete: Bool { draft.ending != .none }

    mutating func take(_ event: JSONValue) {
        switch event["type"]?.string ?? "" {
        case "response.output_text.delta": draft.text += event["delta"]?.string ?? ""
        case "response.refusal.delta": draft.refusal = (draft.refusal ?? "") + (event["delta"]?.string ?? "")
        case "response.output_text.annotation.added": cite(event["annotation"])
        case "response.completed", "response.incomplete", "response.failed":
            if let response = event["response"] { takeWhole(response) }
        case "response.created":
            draft.model = event["response"]?["model"]?.string ?? draft.model
            draft.identifier = event["response"]?["id"]?.string
        case "error": draft.error = event["error"] ?? event
        default: if let error = Diagnosis.error(in: event) { draft.error = error }
        }
    }

    mutating func takeWhole(_ answer: JSONValue) {
        if let error = answer["error"], error != .null { draft.error = error }
        draft.model = answer["model"]?.string ?? draft.model
        draft.identifier = answer["id"]?.string ?? draft.identifier
        if let usage = answer["usage"], usage != .null {
            draft.usage = TokenUsage(
                input: usage["input_tokens"]?.whole ?? 0, output: usage["output_tokens"]?.whole ?? 0,
                reasoning: usage["output_tokens_details"]?["reasoning_tokens"]?.whole ?? 0,
                cached: usage["input_tokens_details"]?["cached_tokens"]?.whole ?? 0)
        }
        // The whole says what counts; without it the pieces stand.
        if let output = answer["output"]?.elements, !output.isEmpty {
            draft.text = ""
            for item in output { read(item) }
        }
        draft.webSearches = answer["tool_usage"]?["web_search"]?["num_requests"]?.whole ?? draft.webSearches
        end(answer)
    }

    private mutating func read(_ item: JSONValue) {
        switch item["type"]?.string ?? "" {
        case "message" where item["phase"]?.string != "commentary":
            for part in item["content"]?.elements ?? [] {
                draft.text += part["text"]?.string ?? ""
                if let refusal = part["refusal"]?.string { draft.refusal = refusal }
                for annotation in part["annotations"]?.elements ?? [] { cite(annotation) }
            }
        case "web_search_call":
            draft.webSearches += 1
            for source in item["action"]?["sources"]?.elements ?? [] { cite(source) }
        case "function_call": draft.calledTool = true
        default: break
        }
    }

    private mutating func cite(_ annotation: JSONValue?) {
        draft.cite(annotation?["url"]?.string, annotation?["title"]?.string)
    }

    private mutating func end(_ answer: JSONValue) {
        switch answer["status"]?.string ?? "" {
        case "completed": draft.ending = .end
        case "incomplete":
            switch answer["incomplete_details"]?["reason"]?.string ?? "" {
            case "max_output_tokens": draft.ending = .maximumOutput
            case "content_filter":
                draft.ending = .failed(.contentFilter, "the answer was cut off by the content filter")
            case let reason: draft.ending = .failed(.malformedAnswer, "the answer is incomplete: \(reason)")
            }
        case "failed" where draft.error == nil, "cancelled":
            draft.ending = .failed(.malformedAnswer, "the answer failed without a reason")
        default: break
        }
    }
}

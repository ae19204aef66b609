import Foundation
import HTTP

/// Chat Completions, as OpenAI and the many servers that took it over speak it.
struct ChatDialect: Dialect {
    let provider: String
    let model: String
    /// With `/v1`.
    let baseURL: String
    let key: Secret?
    /// OpenAI itself has newer names for the system role and for the longest answer.
    let isOpenAI: Bool
    var organization: String?
    var project: String?

    var secrets: [Secret] { key.map { [$0] } ?? [] }

    func url(for form: CallForm) -> String { baseURL + "/chat/completions" }

    func headers() async throws(ModelError) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if let key { headers.append(("authorization", "Bearer \(key.reveal())")) }
        if let organization { headers.append(("OpenAI-Organization", organization)) }
        if let project { headers.append(("OpenAI-Project", project)) }
        return headers
    }

    private var isOpenRouter: Bool { URLComponents(string: baseURL)?.host?.hasSuffix("openrouter.ai") == true }

    /// Whether this server has a web search at all.
    var canSearch: Bool { isOpenRouter || isOpenAI && model.contains("search") }

    func body(_ prompt: ModelPrompt, _ form: CallForm) -> JSONValue {
        var messages: [JSONValue] = []
        if !prompt.system.isEmpty {
            messages.append(["role": isOpenAI ? "developer" : "system", "content": .string(prompt.system)])
        }
        messages.append(["role": "user", "content": .string(prompt.text)])
        var body: [String: JSONValue] = ["model": .string(model), "messages": .array(messages)]
        if form.streams {
            body["stream"] = true
            body["stream_options"] = ["include_usage": true]
        }
        if let temperature = form.temperature(prompt) { body["temperature"] = .number(temperature) }
        if let most = form.maximumOutput(prompt) {
            body[isOpenAI ? "max_completion_tokens" : "max_tokens"] = .number(Double(most))
        }
        if let effort = form.effort(prompt) { body["reasoning_effort"] = .string(effort) }
        if let schema = form.schema(prompt) { body["response_format"] = responseFormat(schema, form) }
        if form.searches(prompt) {
            if isOpenRouter { body["plugins"] = [["id": "web"]] } else if canSearch { body["web_search_options"] = [:] }
        }
        return .object(body)
    }

    private func responseFormat(_ schema: AnswerSchema, _ form: CallForm) -> JSONValue {
        guard form.profile.schema != .jsonObject else { return ["type": "json_object"] }
        let (strict, isStrict) = SchemaForm.strict(schema.schema)
        return [
            "type": "json_schema",
            "json_schema": ["name": .string(schema.name), "schema": strict, "strict": .bool(isStrict)],
        ]
    }

    func reader(_ prompt: ModelPrompt, _ form: CallForm) -> any AnswerReader { ChatReader() }

    func diagnosis(of error: JSONValue, status: Int) -> Diagnosis {
        var diagnosis = Diagnosis.chat(error, status: status)
        // OpenRouter: credit is short only while other calls are under way.
        if diagnosis.code == .quota, error["metadata"]?["limit_source"]?.string == "openrouter_in_flight_budget" {
            diagnosis.code = .rate
        }
        return diagnosis
    }
}

/// Reads a chat completion, whole or in chunks.
struct ChatReader: AnswerReader {
    private(set) var draft = AnswerDraft()

    mutating func takeWhole(_ answer: JSONValue) {
        readHead(answer)
        guard let choice = answer["choices"]?[0] else { return }
        if let message = choice["message"] { read(message) }
        end(choice["finish_reason"]?.string)
    }

    mutating func take(_ event: JSONValue) {
        readHead(event)
        guard let choice = event["choices"]?[0] else { return }
        if let delta = choice["delta"] { read(delta) }
        end(choice["finish_reason"]?.string)
    }

    private mutating func readHead(_ answer: JSONValue) {
        if let error = Diagnosis.error(in: answer) { draft.error = error }
        draft.model = answer["model"]?.string ?? draft.model
        draft.identifier = answer["id"]?.string ?? draft.identifier
        guard let usage = answer["usage"], usage != .null else { return }
        draft.usage = TokenUsage(
            input: usage["prompt_tokens"]?.whole ?? 0, output: usage["completion_tokens"]?.whole ?? 0,
            reasoning: usage["completion_tokens_details"]?["reasoning_tokens"]?.whole ?? 0,
            cached: usage["prompt_tokens_details"]?["cached_tokens"]?.whole ?? 0)
    }

    /// A message or a piece of one; thinking has fields of its own that are not read.
    private mutating func read(_ message: JSONValue) {
        draft.text += message["content"]?.string ?? ""
        if let refusal = message["refusal"]?.string { draft.refusal = (draft.refusal ?? "") + refusal }
        if message["tool_calls"]?.elements?.isEmpty == false { draft.calledTool = true }
        for annotation in message["annotations"]?.elements ?? [] {
            draft.cite(annotation["url_citation"]?["url"]?.string, annotation["url_citation"]?["title"]?.string)
        }
    }

    private mutating func end(_ reason: String?) {
        switch reason {
        case nil: break
        case "length": draft.ending = .maximumOutput
        case "content_filter":
            draft.ending = .failed(.contentFilter, "the answer was cut off by the content filter")
        // Goes with an error object, which says more.
        case "error": if draft.error == nil { draft.ending = .failed(.overloaded, "the provider broke off the answer") }
        default: draft.ending = .end
        }
        // A searching model searched at least once.
        if !draft.citations.isEmpty { draft.webSearches = max(1, draft.webSearches) }
    }
}

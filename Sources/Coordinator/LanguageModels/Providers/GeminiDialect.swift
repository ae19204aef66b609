import HTTP

/// The Gemini Developer API and Vertex AI: `generateContent` and `streamGenerateContent`.
struct GeminiDialect: Dialect {
    let provider = "gemini"
    let model: String
    /// Up to and including the model, without the colon.
    let endpoint: String
    let credentials: GeminiCredentials

    var secrets: [Secret] { credentials.secrets }

    func url(for form: CallForm) -> String {
        endpoint + (form.streams ? ":streamGenerateContent?alt=sse" : ":generateContent")
    }

    func headers() async throws(ModelError) -> [(name: String, value: String)] { try await credentials.headers() }

    func body(_ prompt: ModelPrompt, _ form: CallForm) -> JSONValue {
        var body: [String: JSONValue] = [
            "contents": [["role": "user", "parts": [["text": .string(prompt.text)]]]]
        ]
        if !prompt.system.isEmpty { body["systemInstruction"] = ["parts": [["text": .string(prompt.system)]]] }
        if form.searches(prompt) { body["tools"] = [["googleSearch": [:]]] }
        let configuration = configuration(prompt, form)
        if !configuration.isEmpty { body["generationConfig"] = .object(configuration) }
        if let token = form.continuation { body["continuationToken"] = token }
        return .object(body)
    }

    private func configuration(_ prompt: ModelPrompt, _ form: CallForm) -> [String: JSONValue] {
        var configuration: [String: JSONValue] = [:]
        if let temperature = form.temperature(prompt) { configuration["temperature"] = .number(temperature) }
        if let most = form.maximumOutput(prompt) { configuration["maxOutputTokens"] = .number(Double(most)) }
        if let schema = form.schema(prompt) {
            configuration["responseMimeType"] = "application/json"
            configuration["responseJsonSchema"] = schema.schema
        }
        if let effort = form.effort(prompt) {
            switch form.profile.thinking {
            case .level: configuration["thinkingConfig"] = ["thinkingLevel": .string(effort.uppercased())]
            case .budget:
                let budgets = ["none": 0, "low": 2048, "medium": 8192, "high": 24576]
                configuration["thinkingConfig"] = ["thinkingBudget": .number(Double(budgets[effort] ?? -1))]
            case .none: break
            }
        }
        return configuration
    }

    func reader(_ prompt: ModelPrompt, _ form: CallForm) -> any AnswerReader { GeminiReader() }

    func diagnosis(of error: JSONValue, status: Int) -> Diagnosis {
        let message = Diagnosis.message(in: error)
        let status = status == 200 ? error["code"]?.whole ?? 200 : status
        let details = error["details"]?.elements ?? []
        let reasons = details.compactMap { $0["reason"]?.string }
        if Diagnosis.isContextOverflow(message, code: "") { return Diagnosis(.contextLength, message) }
        if reasons.contains("API_KEY_INVALID") || message.contains("API key not valid") {
            return Diagnosis(.authentication, message)
        }
        switch (status, error["status"]?.string ?? "") {
        case (429, _): return exhausted(message, details)
        case (402, _): return Diagnosis(.quota, message)
        case (400, "FAILED_PRECONDITION"): return Diagnosis(.quota, message)
        case (400, _):
            return Diagnosis(.badRequest, message, refused: Diagnosis.refusedParameter(message, parameter: nil))
        case (499, _): return Diagnosis(.overloaded, message)
        case (200, _): return Diagnosis(.malformedAnswer, message)
        default: return Diagnosis(Diagnosis.code(ofStatus: status), message)
        }
    }

    /// A used-up day and a busy minute arrive alike; only the violated limits tell them apart, and a day's comes with a
    /// delay of seconds that means nothing.
    private func exhausted(_ message: String, _ details: [JSONValue]) -> Diagnosis {
        let violations = details.flatMap { $0["violations"]?.elements ?? [] }
        let isDaily = violations.contains { $0["quotaId"]?.string?.contains("PerDay") == true }
        let isNone = violations.contains { $0["quotaValue"]?.string == "0" } || message.contains("limit: 0")
        if isDaily || isNone { return Diagnosis(.quota, message) }
        let delay = details.lazy.compactMap { $0["retryDelay"]?.string }.first.flatMap(Timestamp.goDuration)
        return Diagnosis(.rate, message, retryAfter: delay.map { .seconds($0) })
    }
}

/// Reads `GenerateContentResponse`, whole or in chunks: both have the same shape.
struct GeminiReader: AnswerReader {
    private(set) var draft = AnswerDraft()

    mutating func takeWhole(_ answer: JSONValue) { for part in answer.elements ?? [answer] { take(part) } }

    mutating func take(_ event: JSONValue) {
        if let error = Diagnosis.error(in: event) { draft.error = error }
        if let reason = event["promptFeedback"]?["blockReason"]?.string {
            draft.ending = .failed(.contentFilter, "the prompt was blocked: \(reason)")
        }
        if let usage = event["usageMetadata"] { draft.usage = Self.usage(usage) }
        if let model = event["modelVersion"]?.string { draft.model = model }
        if let identifier = event["responseId"]?.string { draft.identifier = identifier }
        guard let candidate = event["candidates"]?[0] else { return }
        for part in candidate["content"]?["parts"]?.elements ?? [] where part["thought"]?.bool != true {
            draft.text += part["text"]?.string ?? ""
            if part["functionCall"] != nil { draft.calledTool = true }
        }
        if let metadata = candidate["groundingMetadata"] {
            for chunk in metadata["groundingChunks"]?.elements ?? [] {
                draft.cite(chunk["web"]?["uri"]?.string, chunk["web"]?["title"]?.string)
            }
            draft.webSearches = max(draft.webSearches, metadata["webSearchQueries"]?.elements?.count ?? 0)
        }
        if let reason = candidate["finishReason"]?.string {
            draft.ending = Self.ending(reason, candidate["finishMessage"]?.string, event["continuationToken"])
        }
    }

    private static func usage(_ usage: JSONValue) -> TokenUsage {
        func count(_ name: String) -> Int { usage[name]?.whole ?? 0 }
        // Candidates' tokens come without the thoughts', and both are paid.
        return TokenUsage(
            input: count("promptTokenCount") + count("toolUsePromptTokenCount"),
            output: count("candidatesTokenCount") + count("thoughtsTokenCount"), reasoning: count("thoughtsTokenCount"),
            cached: count("cachedContentTokenCount"))
    }

    private static func ending(_ reason: String, _ message: String?, _ token: JSONValue?) -> AnswerDraft.Ending {
        let words = "the answer ended with \(reason)" + (message.map { ": \($0)" } ?? "")
        switch reason {
        case "STOP", "FINISH_REASON_UNSPECIFIED": return .end
        case "MAX_TOKENS": return .maximumOutput
        case "CONTINUATION": return token.map { .continues($0) } ?? .failed(.malformedAnswer, words)
        case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "ESCALATION":
            return .failed(.contentFilter, words)
        case "PUP_LIMITED_DISABLED": return .failed(.authentication, words)
        case "MISSING_THOUGHT_SIGNATURE": return .failed(.badRequest, words)
        case _ where reason.hasPrefix("IMAGE_"): return .failed(.contentFilter, words)
        default: return .failed(.malformedAnswer, words)
        }
    }
}

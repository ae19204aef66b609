import HTTP

extension Diagnosis {
    /// What a status alone means.
    static func code(ofStatus status: Int) -> ModelError.Code {
        switch status {
        case 401, 403: .authentication
        case 402: .quota
        case 404: .unknownModel
        case 408, 504: .timeout
        case 413: .contextLength
        case 429: .rate
        case 500...: .overloaded
        default: .badRequest
        }
    }

    /// Words by which providers and gateways say that a prompt is too long, whatever code they give it.
    static func isContextOverflow(_ message: String, code: String) -> Bool {
        let text = message.lowercased()
        return ["context_length_exceeded", "exceed_context_size_error", "model_context_window_exceeded"].contains(code)
            || text.contains("maximum context length") || text.hasPrefix("prompt is too long")
            || text.contains("input token count") && text.contains("exceeds")
            || text.contains("exceeds the available context size")
    }

    /// The parameter that a complaint about the request names as unknown or unsupported.
    static func refusedParameter(_ message: String, parameter: String?) -> ModelParameter? {
        let text = message.lowercased()
        let isRefusal = [
            "unsupported", "not supported", "does not support", "extra inputs are not permitted", "unknown name",
            "unrecognized", "not permitted", "unknown parameter", "unexpected keyword",
            "cannot be used with", "maximum allowed number of output tokens",
        ].contains { text.contains($0) }
        guard isRefusal || parameter != nil else { return nil }
        let spellings: [(ModelParameter, [String])] = [
            (.temperature, ["temperature"]),
            (.effort, ["effort", "thinking", "reasoning"]),
            (
                .schema,
                [
                    "response_format", "responsejsonschema", "response_schema", "responsemimetype",
                    "response mime type",
                    "output_config.format", "json_schema", "text.format",
                ]
            ),
            (.webSearch, ["web_search", "googlesearch", "google_search", "search_options", "search as tool"]),
            (.maximumOutput, ["max_tokens", "max_completion_tokens", "max_output_tokens", "maxoutputtokens"]),
        ]
        // The named parameter says more than the text, which may name several.
        for place in [parameter?.lowercased() ?? "", text] {
            if let found = spellings.first(where: { $0.1.contains { place.contains($0) } }) { return found.0 }
        }
        return nil
    }

    /// The words of an error object in any of the shapes seen: an object, a string, nested or flat.
    static func message(in error: JSONValue) -> String {
        error.string ?? error["message"]?.string ?? error["detail"]?["error"]?.string ?? error["detail"]?.string
            ?? error["error"].map(message(in:)) ?? ""
    }

    /// The error object in a body; `nil` when there is none.
    static func error(in body: JSONValue) -> JSONValue? {
        // Gemini wraps it in an array where it streams arrays.
        let body = body[0] ?? body
        if let error = body["error"], error != .null { return error }
        if body["object"]?.string == "error" || body["type"]?.string == "error" { return body }
        if body["detail"] != nil, body["choices"] == nil { return body }
        return nil
    }

    /// What a compatible server's or OpenAI's error says, by code, type and text.
    static func chat(_ error: JSONValue, status: Int) -> Diagnosis {
        let message = message(in: error)
        let numeric = error["code"]?.whole
        let code = error["code"]?.string ?? ""
        let type = error["type"]?.string ?? ""
        let status = status == 200 ? numeric ?? 200 : status
        let lower = message.lowercased()
        if isContextOverflow(message, code: code) || isContextOverflow(message, code: type) {
            return Diagnosis(.contextLength, message)
        }
        let quotas: Set = [
            "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "billing_hard_limit_reached",
        ]
        if quotas.contains(code) || type == "insufficient_quota" || status == 402 {
            return Diagnosis(.quota, message)
        }
        if code == "invalid_prompt" || code.contains("_policy") || code == "content_filter"
            || (status == 403 && error["metadata"]?["reasons"] != nil)
        {
            return Diagnosis(.contentFilter, message)
        }
        switch (code, type) {
        case ("invalid_api_key", _), (_, "authentication_error"): return Diagnosis(.authentication, message)
        case ("model_not_found", _), (_, "NotFoundError"): return Diagnosis(.unknownModel, message)
        case ("rate_limit_exceeded", _), ("slow_down", "rate_limit_error"): return Diagnosis(.rate, message)
        case ("server_error", _), ("server_is_overloaded", _), ("slow_down", _), (_, "server_error"),
            (_, "unavailable_error"), (_, "service_unavailable_error"):
            return Diagnosis(.overloaded, message)
        default: break
        }
        if lower.contains("model"), lower.contains("not found") || lower.contains("does not exist") {
            return Diagnosis(.unknownModel, message)
        }
        let refused = [400, 422].contains(status) ? refusedParameter(message, parameter: error["param"]?.string) : nil
        return Diagnosis(status == 200 ? .malformedAnswer : Self.code(ofStatus: status), message, refused: refused)
    }
}

/// How long a provider asked to be left alone, from headers; body hints are the dialects'.
enum RetryHint {
    /// - Parameter now: Seconds since 1970.
    static func wait(in response: HTTPResponse, now: Double) -> Duration? {
        if let value = response["retry-after-ms"].flatMap(Double.init), value >= 0 { return .seconds(value / 1000) }
        if let text = response["retry-after"] {
            if let value = Double(text), value >= 0 { return .seconds(min(value, 1e7)) }
            if let date = Timestamp.httpDate(text) { return .seconds(max(0, date - now)) }
        }
        return resets(in: response, now: now)
    }

    /// Until the limits that are used up are renewed; `nil` when none is.
    static func resets(in response: HTTPResponse, now: Double) -> Duration? {
        var waits: [Double] = []
        for kind in ["requests", "tokens"] where response["x-ratelimit-remaining-\(kind)"] == "0" {
            if let wait = response["x-ratelimit-reset-\(kind)"].flatMap(Timestamp.goDuration) { waits.append(wait) }
        }
        for kind in ["requests", "tokens", "input-tokens", "output-tokens"]
        where response["anthropic-ratelimit-\(kind)-remaining"] == "0" {
            if let moment = response["anthropic-ratelimit-\(kind)-reset"].flatMap(Timestamp.rfc3339) {
                waits.append(max(0, moment - now))
            }
        }
        return waits.max().map { .seconds($0) }
    }
}

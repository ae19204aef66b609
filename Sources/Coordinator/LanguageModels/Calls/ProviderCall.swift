import Foundation
import HTTP

/// One request to one provider and what came of it.
struct ProviderCall: Sendable {
    let dialect: any Dialect
    let http: HTTPClient
    let limits: HTTPLimits
    let pacing: Pacing
    /// Told of every piece of text as it comes.
    let onText: (@Sendable (String) -> Void)?

    /// What came of it.
    struct Outcome: Sendable {
        enum Result: Sendable {
            case answered(ModelAnswer)
            case continues(JSONValue, ModelAnswer)
            case failed(ModelError)
        }

        var result: Result
        /// What has to be paid; `nil` for nothing.
        var usage: TokenUsage?
        var webSearches = 0
        /// A parameter that the model does not take.
        var refused: ModelParameter?
        /// How long the key should rest although the call went well.
        var rest: Duration?
    }

    func perform(_ prompt: ModelPrompt, _ form: CallForm) async -> Outcome {
        do throws(ModelError) {
            let request = try await request(prompt, form)
            let stream: HTTPStream
            do throws(HTTPError) { stream = try await http.send(request) } catch {
                // A request that got no answer in time may still be worked on, and billed.
                let isPaid = [.idleTimeout, .totalTimeout].contains(error.code)
                return Outcome(
                    result: .failed(failure(error)), usage: isPaid ? estimate(request, nil, "") : nil)
            }
            if stream.response.status != 200 { return await refused(stream) }
            return await read(stream, request, dialect.reader(prompt, form))
        } catch {
            return Outcome(result: .failed(error))
        }
    }

    private func request(_ prompt: ModelPrompt, _ form: CallForm) async throws(ModelError) -> HTTPRequest {
        var headers = try await dialect.headers()
        headers.append(("content-type", "application/json"))
        headers.append(("accept", form.streams ? "text/event-stream, application/json" : "application/json"))
        return HTTPRequest(
            "POST", dialect.url(for: form), headers: headers, body: dialect.body(prompt, form).bytes, limits: limits)
    }

    // MARK: An answer

    private func read(_ stream: HTTPStream, _ request: HTTPRequest, _ fresh: any AnswerReader) async -> Outcome {
        var reader = fresh
        let type = stream.response["content-type"]?.lowercased() ?? ""
        var broken: HTTPError?
        var isDone = false
        var defect: String?
        do throws(HTTPError) {
            if type.contains("json") || type.contains("html") {
                defect = try await readWhole(stream, type, &reader)
            } else {
                (isDone, defect) = try await readEvents(stream, &reader)
            }
        } catch { broken = error }
        let draft = reader.draft
        let identifier = stream.response["x-request-id"] ?? stream.response["request-id"] ?? draft.identifier
        var outcome = conclude(draft, identifier, isDone: isDone, defect: defect, broken: broken)
        outcome.usage = usage(draft, request, outcome.result)
        outcome.webSearches = draft.webSearches
        outcome.rest = RetryHint.resets(in: stream.response, now: pacing.epochSeconds())
        if case .answered(var answer) = outcome.result, let usage = outcome.usage {
            answer.usage = usage
            outcome.result = .answered(answer)
        }
        return outcome
    }

    private func readWhole(_ stream: HTTPStream, _ type: String, _ reader: inout any AnswerReader)
        async throws(HTTPError)
        -> String?
    {
        var body: [UInt8] = []
        for try await chunk in stream.body { body += chunk }
        guard let answer = JSONValue(parsing: body) else {
            if body.isEmpty { return "the body is empty" }
            return "the body is not JSON but \(type); check the base URL, or whether a proxy answers instead"
        }
        reader.takeWhole(answer)
        if !reader.draft.text.isEmpty { onText?(reader.draft.text) }
        return nil
    }

    private func readEvents(_ stream: HTTPStream, _ reader: inout any AnswerReader) async throws(HTTPError)
        -> (isDone: Bool, defect: String?)
    {
        var parser = ServerSentEventParser()
        var isDone = false
        var shown = 0
        var chunks = stream.body.makeAsyncIterator()
        while true {
            let chunk = try await chunks.next()
            for event in chunk.map({ parser.take($0) }) ?? parser.finish() {
                if event.data == "[DONE]" {
                    isDone = true
                    continue
                }
                guard let value = JSONValue(parsing: event.data) else { return (isDone, "an event is not JSON") }
                reader.take(value)
                if reader.draft.error != nil { return (isDone, nil) }
            }
            let isComplete = reader.isComplete || isDone && reader.draft.ending != .none
            let text = reader.draft.text
            if let onText, text.utf8.count > shown {
                onText(String(decoding: text.utf8.dropFirst(shown), as: UTF8.self))
                shown = text.utf8.count
            }
            if chunk == nil || isComplete { return (isDone, nil) }
        }
    }

    /// In the order that matters: transport, form, an error inside, refusal, how it ended, emptiness.
    private func conclude(
        _ draft: AnswerDraft, _ identifier: String?, isDone: Bool, defect: String?, broken: HTTPError?
    ) -> Outcome {
        func failed(_ code: ModelError.Code, _ message: String, _ retryAfter: Duration? = nil) -> Outcome {
            Outcome(result: .failed(failure(code, message, retryAfter: retryAfter, identifier: identifier)))
        }
        // A connection that breaks after the answer has ended takes nothing from it.
        if let broken, draft.ending == .none || broken.code == .cancelled {
            return Outcome(result: .failed(failure(broken, identifier: identifier)))
        }
        if let defect { return failed(.malformedAnswer, defect) }
        if let error = draft.error {
            let diagnosis = dialect.diagnosis(of: error, status: 200)
            return failed(diagnosis.code, diagnosis.message, diagnosis.retryAfter)
        }
        if case .failed(let code, let words) = draft.ending { return failed(code, words) }
        if let refusal = draft.refusal, !refusal.isEmpty {
            return failed(.contentFilter, "the model refused: \(refusal)")
        }
        let text = redacted(AnswerDraft.withoutThinking(draft.text))
        let answer = ModelAnswer(
            text: text, stop: draft.ending == .maximumOutput ? .maximumOutput : .end,
            model: draft.model.isEmpty ? dialect.model : draft.model, citations: draft.citations,
            webSearches: draft.webSearches, requestIdentifier: identifier.map(redacted),
            notes: draft.notes.map(redacted))
        if case .continues(let token) = draft.ending { return Outcome(result: .continues(token, answer)) }
        if draft.ending == .none, !(isDone && !text.isEmpty) {
            return failed(.malformedAnswer, "the answer ended before it was complete")
        }
        if text.allSatisfy(\.isWhitespace) {
            if draft.ending == .maximumOutput {
                return failed(
                    .malformedAnswer,
                    "the longest answer was used up by thinking; raise the maximum output or lower the effort")
            }
            return failed(
                .malformedAnswer,
                draft.calledTool ? "the model called a tool that it was not given" : "the answer is empty")
        }
        return Outcome(result: .answered(answer))
    }

    // MARK: A refusal by status

    private func refused(_ stream: HTTPStream) async -> Outcome {
        var body: [UInt8] = []
        do throws(HTTPError) {
            for try await chunk in stream.body where body.count < 1 << 18 { body += chunk }
        } catch {
            // The status says enough.
        }
        let response = stream.response
        var identifier = response["x-request-id"] ?? response["request-id"]
        var diagnosis: Diagnosis
        if let answer = JSONValue(parsing: body), let error = Diagnosis.error(in: answer) {
            diagnosis = dialect.diagnosis(of: error, status: response.status)
            identifier = identifier ?? answer["request_id"]?.string
        } else {
            let said = String(decoding: body.prefix(200), as: UTF8.self)
            diagnosis = Diagnosis(Diagnosis.code(ofStatus: response.status), said)
        }
        if (300..<400).contains(response.status) {
            diagnosis.message = "redirected, which is not followed with a key; check the base URL"
        }
        if diagnosis.message.isEmpty { diagnosis.message = "status \(response.status)" }
        let hint = RetryHint.wait(in: response, now: pacing.epochSeconds()) ?? diagnosis.retryAfter
        let error = failure(diagnosis.code, diagnosis.message, retryAfter: hint, identifier: identifier)
        return Outcome(result: .failed(error), refused: diagnosis.refused)
    }

    // MARK: What it cost

    /// What the provider counted; an estimate where it counted nothing but has worked.
    private func usage(_ draft: AnswerDraft, _ request: HTTPRequest, _ result: Outcome.Result) -> TokenUsage? {
        if case .failed(let error) = result {
            let isBroken = [.network, .timeout, .cancelled].contains(error.code)
            guard draft.usage != nil || !draft.text.isEmpty else { return nil }
            if isBroken || draft.ending == .none { return estimate(request, draft.usage, draft.text) }
        }
        return draft.usage ?? estimate(request, nil, draft.text)
    }

    /// A token has about four bytes.
    private func estimate(_ request: HTTPRequest, _ known: TokenUsage?, _ text: String) -> TokenUsage {
        var usage = known ?? TokenUsage(input: (request.body?.count ?? 0) / 4 + 1)
        usage.output = max(usage.output, text.isEmpty ? 0 : text.utf8.count / 4 + 1)
        usage.isEstimated = true
        return usage
    }

    // MARK: Errors

    private func redacted(_ text: String) -> String { dialect.secrets.reduce(text) { $1.removed(from: $0) } }

    private func failure(_ error: HTTPError, identifier: String? = nil) -> ModelError {
        let code: ModelError.Code =
            switch error.code {
            case .connectTimeout, .idleTimeout, .totalTimeout: .timeout
            case .cancelled: .cancelled
            case .tooLarge: .malformedAnswer
            case .badRequest: .badRequest
            case .unknownHost, .noConnection, .tls, .interrupted, .privateAddress: .network
            }
        return failure(code, error.message, identifier: identifier)
    }

    private func failure(
        _ code: ModelError.Code, _ message: String, retryAfter: Duration? = nil, identifier: String? = nil
    ) -> ModelError {
        let said = redacted(message).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let short = said.count > 300 ? said.prefix(300) + "…" : said[...]
        return ModelError(
            code, provider: dialect.provider, model: dialect.model, message: "\(short). \(Advice.sentence(code))",
            retryAfter: retryAfter, requestIdentifier: identifier.map(redacted))
    }
}

/// What to do about an error.
enum Advice {
    static func sentence(_ code: ModelError.Code) -> String {
        switch code {
        case .authentication:
            "Check the key in the environment and what it may do; `mlestar doctor --model` tries it."
        case .quota:
            "Add credit or raise the limit at the provider, or name another model; then resume the run."
        case .rate: "Lower the limits per minute or the calls in flight, or wait and resume the run."
        case .contextLength: "Use a model that reads more, or shorten what the prompt is told."
        case .contentFilter: "Nothing to wait for: word the task differently or use another model."
        case .unknownModel: "Check the model's name; a key sees only the models of its plan and region."
        case .badRequest: "The model may not take a parameter: the capability table can leave it out."
        case .overloaded: "Wait and resume the run, or name a fallback model."
        case .network: "Check the connection, the base URL and the proxy."
        case .timeout: "Try again, raise the timeouts, or lower the effort."
        case .malformedAnswer: "Ask again; if it stays so, use another model."
        case .budget: "Raise the budget and resume the run."
        case .cancelled: "Nothing to do."
        }
    }
}

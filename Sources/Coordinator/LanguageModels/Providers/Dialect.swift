import HTTP

/// One provider's protocol: how a prompt becomes a request, and what comes back is read.
protocol Dialect: Sendable {
    /// For messages and tables, such as `gemini`.
    var provider: String { get }
    /// The model's name.
    var model: String { get }
    /// Where requests go.
    func url(for form: CallForm) -> String
    /// The request's body.
    func body(_ prompt: ModelPrompt, _ form: CallForm) -> JSONValue
    /// Headers with the credentials.
    func headers() async throws(ModelError) -> [(name: String, value: String)]
    /// Reads one answer to such a request.
    func reader(_ prompt: ModelPrompt, _ form: CallForm) -> any AnswerReader
    /// What an error object means; `status` is 200 when it came inside an answer.
    func diagnosis(of error: JSONValue, status: Int) -> Diagnosis
    /// Everything that must not be printed.
    var secrets: [Secret] { get }
}

/// How one request is made, beside its prompt.
struct CallForm: Sendable {
    let profile: ModelProfile
    /// Parameters left out, by the profile or because the model refused them.
    var omitted: Set<ModelParameter>
    /// What the provider wants back to go on with an answer it has begun.
    var continuation: JSONValue?

    var streams: Bool { profile.streams }

    /// The longest answer to ask for; `nil` leaves it to the server.
    func maximumOutput(_ prompt: ModelPrompt) -> Int? {
        guard !omitted.contains(.maximumOutput) else { return nil }
        return prompt.maximumOutputTokens ?? (profile.maximumOutput > 0 ? profile.maximumOutput : nil)
    }

    func temperature(_ prompt: ModelPrompt) -> Double? { omitted.contains(.temperature) ? nil : prompt.temperature }

    func effort(_ prompt: ModelPrompt) -> String? {
        omitted.contains(.effort) ? nil : prompt.effort.flatMap(profile.word(for:))
    }

    func searches(_ prompt: ModelPrompt) -> Bool { prompt.webSearch && !omitted.contains(.webSearch) }

    func schema(_ prompt: ModelPrompt) -> AnswerSchema? {
        guard !omitted.contains(.schema) else { return nil }
        return searches(prompt) && !profile.schemaWithSearch ? nil : prompt.schema
    }
}

/// What a provider's complaint means.
struct Diagnosis: Sendable {
    var code: ModelError.Code
    /// In the provider's words.
    var message: String
    /// How long it wants to be left alone.
    var retryAfter: Duration?
    /// The parameter it does not take.
    var refused: ModelParameter?

    init(_ code: ModelError.Code, _ message: String, retryAfter: Duration? = nil, refused: ModelParameter? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.refused = refused
    }
}

/// Collects what arrives of one answer.
protocol AnswerReader: Sendable {
    /// What is known so far.
    var draft: AnswerDraft { get }
    /// Whether nothing can follow: the stream need not end for it.
    var isComplete: Bool { get }
    /// Takes one event of a stream.
    mutating func take(_ event: JSONValue)
    /// Takes an answer that came whole.
    mutating func takeWhole(_ answer: JSONValue)
}

extension AnswerReader {
    /// Counts may follow the ending.
    var isComplete: Bool { false }
}

/// An answer in the making.
struct AnswerDraft: Sendable {
    /// Whether and how it ended.
    enum Ending: Sendable, Hashable {
        case none
        case end
        case maximumOutput
        /// The same call goes on when this is sent along.
        case continues(JSONValue)
        /// It ended without being one.
        case failed(ModelError.Code, String)
    }

    var text = ""
    var ending = Ending.none
    var usage: TokenUsage?
    var citations: [Citation] = []
    var webSearches = 0
    var model = ""
    var identifier: String?
    /// The model's own words of refusal.
    var refusal: String?
    /// An error object that came inside the answer.
    var error: JSONValue?
    var calledTool = false
    var notes: [String] = []

    mutating func cite(_ url: String?, _ title: String?) {
        guard let url, url.hasPrefix("http"), !citations.contains(where: { $0.url == url }) else { return }
        citations.append(Citation(url: url, title: title ?? ""))
    }

    /// Thinking that a model wrote into its answer, cut off: `<think>…</think>`, also where the first mark is missing.
    static func withoutThinking(_ text: String) -> String {
        let trimmed = text.drop { $0.isWhitespace }
        let opens = trimmed.hasPrefix("<think>")
        guard let close = trimmed.firstRange(of: "</think>") else { return opens ? "" : text }
        let beforeIsThinking = opens || !trimmed[..<close.lowerBound].contains("<think>")
        return beforeIsThinking ? String(trimmed[close.upperBound...].drop { $0.isWhitespace }) : text
    }
}

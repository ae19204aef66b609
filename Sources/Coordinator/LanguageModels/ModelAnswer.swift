/// What a model answered: never empty, without its thinking.
public struct ModelAnswer: Hashable, Sendable, Codable {
    /// The answer's text; JSON when the prompt had a schema that the provider enforces.
    public var text: String
    /// Why the model stopped.
    public var stop: StopReason
    /// The tokens used, over all requests this answer took.
    public var usage: TokenUsage
    /// From the first request to the last byte, waiting for limits and retries included.
    public var latency: Duration
    /// The model that answered, as its provider names it.
    public var model: String
    /// What the answer leans on, when the web was searched.
    public var citations: [Citation]
    /// Searches the provider ran for it.
    public var webSearches: Int
    /// What to tell the provider when something was wrong with it.
    public var requestIdentifier: String?
    /// What was charged; `nil` when no price is known.
    public var cost: Money?
    /// Things worth telling the user, such as a parameter the model refused.
    public var notes: [String]

    /// An answer; scripted models need no more than the text.
    public init(
        text: String, stop: StopReason = .end, usage: TokenUsage = TokenUsage(), latency: Duration = .zero,
        model: String = "", citations: [Citation] = [], webSearches: Int = 0, requestIdentifier: String? = nil,
        cost: Money? = nil, notes: [String] = []
    ) {
        self.text = text
        self.stop = stop
        self.usage = usage
        self.latency = latency
        self.model = model
        self.citations = citations
        self.webSearches = webSearches
        self.requestIdentifier = requestIdentifier
        self.cost = cost
        self.notes = notes
    }
}

/// Why a model stopped.
public enum StopReason: String, Hashable, Sendable, Codable {
    /// It had said everything.
    case end
    /// The answer reached its longest length: code and JSON are not whole.
    case maximumOutput
}

/// Tokens of one or several calls.
public struct TokenUsage: Hashable, Sendable, Codable {
    /// All tokens the model read, `cached` included.
    public var input: Int
    /// All tokens the model wrote, `reasoning` included.
    public var output: Int
    /// Of the output: thinking.
    public var reasoning: Int
    /// Of the input: read from a cache.
    public var cached: Int
    /// Whether the numbers are reckoned from the text because the provider sent none.
    public var isEstimated: Bool

    /// Counts.
    public init(input: Int = 0, output: Int = 0, reasoning: Int = 0, cached: Int = 0, isEstimated: Bool = false) {
        self.input = input
        self.output = output
        self.reasoning = reasoning
        self.cached = cached
        self.isEstimated = isEstimated
    }

    /// Input and output.
    public var total: Int { input + output }

    /// The sum of two uses.
    public static func + (left: TokenUsage, right: TokenUsage) -> TokenUsage {
        TokenUsage(
            input: left.input + right.input, output: left.output + right.output,
            reasoning: left.reasoning + right.reasoning, cached: left.cached + right.cached,
            isEstimated: left.isEstimated || right.isEstimated)
    }
}

/// A page an answer leans on.
public struct Citation: Hashable, Sendable, Codable {
    /// Where it is.
    public let url: String
    /// What it is called; may be empty.
    public let title: String

    /// A page.
    public init(url: String, title: String = "") {
        self.url = url
        self.title = title
    }
}

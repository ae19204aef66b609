/// One question to a language model.
public struct ModelPrompt: Hashable, Sendable, Codable {
    /// What the model is told before the question; may be empty.
    public var system: String
    /// The question itself; must not be empty.
    public var text: String
    /// Sampling temperature, 0 to 2; `nil` leaves it to the provider. Left out for models that refuse it.
    public var temperature: Double?
    /// The most tokens the answer may have, thinking included; `nil` takes the model's profile.
    public var maximumOutputTokens: Int?
    /// How long the model may think; `nil` leaves it to the provider. Left out for models that cannot be told.
    public var effort: ReasoningEffort?
    /// The form of a structured answer. Where the provider cannot enforce it the caller cuts the JSON out of the text.
    public var schema: AnswerSchema?
    /// Whether the model may search the web with its provider's own tool.
    public var webSearch: Bool
    /// What the call is booked under in the ledger, such as a role and a phase.
    public var label: String

    /// A question; everything but the text may be left out.
    public init(
        system: String = "", text: String, temperature: Double? = nil, maximumOutputTokens: Int? = nil,
        effort: ReasoningEffort? = nil, schema: AnswerSchema? = nil, webSearch: Bool = false, label: String = ""
    ) {
        self.system = system
        self.text = text
        self.temperature = temperature
        self.maximumOutputTokens = maximumOutputTokens
        self.effort = effort
        self.schema = schema
        self.webSearch = webSearch
        self.label = label
    }
}

/// How long a model may think before it answers.
public enum ReasoningEffort: String, Hashable, Sendable, Codable, CaseIterable {
    /// Not at all, where that can be had.
    case none
    /// As little as there is.
    case minimal
    /// A little.
    case low
    /// The usual.
    case medium
    /// Long.
    case high
}

/// The form of a structured answer.
public struct AnswerSchema: Hashable, Sendable, Codable {
    /// What the answer is called: letters, digits, `_` and `-`, at most 64.
    public let name: String
    /// A JSON Schema of type `object`, in the subset all providers know: `type`, `properties`, `required`, `items`,
    /// `enum`, `description`, `additionalProperties: false`.
    public let schema: JSONValue

    /// A form.
    public init(name: String, schema: JSONValue) {
        self.name = name
        self.schema = schema
    }
}

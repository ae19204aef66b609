/// How language models play the roles, beside which model does; no keys.
public struct AgentSettings: Codable, Hashable, Sendable {
    /// What is set for one role; `nil` leaves it to the run or to the provider.
    public struct RoleSettings: Codable, Hashable, Sendable {
        /// The model that plays it.
        public var model: String?
        /// Sampling temperature, 0 to 2.
        public var temperature: Double?
        /// Tokens of an answer at most.
        public var maximumOutput: Int?
        /// How long the model may think.
        public var effort: String?

        /// Nothing set.
        public init() {}
    }

    /// Settings by role, under its name.
    public var roles: [String: RoleSettings] = [:]
    /// Asked where the model cannot answer for reasons of its own.
    public var fallback: String?
    /// How often an answer that does not pass its check is asked for again.
    public var retries = 3
    /// Dollars the calls of the run may cost; `nil` for no limit.
    public var money: Double?
    /// Tokens the calls of the run may use; `nil` for no limit.
    public var tokens: Int?
    /// Calls begun within a minute, per key; `nil` for no limit.
    public var requestsPerMinute: Int?
    /// Tokens of calls begun within a minute, per key; `nil` for no limit.
    public var tokensPerMinute: Int?
    /// Calls under way at once, per key.
    public var callsInFlight = 8
    /// A file of prices on top of the built-in ones.
    public var prices: String?
    /// A file of what models take and refuse, on top of the built-in one.
    public var capabilities: String?
    /// Who searches for models where the language model cannot: a provider's name, `catalogue`, or `auto`.
    public var search = "auto"
    /// Whether pages about the very competition are left out.
    public var avoidsOwnCompetition = false

    /// The defaults.
    public init() {}
}

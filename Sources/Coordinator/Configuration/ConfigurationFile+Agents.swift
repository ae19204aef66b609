import LanguageModels
import Search

extension ConfigurationFile {
    /// The keys about language models.
    static let agentKeys: [ConfigurationKey] = [
        .text(
            "model", \.model, "auto, playbook, gemini-2.5-pro, openai:NAME, anthropic:NAME or compatible:NAME@URL",
            "Who plays the roles. auto is the first key found in the environment, else the playbook, which needs neither "
                + "key nor network.", isAllowed: isModel),
        .text(
            "models.fallback", \.fallbackModel, "none, or a model as above",
            "Asked where the model cannot answer for reasons of its own.", isAllowed: { $0 == "none" || isModel($0) }),
        .whole(
            "models.answer_retries", \.agents.retries, 0...20,
            "How often an answer that does not pass its check is asked for again."),
        .number(
            "models.budget_money", \.moneyBudget, 0...1_000_000, "Dollars that calls may cost; 0 for no limit."),
        .whole(
            "models.budget_tokens", \.tokenBudget, 0...1_000_000_000_000, "Tokens that calls may use; 0 for no limit."),
        .whole(
            "models.requests_per_minute", \.requestLimit, 0...1_000_000,
            "Calls begun within a minute, per key; 0 for no limit."),
        .whole(
            "models.tokens_per_minute", \.tokenLimit, 0...1_000_000_000,
            "Tokens of calls begun within a minute, per key; 0 for no limit."),
        .whole("models.calls_in_flight", \.agents.callsInFlight, 1...1_000, "Calls under way at once, per key."),
        .text(
            "models.prices", \.priceFile, "none, or a file", "Prices of models on top of the built-in ones.",
            isAllowed: { !$0.isEmpty }),
        .text(
            "models.capabilities", \.capabilityFile, "none, or a file",
            "What models take and refuse, on top of the built-in table.", isAllowed: { !$0.isEmpty }),
        .choice(
            "models.search", \.agents.search,
            ["auto", "catalogue", "brave", "tavily", "serper", "searxng", "programmable"],
            "Who looks for models where the language model cannot search the web: auto is the first search key found "
                + "in the environment, else the built-in catalogue."),
        .flag(
            "models.avoid_own_competition", \.agents.avoidsOwnCompetition,
            "Whether pages about the very competition are left out, as a benchmark demands."),
    ]

    /// What stands below the keys in a documented file.
    static let roleExample = """

        # What single roles do differently, under their names:
        # roles:
        #   planner: {model: openai:gpt-5, temperature: 0.7, max_output: 8000, effort: high}
        # Roles: \(Role.allCases.map(\.rawValue).joined(separator: ", "))

        """

    /// Sets one key of one role.
    ///
    /// - Parameter path: such as `roles.planner.model`.
    /// - Returns: what is wrong, if anything.
    static func setRole(_ path: String, to value: String, in configuration: inout RunConfiguration) -> String? {
        let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, Role(rawValue: parts[1]) != nil else {
            let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
            return "'\(path)' is no key of a role; write roles.ROLE.model, temperature, max_output or effort; "
                + "roles: \(roles)"
        }
        var role = configuration.agents.roles[parts[1]] ?? .init()
        let allowed: String?
        switch parts[2] {
        case "model":
            role.model = value
            allowed = isModel(value) && value != "auto" && value != "playbook" ? nil : "the name of a language model"
        case "temperature":
            role.temperature = Double(value)
            allowed = role.temperature.map { (0...2).contains($0) } ?? false ? nil : "a number from 0 to 2"
        case "max_output":
            role.maximumOutput = Int(value)
            allowed =
                role.maximumOutput.map { (1...10_000_000).contains($0) } ?? false
                ? nil : "a whole number from 1 to 10000000"
        case "effort":
            role.effort = value
            let words = ReasoningEffort.allCases.map(\.rawValue)
            allowed = words.contains(value) ? nil : words.joined(separator: ", ")
        default: allowed = "model, temperature, max_output or effort in place of '\(parts[2])'"
        }
        if let allowed { return "\(path) is '\(value)'; allowed: \(allowed)" }
        configuration.agents.roles[parts[1]] = role
        return nil
    }

    private static func isModel(_ text: String) -> Bool { text == "auto" || (try? ModelName(text)) != nil }
}

extension RunConfiguration {
    var fallbackModel: String {
        get { agents.fallback ?? "none" }
        set { agents.fallback = newValue == "none" ? nil : newValue }
    }
    var moneyBudget: Double {
        get { agents.money ?? 0 }
        set { agents.money = newValue == 0 ? nil : newValue }
    }
    var tokenBudget: Int {
        get { agents.tokens ?? 0 }
        set { agents.tokens = newValue == 0 ? nil : newValue }
    }
    var requestLimit: Int {
        get { agents.requestsPerMinute ?? 0 }
        set { agents.requestsPerMinute = newValue == 0 ? nil : newValue }
    }
    var tokenLimit: Int {
        get { agents.tokensPerMinute ?? 0 }
        set { agents.tokensPerMinute = newValue == 0 ? nil : newValue }
    }
    var priceFile: String {
        get { agents.prices ?? "none" }
        set { agents.prices = newValue == "none" ? nil : newValue }
    }
    var capabilityFile: String {
        get { agents.capabilities ?? "none" }
        set { agents.capabilities = newValue == "none" ? nil : newValue }
    }
}

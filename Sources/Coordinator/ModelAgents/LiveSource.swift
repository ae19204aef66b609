import Foundation
public import LanguageModels
public import Search

/// Answers from providers: each role by the model that is set for it.
public struct LiveSource: CallSource {
    private struct Player: Sendable {
        let name: ModelName
        let model: any LanguageModel
        let searchesWeb: Bool
    }

    private let factory: LanguageModelFactory
    private let ledger: Ledger
    private let players: [Role: Player]
    private let settings: AgentSettings

    /// A source for all roles.
    ///
    /// - Throws: `ModelError` where a model cannot be used (no key, no price), `ModelNameError` for a name that cannot
    ///   be read. No call is made.
    public init(_ usual: ModelName, settings: AgentSettings, factory: LanguageModelFactory, ledger: Ledger) throws {
        self.factory = factory
        self.ledger = ledger
        self.settings = settings
        var known: [ModelName: Player] = [:]
        var players: [Role: Player] = [:]
        for role in Role.allCases {
            let name = try settings.roles[role.rawValue]?.model.map { try ModelName($0) } ?? usual
            let player =
                try known[name]
                ?? Player(name: name, model: try factory.model(name), searchesWeb: factory.searchesWeb(name))
            known[name] = player
            players[role] = player
        }
        self.players = players
    }

    /// The model that plays a role.
    public func model(for role: Role) -> String { players[role]?.name.description ?? "" }

    /// Whether that model can search the web by itself.
    public func searchesWeb(_ role: Role) -> Bool { players[role]?.searchesWeb ?? false }

    /// A prompt with what is set for the role.
    public func prepared(_ prompt: ModelPrompt, for role: Role) -> ModelPrompt {
        var prompt = prompt
        let set = settings.roles[role.rawValue]
        prompt.temperature = set?.temperature ?? Self.usualTemperature(of: role)
        prompt.maximumOutputTokens = set?.maximumOutput
        prompt.effort = set?.effort.flatMap(ReasoningEffort.init(rawValue:))
        return prompt
    }

    /// Roles that invent draw freely; roles that read do not.
    private static func usualTemperature(of role: Role) -> Double {
        switch role {
        case .taskSummarizer, .ablationSummarizer, .bugSummarizer, .leakageDetector, .leakageFixer,
            .subsamplingLocator, .subsamplingRemover:
            0
        case .retriever, .candidateCoder, .merger, .dataUsageChecker, .ablationCoder, .extractor, .coder, .planner,
            .ensemblePlanner, .ensembler, .debugger, .submissionWriter:
            1
        }
    }

    /// The most a call can cost.
    public func ceiling(of prompt: ModelPrompt, for role: Role) -> Ledger.Charge {
        guard let player = players[role] else { return Ledger.Charge(usage: TokenUsage(), cost: .zero) }
        return factory.ceiling(of: prompt, by: player.name)
    }

    /// What was charged under a prompt's label.
    public func charged(under label: String) -> Ledger.Entry { ledger.bill.byLabel[label] ?? Ledger.Entry() }

    /// Answers a prompt.
    public func answer(
        _ prompt: ModelPrompt, for role: Role, at place: CallPlace
    ) async throws(ModelError) -> ModelAnswer {
        guard let player = players[role] else {
            throw ModelError(.unknownModel, provider: "", model: "", message: "nobody plays \(role.rawValue)")
        }
        return try await player.model.answer(prompt)
    }
}

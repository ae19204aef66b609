import Foundation
public import HTTP
import Synchronization

/// How calls are made, whatever the model.
public struct ModelSettings: Sendable {
    /// When and how often a failed call is made again.
    public var retry = RetryPolicy()
    /// What each key may do.
    public var limits = KeyLimits()
    /// What models take and refuse.
    public var capabilities = CapabilityTable.builtIn
    /// Parameters left out for every model.
    public var omitted: Set<ModelParameter> = []
    /// Asked where a model cannot answer for reasons of its own.
    public var fallback: ModelName?
    /// Until a connection stands.
    public var connectTimeout = Duration.seconds(10)
    /// Without a byte: thinking can be silent for minutes.
    public var idleTimeout = Duration.seconds(300)
    /// For one request.
    public var totalTimeout = Duration.seconds(1800)
    /// Seeds the spread of waits.
    public var seed: UInt64 = 0
    /// Told of every piece of an answer's text as it comes.
    public var onText: (@Sendable (String) -> Void)?

    /// The defaults.
    public init() {}
}

/// Makes models that share one HTTP client, one ledger, and per key one set of limits.
public final class LanguageModelFactory: Sendable {
    private let keys: ModelKeys
    private let ledger: Ledger
    private let http: HTTPClient
    private let settings: ModelSettings
    private let pacing: Pacing
    private let limiters = Mutex<[Secret: KeyLimiter]>([:])

    /// A factory.
    public init(
        keys: ModelKeys, ledger: Ledger, http: HTTPClient, settings: ModelSettings = ModelSettings(),
        pacing: Pacing = .real
    ) {
        self.keys = keys
        self.ledger = ledger
        self.http = http
        self.settings = settings
        self.pacing = pacing
    }

    /// A model by its name, with the fallback behind it. No call is made.
    ///
    /// - Throws: `ModelError`: a missing key, or a price that a budget in money needs.
    public func model(_ name: ModelName) throws(ModelError) -> any LanguageModel {
        let first = try metered(name)
        guard let fallback = settings.fallback, fallback != name else { return first }
        return FallbackModel(first: first, second: try metered(fallback))
    }

    /// The most that one call of a model can use: no token is shorter than a byte.
    public func ceiling(of prompt: ModelPrompt, by name: ModelName) -> Ledger.Charge {
        guard case .model(let model, let provider) = name else {
            return Ledger.Charge(usage: TokenUsage(), cost: .zero)
        }
        let profile = settings.capabilities.profile(of: model, provider: provider.word)
        let most = profile.maximumOutput > 0 ? profile.maximumOutput : MeteredModel.untoldOutput
        let searches = prompt.webSearch ? AnthropicDialect.searchLimit : 0
        let usage = TokenUsage(
            input: prompt.system.utf8.count + prompt.text.utf8.count + 256 + (searches > 0 ? 60_000 : 0),
            output: prompt.maximumOutputTokens ?? most)
        let price = ledger.price(of: name)
        let cost = price?.maximumCost(input: usage.input, output: usage.output, webSearches: searches)
        return Ledger.Charge(usage: usage, webSearches: searches, cost: cost)
    }

    /// Whether a model can search the web by itself.
    public func searchesWeb(_ name: ModelName) -> Bool {
        guard let model = try? metered(name) else { return false }
        return !model.omitted.contains(.webSearch)
    }

    private func metered(_ name: ModelName) throws(ModelError) -> MeteredModel {
        guard case .model(let model, let provider) = name else {
            throw ModelError(
                .unknownModel, provider: "playbook", model: "playbook", message: "the playbook is no language model")
        }
        if let objection = ledger.objection(to: name) {
            throw ModelError(.budget, provider: provider.word, model: model, message: objection)
        }
        let dialect = try dialect(model, provider)
        var profile = settings.capabilities.profile(of: model, provider: provider.word)
        if let chat = dialect as? ChatDialect, !chat.canSearch { profile.omitted.insert(.webSearch) }
        let limits = HTTPLimits(
            connect: settings.connectTimeout, idle: settings.idleTimeout, total: settings.totalTimeout,
            bodyBytes: 64 << 20)
        let call = ProviderCall(
            dialect: dialect, http: http, limits: limits, pacing: pacing, onText: settings.onText)
        return MeteredModel(
            name, call: call, profile: profile, ledger: ledger, limiter: limiter(for: dialect, name), settings: settings
        )
    }

    /// One per key; a server without a key has one per address.
    private func limiter(for dialect: any Dialect, _ name: ModelName) -> KeyLimiter {
        let key = dialect.secrets.first ?? Secret(dialect.url(for: CallForm(profile: ModelProfile(), omitted: [])))
        return limiters.withLock { limiters in
            if let known = limiters[key] { return known }
            let made = KeyLimiter(settings.limits, pacing: pacing)
            limiters[key] = made
            return made
        }
    }

    private func dialect(_ model: String, _ provider: ModelName.Provider) throws(ModelError) -> any Dialect {
        switch provider {
        case .gemini: return try gemini(model)
        case .openAI: return try openAI(model)
        case .anthropic:
            return AnthropicDialect(
                model: model, baseURL: base("ANTHROPIC_BASE_URL", "https://api.anthropic.com"),
                key: try key(.anthropic, model))
        case .compatible(let url):
            return ChatDialect(
                provider: provider.word, model: model, baseURL: url, key: keys.key(for: provider), isOpenAI: false)
        }
    }

    private func openAI(_ model: String) throws(ModelError) -> any Dialect {
        let url = base("OPENAI_BASE_URL", "https://api.openai.com/v1")
        let key = try key(.openAI, model)
        let organization = keys.setting("OPENAI_ORG_ID")
        let project = keys.setting("OPENAI_PROJECT_ID")
        if keys.setting("MLESTAR_OPENAI_API") == "chat" {
            return ChatDialect(
                provider: "openai", model: model, baseURL: url, key: key, isOpenAI: true, organization: organization,
                project: project)
        }
        return OpenAIResponsesDialect(
            model: model, baseURL: url, key: key, organization: organization, project: project)
    }

    private func gemini(_ model: String) throws(ModelError) -> any Dialect {
        let name = model.hasPrefix("models/") ? String(model.dropFirst(7)) : model
        guard keys.usesVertex, let project = keys.setting("GOOGLE_CLOUD_PROJECT") else {
            let url = base("GOOGLE_GEMINI_BASE_URL", "https://generativelanguage.googleapis.com")
            let version = keys.setting("GOOGLE_GENAI_API_VERSION") ?? "v1beta"
            return GeminiDialect(
                model: model, endpoint: "\(url)/\(version)/models/\(name)", credentials: .key(try key(.gemini, model)))
        }
        let location = keys.setting("GOOGLE_CLOUD_LOCATION") ?? "global"
        let host =
            switch location {
            case "global": "aiplatform.googleapis.com"
            case "us", "eu": "aiplatform.\(location).rep.googleapis.com"
            default: "\(location)-aiplatform.googleapis.com"
            }
        let url = base("GOOGLE_VERTEX_BASE_URL", "https://\(host)")
        let version = keys.setting("GOOGLE_GENAI_API_VERSION") ?? "v1beta1"
        let parts = name.split(separator: "/", maxSplits: 1)
        let (publisher, short) = parts.count == 2 ? (String(parts[0]), String(parts[1])) : ("google", name)
        let endpoint =
            "\(url)/\(version)/projects/\(project)/locations/\(location)/publishers/\(publisher)/models/\(short)"
        let tokens = try VertexTokens(keys: keys, http: http, pacing: pacing, model: model)
        return GeminiDialect(model: model, endpoint: endpoint, credentials: .tokens(tokens))
    }

    private func base(_ variable: String, _ usual: String) -> String {
        var url = keys.setting(variable) ?? usual
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }

    private func key(_ provider: ModelName.Provider, _ model: String) throws(ModelError) -> Secret {
        if let key = keys.key(for: provider) { return key }
        let names = ModelKeys.variables(for: provider).joined(separator: " or ")
        throw ModelError(
            .authentication, provider: provider.word, model: model,
            message: "no key is set; export one as \(names)")
    }
}

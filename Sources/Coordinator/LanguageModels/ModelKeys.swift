import Foundation

/// Keys and addresses of providers, taken from the environment and nowhere else. Its description names variables only.
public struct ModelKeys: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let variables: [String: String]

    /// Keys of an environment.
    public init(_ variables: [String: String]) { self.variables = variables.filter { !$0.value.isEmpty } }

    /// Keys of this process's environment.
    public init() { self.init(ProcessInfo.processInfo.environment) }

    /// What is chosen where nobody says otherwise: the first key found, and the variable it was found in.
    public func firstModel() -> (name: ModelName, variable: String)? {
        for provider in [ModelName.Provider.gemini, .openAI, .anthropic] {
            if let variable = variable(for: provider) {
                return (.model(Self.usualModel(of: provider), of: provider), variable)
            }
        }
        return nil
    }

    /// The variables that may hold a provider's key, the strongest first.
    public static func variables(for provider: ModelName.Provider) -> [String] {
        switch provider {
        case .gemini: ["GOOGLE_API_KEY", "GEMINI_API_KEY"]
        case .openAI: ["OPENAI_API_KEY"]
        case .anthropic: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"]
        case .compatible(let url):
            if host(of: url).hasSuffix("openrouter.ai") {
                ["OPENROUTER_API_KEY", "MLESTAR_COMPATIBLE_KEY"]
            } else if host(of: url).hasSuffix("together.xyz") || host(of: url).hasSuffix("together.ai") {
                ["TOGETHER_API_KEY", "MLESTAR_COMPATIBLE_KEY"]
            } else {
                ["MLESTAR_COMPATIBLE_KEY"]
            }
        }
    }

    /// The variable that says how a provider is reached: its key, or for Vertex AI the project.
    public func variable(for provider: ModelName.Provider) -> String? {
        if provider == .gemini, usesVertex { return "GOOGLE_CLOUD_PROJECT" }
        return Self.variables(for: provider).first { variables[$0] != nil }
    }

    /// Whether Gemini is asked through Vertex AI: `GOOGLE_GENAI_USE_VERTEXAI` and a project are set.
    public var usesVertex: Bool {
        let wanted = variables["GOOGLE_GENAI_USE_VERTEXAI"] ?? variables["GOOGLE_GENAI_USE_ENTERPRISE"] ?? ""
        return ["1", "true", "yes"].contains(wanted.lowercased()) && variables["GOOGLE_CLOUD_PROJECT"] != nil
    }

    func key(for provider: ModelName.Provider) -> Secret? {
        Self.variables(for: provider).lazy.compactMap { variables[$0] }.first.map(Secret.init)
    }

    /// A variable that is no secret, such as a base URL.
    func setting(_ name: String) -> String? { variables[name] }

    private static func usualModel(of provider: ModelName.Provider) -> String {
        switch provider {
        case .gemini, .compatible: "gemini-2.5-pro"
        case .openAI: "gpt-5"
        case .anthropic: "claude-sonnet-4-5"
        }
    }

    private static func host(of url: String) -> String { URLComponents(string: url)?.host?.lowercased() ?? "" }

    /// The names of the variables that are set and matter here.
    public var description: String {
        let providers = [ModelName.Provider.gemini, .openAI, .anthropic]
        let found = providers.flatMap(Self.variables(for:)).filter { variables[$0] != nil }
        return "keys in \(found.isEmpty ? "no variable" : found.joined(separator: ", "))"
    }

    /// The same as the description.
    public var debugDescription: String { description }

    /// Shows nothing of the values.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

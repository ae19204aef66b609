import Foundation

/// Which model plays the roles, as users write it.
public enum ModelName: Hashable, Sendable, CustomStringConvertible {
    /// No language model.
    case playbook
    /// A model of a provider.
    case model(String, of: Provider)

    /// Whose model it is.
    public enum Provider: Hashable, Sendable {
        /// The Gemini Developer API, or Vertex AI where its project is set.
        case gemini
        /// OpenAI.
        case openAI
        /// Anthropic.
        case anthropic
        /// A server that speaks Chat Completions, by its base URL without a trailing slash.
        case compatible(baseURL: String)

        /// The word in front of the colon.
        public var word: String {
            switch self {
            case .gemini: "gemini"
            case .openAI: "openai"
            case .anthropic: "anthropic"
            case .compatible: "compatible"
            }
        }
    }

    /// Reads `gemini-2.5-pro`, `gemini:NAME`, `openai:NAME`, `anthropic:NAME`, `compatible:NAME@URL` or `playbook`.
    ///
    /// Names without a provider are taken by how they begin: `gemini-`, `gpt-`, `o1` to `o9`, `claude-`.
    /// - Throws: `ModelNameError`, which says what is allowed.
    public init(_ text: String) throws(ModelNameError) {
        if text == "playbook" {
            self = .playbook
            return
        }
        guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("@") else {
            self = .model(text, of: try Self.provider(ofBare: text))
            return
        }
        let name = String(text[text.index(after: colon)...])
        guard !name.isEmpty else { throw ModelNameError(text) }
        switch text[..<colon] {
        case "gemini", "vertex": self = .model(name, of: .gemini)
        case "openai": self = .model(name, of: .openAI)
        case "anthropic": self = .model(name, of: .anthropic)
        case "compatible": self = try Self.compatible(name, in: text)
        default: throw ModelNameError(text)
        }
        guard Self.isClean(name) else { throw ModelNameError(text) }
    }

    /// The model and where it is.
    private static func compatible(_ name: String, in text: String) throws(ModelNameError) -> ModelName {
        guard let at = name.range(of: "@http")?.lowerBound, at != name.startIndex else { throw ModelNameError(text) }
        var url = String(name[name.index(after: at)...])
        while url.hasSuffix("/") { url.removeLast() }
        let address = url.hasPrefix("https://") ? url.dropFirst(8) : url.dropFirst(7)
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), !address.isEmpty, !address.contains("@") else {
            throw ModelNameError(text)
        }
        return .model(String(name[..<at]), of: .compatible(baseURL: url))
    }

    private static func provider(ofBare name: String) throws(ModelNameError) -> Provider {
        guard isClean(name) else { throw ModelNameError(name) }
        if name.hasPrefix("gemini-") { return .gemini }
        if name.hasPrefix("claude-") { return .anthropic }
        let isOSeries = name.first == "o" && name.dropFirst().first.map { ("1"..."9").contains($0) } == true
        if name.hasPrefix("gpt-") || isOSeries { return .openAI }
        throw ModelNameError(name)
    }

    /// Names go into paths and JSON: no spaces or control characters.
    private static func isClean(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 400 && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }

    /// As it is written on the command line.
    public var description: String {
        switch self {
        case .playbook: "playbook"
        case .model(let name, of: .compatible(let url)): "compatible:\(name)@\(url)"
        case .model(let name, of: let provider): "\(provider.word):\(name)"
        }
    }
}

/// A model's name that cannot be read.
public struct ModelNameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was given, without a password in it.
    public let name: String

    init(_ name: String) { self.name = name.replacing(/:\/\/[^\/]*@/, with: "://***@") }

    /// What was given and what is allowed.
    public var description: String {
        """
        the model '\(name)' cannot be read; allowed: gemini-2.5-pro (or gemini:NAME), openai:NAME, anthropic:NAME, \
        compatible:NAME@URL (such as compatible:llama3.1@http://127.0.0.1:11434/v1), playbook
        """
    }
}

import HTTP

/// How Gemini knows who asks.
enum GeminiCredentials: Sendable {
    /// A key of the Developer API or of Vertex AI's express mode.
    case key(Secret)
    /// Tokens of a Google Cloud project.
    case tokens(VertexTokens)

    var secrets: [Secret] {
        switch self {
        case .key(let key): [key]
        case .tokens(let tokens): tokens.secrets
        }
    }

    func headers() async throws(ModelError) -> [(name: String, value: String)] {
        switch self {
        case .key(let key): [("x-goog-api-key", key.reveal())]
        case .tokens(let tokens): try await tokens.headers()
        }
    }
}

import Foundation
import HTTP
import Synchronization
import TestKit
import Testing

@testable import LanguageModels

/// A way to reach the imitated providers: provider and protocol.
enum Door: String, CaseIterable, Sendable {
    case gemini, responses, chat, anthropic, compatible

    func name(_ server: PythonServer) -> ModelName {
        switch self {
        case .gemini: .model("gemini-2.5-flash", of: .gemini)
        case .responses, .chat: .model("gpt-4.1", of: .openAI)
        case .anthropic: .model("claude-opus-5-5", of: .anthropic)
        case .compatible: .model("llama", of: .compatible(baseURL: "\(server.url)/v1"))
        }
    }

    /// The key, or what the provider calls it.
    var variable: String {
        switch self {
        case .gemini: "GEMINI_API_KEY"
        case .responses, .chat: "OPENAI_API_KEY"
        case .anthropic: "ANTHROPIC_API_KEY"
        case .compatible: "MLESTAR_COMPATIBLE_KEY"
        }
    }
}

/// One test's own corner of the imitation: a key that scripts what happens, a ledger, a clock that never waits.
struct Imitation: Sendable {
    static let server = Result { try PythonServer("providers/server.py") }
    static let http = Result { try HTTPClient(HTTPConfiguration(environment: [:])) }
    private static let numbers = Mutex(0)

    let server: PythonServer
    let http: HTTPClient
    let key: String
    let clock = StillClock()
    let ledger: Ledger
    var settings = ModelSettings()
    var variables: [String: String] = [:]

    /// - Parameter script: Faults of the requests in order, joined by `+`; the last one stays.
    init(_ script: String, ledger: Ledger = Ledger(prices: .builtIn)) throws {
        server = try Self.server.get()
        http = try Self.http.get()
        let number = Self.numbers.withLock {
            $0 += 1; return $0
        }
        key = "mk-\(script)-planted\(number)"
        self.ledger = ledger
        // Only who waits in vain waits for this long; a busy machine must not pass it otherwise.
        let waits = ["slow", "stall", "linger"].contains { script.contains($0) }
        settings.idleTimeout = waits ? .seconds(3) : .seconds(100)
    }

    func model(_ door: Door, named name: String? = nil) throws -> any LanguageModel {
        let usual = door.name(server)
        guard let name, case .model(_, let provider) = usual else { return try factory(door).model(usual) }
        return try factory(door).model(.model(name, of: provider))
    }

    func factory(_ door: Door) -> LanguageModelFactory {
        var all = variables.merging([
            door.variable: key, "GOOGLE_GEMINI_BASE_URL": server.url, "OPENAI_BASE_URL": "\(server.url)/v1",
            "ANTHROPIC_BASE_URL": server.url,
        ]) { own, _ in own }
        if door == .chat { all["MLESTAR_OPENAI_API"] = "chat" }
        return LanguageModelFactory(
            keys: ModelKeys(all), ledger: ledger, http: http, settings: settings, pacing: clock.pacing)
    }

    /// The requests made with this corner's key, or another one.
    func requests(_ key: String? = nil) async throws -> [JSONValue] {
        let name = (key ?? self.key).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let (_, body) = try await http.read(HTTPRequest("GET", "\(server.url)/recorded?key=\(name)"))
        return try #require(JSONValue(parsing: body)?.elements)
    }

    /// Asks and gives the error, or `nil`.
    func error(_ model: any LanguageModel, _ prompt: ModelPrompt) async -> ModelError? {
        do throws(ModelError) { _ = try await model.answer(prompt) } catch { return error }
        return nil
    }
}

extension ModelSettings {
    /// With capabilities that make one model answer whole instead of streaming.
    static func whole(_ provider: String) throws -> CapabilityTable {
        try CapabilityTable(
            "families:\n  - {provider: \(provider), models: ['*'], stream: false}", name: "test")
    }
}

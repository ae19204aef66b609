public import Vocabulary

/// A model others found effective, with code that shows how to use it.
public struct ModelCard: Codable, Hashable, Sendable {
    /// The model's name, distinct among the cards of one answer.
    public let name: String
    /// Code, not links.
    public let exampleCode: String
    /// Where the card comes from: a web address, a file, or the catalogue.
    public let source: String

    /// A model card.
    public init(name: String, exampleCode: String, source: String) {
        self.name = name
        self.exampleCode = exampleCode
        self.source = source
    }
}

/// Names effective models for the task (MLE-STAR A_retriever).
public struct RetrieveModels: RoleRequest {
    /// Who is asked.
    public static let role = Role.retriever
    /// How many cards are wanted; fewer are accepted, none is not.
    public let count: Int
    /// Which of the parallel solutions asks, from 1, so that the solutions may start differently.
    public let solution: Int
    /// The task in a few sentences, where somebody summarized it.
    public let summary: String?

    /// A request.
    public init(count: Int, solution: Int, summary: String? = nil) {
        self.count = count
        self.solution = solution
        self.summary = summary
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<[ModelCard]> {
        try await agents.retrieveModels(self)
    }

    /// What makes an answer unfit.
    public func defect(in cards: [ModelCard]) -> String? {
        if cards.isEmpty { return "no model was named; name up to \(count)" }
        if cards.count > count { return "\(cards.count) models were named, at most \(count) are wanted" }
        if cards.contains(where: { $0.name.isEmpty || $0.exampleCode.isEmpty }) {
            return "every model needs a name and example code"
        }
        if Set(cards.map(\.name)).count < cards.count { return "the models' names must differ" }
        return nil
    }
}

/// Writes the first script of a model card (MLE-STAR A_init).
public struct WriteCandidate: RoleRequest {
    /// Who is asked.
    public static let role = Role.candidateCoder
    /// The model to use.
    public let card: ModelCard

    /// A request.
    public init(card: ModelCard) { self.card = card }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<Script> {
        try await agents.writeCandidate(self)
    }

    /// What makes an answer unfit.
    public func defect(in script: Script) -> String? { script.defect }
}

/// Brings the model of another script into a script (MLE-STAR A_merger).
public struct MergeSolutions: RoleRequest {
    /// Who is asked.
    public static let role = Role.merger
    /// The script that stays the skeleton.
    public let base: Script
    /// The script whose model is added.
    public let reference: Script

    /// A request.
    public init(base: Script, reference: Script) {
        self.base = base
        self.reference = reference
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<Script> {
        try await agents.mergeSolutions(self)
    }

    /// What makes an answer unfit.
    public func defect(in script: Script) -> String? {
        script == base ? "the merged script is the base script unchanged" : script.defect
    }
}

/// Whether a script uses everything the task provides.
public enum DataUsage: Codable, Hashable, Sendable {
    /// It does.
    case everythingUsed
    /// It did not; the whole script with the rest brought in.
    case revised(Script)
}

/// Asks whether a script uses everything the task provides (MLE-STAR A_data).
public struct CheckDataUsage: RoleRequest {
    /// Who is asked.
    public static let role = Role.dataUsageChecker
    /// The script to look at.
    public let script: Script

    /// A request.
    public init(script: Script) { self.script = script }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<DataUsage> {
        try await agents.checkDataUsage(self)
    }

    /// What makes an answer unfit.
    public func defect(in usage: DataUsage) -> String? {
        if case .revised(let script) = usage { script.defect } else { nil }
    }
}

/// Mends a script that failed (MLE-STAR A_debugger).
public struct DebugScript: RoleRequest {
    /// Who is asked.
    public static let role = Role.debugger
    /// The script that failed.
    public let script: Script
    /// How it failed.
    public let failure: Failure

    /// A request.
    public init(script: Script, failure: Failure) {
        self.script = script
        self.failure = failure
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<Script> { try await agents.debug(self) }

    /// What makes an answer unfit.
    public func defect(in mended: Script) -> String? {
        mended == script ? "the script was returned unchanged" : mended.defect
    }
}

extension Script {
    /// What makes a text unfit to be run as a solution at all; whether it compiles is the worker's to say.
    var defect: String? {
        if text.allSatisfy(\.isWhitespace) { return "the script is empty" }
        if text.utf8.count > 1_000_000 { return "the script is longer than 1 000 000 bytes" }
        return nil
    }
}

public import Vocabulary

/// What a look for leakage found.
public enum LeakageFinding: Codable, Hashable, Sendable {
    /// Nothing flows from validation or test rows into training.
    case clean
    /// Something does, in this block of the script, verbatim.
    case leaks(block: String)
}

/// Looks for validation or test rows that reach the training (MLE-STAR A_leakage, detection).
public struct DetectLeakage: RoleRequest {
    /// Who is asked.
    public static let role = Role.leakageDetector
    /// The script to look at.
    public let script: Script

    /// A request.
    public init(script: Script) { self.script = script }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<LeakageFinding> {
        try await agents.detectLeakage(self)
    }

    /// What makes an answer unfit.
    public func defect(in finding: LeakageFinding) -> String? {
        if case .leaks(let block) = finding, case .missing(let reason) = script.span(of: block) { return reason }
        return nil
    }
}

/// Rewrites the block that leaks (MLE-STAR A_leakage, correction).
public struct FixLeakage: RoleRequest {
    /// Who is asked.
    public static let role = Role.leakageFixer
    /// The whole script.
    public let script: Script
    /// The block that leaks; it occurs in the script exactly once.
    public let block: String

    /// A request.
    public init(script: Script, block: String) {
        self.script = script
        self.block = block
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<String> {
        try await agents.fixLeakage(self)
    }

    /// What makes an answer unfit.
    public func defect(in replacement: String) -> String? {
        if replacement.allSatisfy(\.isWhitespace) { return "the block is empty" }
        return script.edited(block, to: replacement).defect
    }
}

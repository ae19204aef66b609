public import Vocabulary

/// Where a script takes only some of the training rows.
public enum Subsampling: Codable, Hashable, Sendable {
    /// It uses all of them.
    case none
    /// In this block of the script, verbatim.
    case block(String)
}

/// Finds the block that takes only some of the training rows (MLE-STAR appendix E).
public struct LocateSubsampling: RoleRequest {
    /// Who is asked.
    public static let role = Role.subsamplingLocator
    /// The script to look at.
    public let script: Script

    /// A request.
    public init(script: Script) { self.script = script }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<Subsampling> {
        try await agents.locateSubsampling(self)
    }

    /// What makes an answer unfit.
    public func defect(in subsampling: Subsampling) -> String? {
        if case .block(let block) = subsampling, case .missing(let reason) = script.span(of: block) { return reason }
        return nil
    }
}

/// Rewrites that block so that all training rows are used (MLE-STAR appendix E).
public struct RemoveSubsampling: RoleRequest {
    /// Who is asked.
    public static let role = Role.subsamplingRemover
    /// The script the block stands in.
    public let script: Script
    /// The block, which occurs in the script exactly once.
    public let block: String

    /// A request.
    public init(script: Script, block: String) {
        self.script = script
        self.block = block
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<String> {
        try await agents.removeSubsampling(self)
    }

    /// What makes an answer unfit.
    public func defect(in replacement: String) -> String? { script.edited(block, to: replacement).defect }
}

/// Adds the prediction of the test rows to a script that only validates (MLE-STAR A_test).
public struct WriteSubmission: RoleRequest {
    /// Who is asked.
    public static let role = Role.submissionWriter
    /// The winning script.
    public let script: Script

    /// A request.
    public init(script: Script) { self.script = script }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<Script> {
        try await agents.writeSubmission(self)
    }

    /// What makes an answer unfit.
    public func defect(in script: Script) -> String? {
        script.text.contains("submission.csv")
            ? script.defect : "the script does not write ./final/submission.csv; it must"
    }
}

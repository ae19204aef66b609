public import Vocabulary

/// Shortens the task's description to what a search for models needs; nobody else reads the summary.
public struct SummarizeTask: RoleRequest {
    /// Who is asked.
    public static let role = Role.taskSummarizer

    /// A request; whoever plays the role knows the task.
    public init() {}

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<String> {
        try await agents.summarizeTask(self)
    }

    /// What makes an answer unfit.
    public func defect(in summary: String) -> String? { TextBounds.plan.defect(in: summary) }
}

/// Cuts a long error report down to what a debugger needs.
public struct SummarizeFailure: RoleRequest {
    /// Who is asked.
    public static let role = Role.bugSummarizer
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
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<String> {
        try await agents.summarizeFailure(self)
    }

    /// What makes an answer unfit.
    public func defect(in summary: String) -> String? { TextBounds.summary.defect(in: summary) }
}

/// Writes a script that measures variants of a script by itself (MLE-STAR A_abl as published): asked where scores are
/// self-reported. Its numbers are hints.
public struct WriteAblation: RoleRequest {
    /// Who is asked.
    public static let role = Role.ablationCoder
    /// The script to examine.
    public let script: Script
    /// What earlier studies of this solution found, in words; their parts need not be examined again.
    public let studies: [String]

    /// A request.
    public init(script: Script, studies: [String]) {
        self.script = script
        self.studies = studies
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<Script> {
        try await agents.writeAblation(self)
    }

    /// What makes an answer unfit.
    public func defect(in ablation: Script) -> String? {
        ablation == script ? "the ablation is the script unchanged" : ablation.defect
    }
}

/// Says what an ablation script printed (MLE-STAR A_summarize as published).
public struct SummarizeAblationOutput: RoleRequest {
    /// Who is asked.
    public static let role = Role.ablationSummarizer
    /// The ablation script.
    public let script: Script
    /// What it printed, cut to its beginning and end; `nil` when it failed.
    public let output: String?
    /// Why it failed.
    public let failure: Failure?

    /// A request.
    public init(script: Script, output: String?, failure: Failure?) {
        self.script = script
        self.output = output
        self.failure = failure
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<String> {
        try await agents.summarizeAblationOutput(self)
    }

    /// What makes an answer unfit.
    public func defect(in summary: String) -> String? { TextBounds.summary.defect(in: summary) }
}

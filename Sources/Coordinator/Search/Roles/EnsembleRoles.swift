public import Vocabulary

/// One earlier ensemble plan and what came of it.
public struct EnsembleTry: Codable, Hashable, Sendable {
    /// The plan that was carried out.
    public let plan: String
    /// The score of its script, in units of the metric; `nil` when there is none.
    public let score: Double?
    /// Why there is no score.
    public let failure: String?

    /// A try.
    public init(plan: String, score: Double?, failure: String?) {
        self.plan = plan
        self.score = score
        self.failure = failure
    }
}

/// Proposes how to combine the solutions (MLE-STAR A_ens_planner).
public struct PlanEnsemble: RoleRequest {
    /// Who is asked.
    public static let role = Role.ensemblePlanner
    /// The best script of each solution, best first.
    public let scripts: [Script]
    /// Every plan tried so far; empty in the first round, when a simple idea is wanted.
    public let history: [EnsembleTry]
    /// Which scores are better.
    public let direction: Direction

    /// A request.
    public init(scripts: [Script], history: [EnsembleTry], direction: Direction) {
        self.scripts = scripts
        self.history = history
        self.direction = direction
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<String> {
        try await agents.planEnsemble(self)
    }

    /// What makes an answer unfit.
    public func defect(in plan: String) -> String? {
        if history.contains(where: { $0.plan == plan }) { return "the plan repeats an earlier one" }
        return TextBounds.ensemblePlan.defect(in: plan)
    }
}

/// Carries out an ensemble plan: one script made of several (MLE-STAR A_ensembler).
public struct WriteEnsemble: RoleRequest {
    /// Who is asked.
    public static let role = Role.ensembler
    /// The best script of each solution, best first.
    public let scripts: [Script]
    /// What to do.
    public let plan: String

    /// A request.
    public init(scripts: [Script], plan: String) {
        self.scripts = scripts
        self.plan = plan
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<Script> {
        try await agents.writeEnsemble(self)
    }

    /// What makes an answer unfit.
    public func defect(in script: Script) -> String? {
        scripts.contains(script) ? "the script is one of the solutions unchanged" : script.defect
    }
}

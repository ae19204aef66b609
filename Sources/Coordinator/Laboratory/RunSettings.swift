public import Search
public import Tasks
public import Vocabulary

/// Everything that decides what a run does, stored with it.
public struct RunSettings: Codable, Hashable, Sendable {
    /// How wide and deep the search goes.
    public var plan: SearchPlan
    /// Where scores come from.
    public var mode: EvaluationMode
    /// How rows are held out, where they are.
    public var split: SplitSettings
    /// Handed to every script and to the playbook.
    public var seed: Int
    /// Who plays the roles: a model's name, or `playbook`.
    public var model: String
    /// Cores per job.
    public var cores: Int
    /// Limits of one script.
    public var limits: Limits
    /// Whether outcomes of equal jobs may be used again.
    public var reusesOutcomes: Bool
    /// Jobs that run at once, as far as was known when the run was entered.
    public var slots: Int
    /// Scripts that the search runs at most; `nil` for as many as the time allows.
    public var evaluations: Int?
    /// What people added.
    public var guidance: Guidance
    /// How language models play the roles.
    public var agents: AgentSettings
    /// Whether attempts may be ended early by their intermediate scores; absent from runs of earlier versions.
    public var stopsEarly: Bool?
    /// Whether scripts that take far longer than expected are run a second time elsewhere; absent from runs of earlier
    /// versions.
    public var runsBackups: Bool?
    /// What local workers are told about sandboxes, as arguments; absent from runs of earlier versions.
    public var sandboxArguments: [String]?
    /// What each script asks of a worker beyond a slot; absent for nothing.
    public var needs: Needs?

    /// Settings.
    public init(
        plan: SearchPlan, mode: EvaluationMode = .hidden, split: SplitSettings, seed: Int, model: String, cores: Int,
        limits: Limits, reusesOutcomes: Bool, slots: Int = 1, evaluations: Int? = nil,
        guidance: Guidance = Guidance(), agents: AgentSettings = AgentSettings()
    ) {
        self.plan = plan
        self.mode = mode
        self.split = split
        self.seed = seed
        self.model = model
        self.cores = cores
        self.limits = limits
        self.reusesOutcomes = reusesOutcomes
        self.slots = slots
        self.evaluations = evaluations
        self.guidance = guidance
        self.agents = agents
    }
}

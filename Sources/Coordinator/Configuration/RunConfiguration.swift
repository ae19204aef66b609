public import Search
public import Tasks
public import Vocabulary

/// What a configuration file says; every key has a default.
public struct RunConfiguration: Hashable, Sendable {
    /// Wall time of the whole run.
    public var budget = Duration.seconds(300)
    /// Who plays the roles: a model's name, `playbook`, or `auto` for the first key found.
    public var model = "auto"
    /// How language models play the roles.
    public var agents = AgentSettings()
    /// Handed to every script, to the playbook and to the split.
    public var seed = 0
    /// How wide and deep the search goes.
    public var plan = SearchPlan()
    /// Whether the plan is made wide enough to keep all slots busy.
    public var fillsSlots = false
    /// Scripts that the search runs at most; 0 for as many as the time allows.
    public var evaluations = 0
    /// Where scores come from: `hidden` or `self-reported`.
    public var mode = "hidden"
    /// Times a script is scored; 0 lets the number of rows decide.
    public var folds = 0
    /// How rows are held out; its seed is `seed` and its folds are `folds`.
    public var split = SplitSettings(seed: 0)
    /// Local workers to start; 0 for as many as cores and memory have room for.
    public var workers = 0
    /// Time limit of one script.
    public var wallLimit = Duration.seconds(600)
    /// Memory limit of one script, in MiB.
    public var memoryLimitMebibytes = 8192
    /// What one script may print, in MiB.
    public var outputLimitMebibytes = 64
    /// Graphics processors of one script.
    public var gpus = 0
    /// Memory of each graphics processor, in MiB.
    public var gpuMemoryMebibytes = 0
    /// Cores of one script; 0 for those of a slot.
    public var cores = 0
    /// Memory set aside for one script, in MiB.
    public var memoryMebibytes = 0
    /// Name or fingerprint of the Python environment, or `any`.
    public var environment = "any"
    /// What scripts run in: `auto`, `bubblewrap`, `landlock` or `none`.
    public var sandbox = "auto"
    /// Whether scripts reach the network.
    public var allowsNetwork = false
    /// Further folders that scripts may read, separated by colons.
    public var allowedFolders = ""
    /// Whether attempts may be ended early by their intermediate scores.
    public var stopsEarly = false
    /// Whether scripts that take far longer than expected are run a second time elsewhere.
    public var runsBackups = false
    /// Whether the outcome of an equal job may be used again.
    public var reusesOutcomes = true

    /// The defaults.
    public init() {}

    /// What a worker is told of all this, as arguments.
    public var sandboxArguments: [String] {
        ["--sandbox", sandbox] + (allowsNetwork ? ["--allow-network"] : [])
            + allowedFolders.split(separator: ":").flatMap { ["--allow-folder", String($0)] }
    }

    /// What each script asks of a worker beyond a slot.
    public var needs: Needs {
        Needs(
            gpus: gpus, gpuMemoryBytes: gpuMemoryMebibytes << 20, cores: cores, memoryBytes: memoryMebibytes << 20,
            environment: environment == "any" ? "" : environment)
    }

    /// `plan.ensemble` as it is written.
    var ensemble: String {
        get { plan.ensemble.rawValue }
        set { plan.ensemble = Ensembling(rawValue: newValue) ?? plan.ensemble }
    }

    /// `split.maximumTrainingRows`, with 0 for all.
    var trainingRowCap: Int {
        get { split.maximumTrainingRows ?? 0 }
        set { split.maximumTrainingRows = newValue == 0 ? nil : newValue }
    }
}

/// What is wrong with a configuration file: every problem at once, each with file, key, value and what is allowed.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence each.
    public let problems: [String]

    /// All problems, a line each.
    public var description: String { problems.joined(separator: "\n") }
}


/// What a configuration file says; every key has a default.
public struct RunConfiguration: Hashable, Sendable {
    /// Wall time of the whole run.
    public var budget = Duration.seconds(300)
    /// Who plays the roles.
    public var model = "playbook"
    /// Handed to every script and to the playbook.
    public var seed = 0

    public var solutions = 2
    public var candidates = 3
    public var outerSteps = 3
    public var innerSteps = 3
    public var plansAtOnce = 1
    public var ablationVariants = 3
    public var debugRounds = 2
    public var acceptance = 0.75
    public var finalists = 3

    public var holdoutShare = 0.2
    public var judgeShare = 0.33
    public var maximumTrainingRows = 0
    public var refitAgreement = 0.8

    /// Local workers to start; 0 for one per core.
    public var workers = 0
    public var wallLimit = Duration.seconds(600)
    public var memoryLimitMebibytes = 8192
    public var outputLimitMebibytes = 64
    public var reusesOutcomes = true

    /// The defaults.
    public init() {}
}

/// What is wrong with a configuration file: every problem at once, each with file, key, value and what is allowed.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence each.
    public let problems: [String]

    /// All problems, a line each.
    public var description: String { problems.joined(separator: "\n") }
}

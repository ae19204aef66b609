import Agents
import ArgumentParser
import Configuration
import Foundation
import Laboratory
import Machine
import Search
import Tasks
import Vocabulary

/// Where state is kept.
struct StateOption: ParsableArguments {
    @Option(name: .customLong("state"), help: "State folder (default: $MLESTAR_STATE or ~/.mlestar/state).")
    var folder: String?
}

/// What `run` and `submit` take.
struct RunOptions: ParsableArguments {
    @Argument(help: "The competition's folder.")
    var task: String

    @Option(help: "Folder for the results (default: ./mlestar-out/RUN).")
    var out: String?

    @Option(help: "Configuration file (YAML); `mlestar config` prints one with every key.")
    var config: String?

    @Option(
        help: """
            Who plays the roles: gemini-2.5-pro, openai:NAME, anthropic:NAME, compatible:NAME@URL or playbook (default: the \
            first key found in the environment, else the playbook).
            """)
    var model: String?

    @OptionGroup var caps: CostOptions

    @Option(help: "Wall time of the whole run, such as 90s, 5m or 1h30m.", transform: RunOptions.time)
    var budget: Duration?

    @Option(help: "Number handed to every script and to the playbook.")
    var seed: Int?

    @Option(help: "Scripts that the search runs at most (default: as many as the time allows).")
    var evaluations: Int?

    @Option(
        name: .customLong("model-card"),
        help: "A model card written by hand: a recipe or a Markdown file with a code block. May be repeated.")
    var modelCards: [String] = []

    @Option(help: "Folder of recipes for the playbook, on top of the built-in ones.")
    var catalogue: String?

    @Option(help: "What to refine, in words, in place of what an ablation would choose.")
    var target: String?

    @Flag(help: "Run every script anew, also when the outcome of an equal job is known.")
    var fresh = false

    func validate() throws {
        if let seed, !(0...2_147_483_647).contains(seed) {
            throw ValidationError("--seed must be 0 to 2147483647, not \(seed)")
        }
        if let evaluations, !(1...1_000_000).contains(evaluations) {
            throw ValidationError("--evaluations must be 1 to 1000000, not \(evaluations)")
        }
        if let target, target.allSatisfy(\.isWhitespace) || target.count > 5_000 {
            throw ValidationError("--target must be 1 to 5000 characters that say what to refine")
        }
    }

    /// The configuration with what the command line says on top.
    func configuration() throws -> RunConfiguration {
        var configuration = try config.map { try ConfigurationFile.read($0) } ?? RunConfiguration()
        configuration.budget = budget ?? configuration.budget
        configuration.seed = seed ?? configuration.seed
        configuration.evaluations = evaluations ?? configuration.evaluations
        if fresh { configuration.reusesOutcomes = false }
        configuration.agents.money = caps.maxCost ?? configuration.agents.money
        configuration.agents.tokens = caps.maxTokens ?? configuration.agents.tokens
        do {
            let (chosen, why) = try ModelChoice.made(model ?? configuration.model)
            configuration.model = chosen
            tell("roles are played by \(chosen): \(why)")
        } catch {
            throw InputError("--model \(error)")
        }
        return configuration
    }

    /// What the command line adds to the search.
    ///
    /// - Throws: `InputError` when a file cannot be used.
    func guidance() throws -> Guidance {
        do {
            let guidance = Guidance(
                cards: try modelCards.map(ModelCardFile.read), target: target,
                recipes: try catalogue.map(Catalogue.files) ?? [])
            // Found out now rather than in the middle of a search.
            _ = try Catalogue.builtIn.adding(guidance.allRecipes)
            return guidance
        } catch let error as CatalogueError {
            throw InputError("\(error)")
        }
    }

    /// Reads a time on the command line.
    static func time(_ text: String) throws -> Duration {
        guard let time = TimeText.duration(text), time >= .seconds(1) else {
            throw ValidationError("'\(text)' is no time of at least a second; write 90s, 5m or 1h30m")
        }
        return time
    }
}

/// What calls of language models may cost; `run`, `submit` and `resume` take it.
struct CostOptions: ParsableArguments {
    @Option(name: .customLong("max-cost"), help: "Dollars that calls of language models may cost in all.")
    var maxCost: Double?

    @Option(name: .customLong("max-tokens"), help: "Tokens that calls of language models may use in all.")
    var maxTokens: Int?

    /// Whether any of these was given.
    var isGiven: Bool { maxCost != nil || maxTokens != nil }

    func validate() throws {
        if let maxCost, !(maxCost > 0 && maxCost <= 1_000_000) {
            throw ValidationError("--max-cost must be more than 0 and at most 1000000 dollars, not \(maxCost)")
        }
        if let maxTokens, !(1...1_000_000_000_000).contains(maxTokens) {
            throw ValidationError("--max-tokens must be 1 to 1000000000000, not \(maxTokens)")
        }
    }
}

extension RunConfiguration {
    /// Slots that a run is planned for before its workers are known: as many as it says, or as many scripts as this machine
    /// has room for.
    var slotCount: Int {
        workers == 0 ? MachineRoom.available.scripts(cores: cores, memoryBytes: needs.memoryBytes) : workers
    }
}

extension RunSettings {
    /// What a configuration means for a run.
    ///
    /// - Parameter slots: jobs that run at once.
    init(
        _ configuration: RunConfiguration, for task: TaskFolder, guidance: Guidance = Guidance(), cores: Int, slots: Int
    ) {
        var split = configuration.split
        split.seed = UInt64(configuration.seed)
        split.folds = configuration.folds == 0 ? task.usualFolds : configuration.folds
        let limits = Limits(
            wall: configuration.wallLimit, memoryBytes: configuration.memoryLimitMebibytes << 20,
            outputBytes: configuration.outputLimitMebibytes << 20)
        var plan = configuration.fillsSlots ? configuration.plan.filling(slots: slots) : configuration.plan
        // The playbook's scripts are its own, and it declines to look for leakage.
        if configuration.model == "playbook" { plan.checksLeakage = false }
        self.init(
            plan: plan, mode: EvaluationMode(rawValue: configuration.mode) ?? .hidden, split: split,
            seed: configuration.seed, model: configuration.model,
            cores: configuration.cores == 0 ? cores : configuration.cores, limits: limits,
            reusesOutcomes: configuration.reusesOutcomes, slots: slots,
            evaluations: configuration.evaluations == 0 ? nil : configuration.evaluations, guidance: guidance,
            agents: configuration.agents)
        stopsEarly = configuration.stopsEarly
        runsBackups = configuration.runsBackups ? true : nil
        sandboxArguments = configuration.sandboxArguments
        needs = configuration.needs == Needs() ? nil : configuration.needs
    }
}

extension RunOptions {
    /// The configuration; an unusable file ends the command with its exit code.
    func usableConfiguration() throws -> RunConfiguration {
        do { return try configuration() } catch let error as ConfigurationError {
            tell("Error: \(error)")
            throw Ending.unusableInput
        }
    }
}

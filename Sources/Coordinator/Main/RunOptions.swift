import ArgumentParser
import Configuration
import Foundation
import Laboratory
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

    @Option(help: "Who plays the roles: playbook.")
    var model: String?

    @Option(help: "Wall time of the whole run, such as 90s, 5m or 1h30m.", transform: RunOptions.time)
    var budget: Duration?

    @Option(help: "Number handed to every script and to the playbook.")
    var seed: Int?

    @Flag(help: "Run every script anew, also when the outcome of an equal job is known.")
    var fresh = false

    func validate() throws {
        if let seed, !(0...2_147_483_647).contains(seed) {
            throw ValidationError("--seed must be 0 to 2147483647, not \(seed)")
        }
    }

    /// The configuration with what the command line says on top.
    func configuration() throws -> RunConfiguration {
        var configuration = try config.map { try ConfigurationFile.read($0) } ?? RunConfiguration()
        configuration.budget = budget ?? configuration.budget
        configuration.seed = seed ?? configuration.seed
        if fresh { configuration.reusesOutcomes = false }
        if let model {
            guard model == "playbook" else {
                throw InputError("--model \(model): this build knows only 'playbook'")
            }
            configuration.model = model
        }
        return configuration
    }

    /// Reads a time on the command line.
    static func time(_ text: String) throws -> Duration {
        guard let time = TimeText.duration(text), time >= .seconds(1) else {
            throw ValidationError("'\(text)' is no time of at least a second; write 90s, 5m or 1h30m")
        }
        return time
    }
}

extension RunSettings {
    /// What a configuration means for a run.
    init(_ configuration: RunConfiguration, cores: Int) {
        var split = configuration.split
        split.seed = UInt64(configuration.seed)
        let limits = Limits(
            wall: configuration.wallLimit, memoryBytes: configuration.memoryLimitMebibytes << 20,
            outputBytes: configuration.outputLimitMebibytes << 20)
        self.init(
            plan: configuration.plan, mode: EvaluationMode(rawValue: configuration.mode) ?? .hidden, split: split,
            seed: configuration.seed, model: configuration.model, cores: cores,
            limits: limits, reusesOutcomes: configuration.reusesOutcomes)
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

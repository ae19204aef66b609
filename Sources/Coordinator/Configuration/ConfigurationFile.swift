import Foundation
import Search
import Tasks
import Vocabulary
import Yams

/// Configuration files: YAML with sections, every key documented here and nowhere else.
public enum ConfigurationFile {
    static let keys: [ConfigurationKey] = agentKeys.prefix(1) + searchKeys + agentKeys.dropFirst()

    private static let searchKeys: [ConfigurationKey] = [
        .time("budget", \.budget, "Wall time of the whole run; it always ends in a submission."),
        .whole(
            "evaluations", \.evaluations, 0...1_000_000,
            "Scripts that the search runs at most; 0 for as many as the time allows."),
        .whole("seed", \.seed, 0...2_147_483_647, "Handed to every script and to the playbook."),
        .whole("search.solutions", \.plan.solutions, 1...64, "Solutions searched side by side (L)."),
        .whole("search.candidates", \.plan.candidates, 1...256, "Model cards, and so first scripts, per solution (M)."),
        .whole("search.outer_steps", \.plan.outerSteps, 0...64, "Times a target block is chosen and refined (T)."),
        .whole("search.inner_steps", \.plan.innerSteps, 1...64, "Refinement steps on one target block (K)."),
        .whole(
            "search.plans_at_once", \.plan.plansAtOnce, 1...64, "Plans tried at once in each step; 1 is the paper's."),
        .whole("search.ablation_variants", \.plan.ablationVariants, 1...32, "Variants in one ablation."),
        .whole("search.debug_rounds", \.plan.debugRounds, 0...10, "Times a failing script is given to the debugger."),
        .number("search.acceptance", \.plan.acceptance, 0.5...1, "A change must be better with this probability."),
        .number(
            "search.merge_acceptance", \.plan.mergeAcceptance, 0.5...1,
            "The same for merges; at 0.5 equal scores pass, as published."),
        .whole("search.finalists", \.plan.finalists, 1...64, "Solutions compared on the judge part."),
        .flag(
            "search.fill_slots", \.fillsSlots,
            "Whether solutions, first scripts, variants and plans at once are set from the slots there are."),
        .choice(
            "search.ensemble", \.ensemble, Ensembling.allCases.map(\.rawValue),
            "How the solutions become one answer; average and weighted need hidden scores."),
        .whole("search.ensemble_rounds", \.plan.ensembleRounds, 1...64, "Ensemble scripts written by the agent (R)."),
        .whole("search.ensemble_members", \.plan.ensembleMembers, 1...32, "Scripts in a weighted ensemble at most."),
        .flag("search.check_leakage", \.plan.checksLeakage, "Whether scripts are looked through for leakage first."),
        .choice(
            "evaluation.mode", \.mode, ["hidden", "self-reported"],
            "Where scores come from: labels that scripts cannot see, or the line each script prints."),
        .whole(
            "evaluation.folds", \.folds, 0...20,
            "Times a script is scored, each with other rows held out; 0 for 5 below 2000 rows of tables, 3 below 6000, "
                + "else 1."),
        .number("evaluation.holdout_share", \.split.holdoutShare, 0.05...0.5, "Share of training rows held out."),
        .number(
            "evaluation.judge_share", \.split.judgeShare, 0.05...0.8, "Share of held-out rows kept for the last choice."
        ),
        .whole(
            "evaluation.maximum_holdout_rows", \.split.maximumHoldoutRows, 2...100_000_000,
            "Rows held out at most."),
        .whole(
            "evaluation.maximum_training_rows", \.trainingRowCap, 0...1_000_000_000,
            "Training rows a script sees at most during the search; 0 for all."),
        .number(
            "evaluation.refit_agreement", \.plan.refitAgreement, -1...1,
            "A refit stands only if it agrees with the scored run this much."),
        .whole("execution.workers", \.workers, 0...1024, "Local workers to start; 0 for as many as there is room for."),
        .time("execution.wall_limit", \.wallLimit, "Time limit of one script."),
        .whole("execution.memory_limit_mib", \.memoryLimitMebibytes, 64...16_777_216, "Memory limit of one script."),
        .whole("execution.output_limit_mib", \.outputLimitMebibytes, 1...65_536, "What a script may print at most."),
        .whole("execution.gpus", \.gpus, 0...256, "Graphics processors that each script gets to itself; 0 for none."),
        .whole(
            "execution.gpu_memory_mib", \.gpuMemoryMebibytes, 0...16_777_216,
            "Memory that each of them has at least; 0 for any."),
        .whole(
            "execution.cores", \.cores, 0...4096, "Cores set aside for each script; 0 for those of a worker's slot."),
        .whole(
            "execution.memory_mib", \.memoryMebibytes, 0...16_777_216,
            "Memory set aside for each script when workers are chosen; 0 for none."),
        .text(
            "execution.environment", \.environment, "any, a name, or a fingerprint",
            "Python environment that scripts need: its name or the 12 digits, as `mlestar-worker env list` tells them."
        ) { (1...200).contains($0.utf8.count) },
        .choice(
            "execution.sandbox", \.sandbox, ["auto", "bubblewrap", "landlock", "none"],
            "What scripts run in; auto takes the strongest that works, never none."),
        .flag("execution.allow_network", \.allowsNetwork, "Whether scripts reach the network."),
        .folders("execution.allow_folders", \.allowedFolders, "Further folders that scripts may read."),
        .flag(
            "execution.early_stop", \.stopsEarly,
            "Whether a script ends when its intermediate scores fall behind the median of others."),
        .flag(
            "execution.backup_attempts", \.runsBackups,
            "Whether a script that takes far longer than expected is run on an idle worker, too; the first end counts."),
        .flag("execution.reuse_outcomes", \.reusesOutcomes, "Whether the outcome of an equal job may be used again."),
    ]

    /// Reads a file on top of the defaults.
    ///
    /// - Throws: `ConfigurationError` with every problem of the file.
    public static func read(_ path: String) throws(ConfigurationError) -> RunConfiguration {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError(problems: ["\(path): cannot be read; name a YAML file, see `mlestar config`"])
        }
        guard let text = String(data: content, encoding: .utf8) else {
            throw ConfigurationError(problems: ["\(path): is not UTF-8 text"])
        }
        return try parse(text, name: path)
    }

    /// Reads the text of a file.
    static func parse(_ text: String, name: String) throws(ConfigurationError) -> RunConfiguration {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw ConfigurationError(problems: ["\(name): is not YAML: \(error)"])
        }
        var problems: [String] = []
        var configuration = RunConfiguration()
        for (key, value) in entries(of: root, below: "", problems: &problems) {
            if key.hasPrefix("roles.") {
                if let problem = setRole(key, to: value, in: &configuration) { problems.append(problem) }
                continue
            }
            guard let known = keys.first(where: { $0.path == key }) else {
                problems.append(
                    "\(name): unknown key '\(key)'; known keys: \(keys.map(\.path).joined(separator: ", "))")
                continue
            }
            if !known.set(&configuration, value) {
                problems.append("\(name): \(key) is '\(value)'; allowed: \(known.allowed)")
            }
        }
        problems = problems.map { $0.hasPrefix(name) ? $0 : "\(name): \($0)" }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return configuration
    }

    /// A file that says what a configuration says, every key with its meaning.
    public static func documented(_ configuration: RunConfiguration = RunConfiguration()) -> String {
        var lines: [String] = []
        var section = ""
        for key in keys {
            let parts = key.path.split(separator: ".").map(String.init)
            if parts.count > 1, parts[0] != section {
                section = parts[0]
                lines += ["", "\(section):"]
            }
            let indent = parts.count > 1 ? "  " : ""
            lines += [
                "\(indent)# \(key.documentation) (\(key.allowed))",
                "\(indent)\(parts[parts.count - 1]): \(key.text(configuration))",
            ]
        }
        return lines.joined(separator: "\n") + "\n" + roleExample
    }

    private static func entries(of node: Node?, below prefix: String, problems: inout [String]) -> [(String, String)] {
        guard let node, node != Node("") else { return [] }
        guard let mapping = node.mapping else {
            problems.append("\(prefix.isEmpty ? "the file" : "'\(prefix)'") must hold keys with values")
            return []
        }
        var found: [(String, String)] = []
        for (key, value) in mapping {
            let path = prefix + (key.string ?? "?")
            switch value {
            case .scalar(let scalar): found.append((path, scalar.string))
            case .mapping: found += entries(of: value, below: path + ".", problems: &problems)
            case .sequence, .alias: problems.append("'\(path)' must be one value, not a list")
            }
        }
        return found
    }
}

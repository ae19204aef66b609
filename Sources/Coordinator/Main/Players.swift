import Agents
import Foundation
import HTTP
import Journal
import Laboratory
import LanguageModels
import Logging
import ModelAgents
import Recordings
import Search
import Tasks
import Vocabulary

/// What a sitting is told beside the run's settings.
struct SittingOptions: Sendable {
    /// The Python of the local workers, where there are any.
    var python: CheckedPython?
    /// Graphics processors of each local worker, where scripts ask for some.
    var gpuShares: [[GraphicsProcessor]]?
    /// Where every call and outcome is written down.
    var record: String?
    /// What stands for provider and workers.
    var replay: Recording?
    /// What stands for the provider alone.
    var replayModel: Recording?
}

/// Who plays the roles of a run: made for each sitting from its settings.
struct Players {
    let sitting: RunSitting
    let examiner: Examiner
    let recorder: Recorder?

    private var settings: RunSettings { sitting.settings }

    /// The agents.
    ///
    /// - Throws: `InputError` or `ModelError` when the model cannot be used.
    func agents() throws -> any RoleAgents {
        if settings.model == "playbook" {
            return try settings.playbook(for: sitting.task)
        }
        try sitting.journal.markLostCalls(of: sitting.run.id)
        let desk = CallDesk(
            run: sitting.run.id, journal: sitting.journal, source: try source(), witness: recorder)
        return ModelAgents(
            context: try context(), desk: desk, inspector: PythonInspector(interpreter: interpreter),
            sources: try FoundSources(settings.agents, task: sitting.task.specification.name, http: try HTTPClient()),
            retries: settings.agents.retries)
    }

    private func source() throws -> any CallSource {
        if let recording = sitting.options.replay ?? sitting.options.replayModel {
            let logger = sitting.logger
            let warns = sitting.options.replayModel != nil
            return ReplayedCalls(recording, endsRun: sitting.options.replay != nil) { words in
                guard warns else { return }
                tell("warning: \(words)")
                logger.warning("\(words)")
            }
        }
        let prices = try settings.agents.prices.map { try PriceTable.reading($0) } ?? .builtIn
        let ledger = Ledger(
            prices: prices, moneyCap: settings.agents.money.map { Money(dollars: $0) },
            tokenCap: settings.agents.tokens, bill: try spent())
        var calls = ModelSettings()
        calls.limits = KeyLimits(
            requestsPerMinute: settings.agents.requestsPerMinute, tokensPerMinute: settings.agents.tokensPerMinute,
            callsInFlight: settings.agents.callsInFlight)
        calls.capabilities =
            try settings.agents.capabilities.map { try CapabilityTable.reading($0) } ?? .builtIn
        calls.fallback = try settings.agents.fallback.map { try ModelName($0) }
        calls.seed = UInt64(settings.seed)
        let factory = LanguageModelFactory(keys: ModelKeys(), ledger: ledger, http: try HTTPClient(), settings: calls)
        return try LiveSource(
            try ModelName(settings.model), settings: settings.agents, factory: factory, ledger: ledger)
    }

    /// What earlier sittings have spent: calls that were under way when one died count with the most they can have cost.
    private func spent() throws -> Ledger.Bill {
        let ledger = Ledger(prices: .builtIn)
        for call in try sitting.journal.calls(of: sitting.run.id) {
            guard let name = try? ModelName(call.model), name != .playbook else { continue }
            let usage = TokenUsage(input: call.cost.input, output: call.cost.output)
            let charge = Ledger.Charge(usage: usage, cost: call.cost.picodollars.map { Money(picodollars: $0) })
            ledger.book(charge, model: name, label: "\(call.path)#\(call.attempt)")
        }
        return ledger.bill
    }

    private func context() throws -> AgentContext {
        let mount = examiner.searchMount
        return AgentContext(
            task: sitting.task.specification, isHidden: settings.mode == .hidden,
            preview: try DataPreview(folder: mount.path).text,
            trainingRowCount: sitting.task.profile.trainingRowCount,
            machine: AgentContext.Machine(
                packages: try sitting.options.python?.packages ?? sitting.journal.sharedPackages() ?? [],
                cores: settings.cores, gpu: gpu,
                limits: settings.limits))
    }

    /// The interpreter that parses scripts; it runs none of them.
    private var interpreter: String { sitting.options.python?.interpreter ?? "/usr/bin/python3" }

    /// The graphics processors that scripts ask for, in words.
    private var gpu: String? {
        guard let needs = settings.needs, needs.gpus > 0 else { return nil }
        let memory = needs.gpuMemoryBytes > 0 ? " with at least \(needs.gpuMemoryBytes >> 20) MiB" : ""
        return (needs.gpus == 1 ? "an NVIDIA GPU" : "\(needs.gpus) NVIDIA GPUs") + memory
    }
}

/// Which model plays the roles where the configuration says `auto`.
enum ModelChoice {
    /// The model's name, and why it was chosen, in words for the user.
    static func made(_ configured: String, keys: ModelKeys = ModelKeys()) throws -> (model: String, why: String) {
        guard configured == "auto" else {
            return (try ModelName(configured).description, "as told")
        }
        guard let (name, variable) = keys.firstModel() else {
            return ("playbook", "no key of a language model is set")
        }
        return (name.description, "its key is set in \(variable)")
    }
}

extension RunSettings {
    /// What of a person's help cannot be used by whoever plays the roles, a sentence each: a language model can read it all.
    func unusableHelp(for task: TaskFolder) throws -> [String] {
        guard model == "playbook" else { return [] }
        return try playbook(for: task).unusable(in: guidance)
    }

    /// The playbook of a run.
    func playbook(for task: TaskFolder) throws -> Playbook {
        Playbook(
            task: task.specification, profile: task.profile, seed: UInt64(seed),
            catalogue: try Catalogue.builtIn.adding(guidance.allRecipes))
    }
}

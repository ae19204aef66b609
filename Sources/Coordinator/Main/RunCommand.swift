import ArgumentParser
import Configuration
import Foundation
import Journal
import Laboratory
import LanguageModels
import Recordings
import Reporting
import Search
import Tasks
import Vocabulary

/// What every command that works on a run takes.
struct WorkingOptions: ParsableArguments {
    @Option(help: "Local workers to start (default: the configuration's, else as many as there is room for).")
    var workers: Int?

    @Option(help: "Python interpreter of the local workers (default: $MLESTAR_PYTHON, ~/.mlestar/envs/core, python3).")
    var python: String?

    @Option(help: "Listen here, such as tcp://127.0.0.1:5555, for workers started by hand (then --workers 0).")
    var bind: String?

    @Option(
        help: "Write every call and every outcome down in this file, for --replay and --replay-model.")
    var record: String?

    @Option(
        help: "Repeat a recorded run without provider or training: every answer and outcome is read from this file.")
    var replay: String?

    @Option(
        name: .customLong("replay-model"),
        help: "Read the language model's answers from this recording, and train for real; warns where a prompt differs."
    )
    var replayModel: String?

    @Flag(help: "Print run.json on standard output at the end.")
    var json = false

    func validate() throws {
        if let workers, !(0...1024).contains(workers) {
            throw ValidationError("--workers must be 0 to 1024, not \(workers)")
        }
        if workers == 0, bind == nil, replay == nil {
            throw ValidationError("--workers 0 needs --bind, or no worker could ever connect")
        }
        if let bind { try Binding.check(bind) }
        if replay != nil, replayModel != nil || record != nil {
            throw ValidationError("--replay goes with neither --replay-model nor --record")
        }
        if replay != nil, workers ?? 0 > 0 { throw ValidationError("--replay trains nothing: leave --workers away") }
    }

    /// Whether any of these was given.
    var isGiven: Bool {
        workers != nil || python != nil || bind != nil || record != nil || replay != nil || replayModel != nil || json
    }

    /// What a sitting is told beside the run's settings; recordings are read now.
    func sittingOptions() throws -> SittingOptions {
        do {
            return SittingOptions(
                record: record, replay: try replay.map { try Recording(path: $0) },
                replayModel: try replayModel.map { try Recording(path: $0) })
        } catch let error as RecordingError {
            throw InputError("\(error)")
        }
    }

    /// Workers to start: as many as somebody says, or as this machine has room for.
    func workerCount(_ configuration: RunConfiguration) async throws -> Int {
        if let workers { return workers }
        guard configuration.workers == 0 else { return configuration.workers }
        return try await LocalWorkers.usualCount(cores: configuration.cores, needs: configuration.needs)
    }

    /// Works on a run to its end and says what came of it.
    func conduct(
        _ run: RunID, in state: StateFolder, _ journal: Journal, workers: Int, budget: Duration?,
        options: SittingOptions
    ) async throws {
        let coordinator = Coordinator(
            run: run, state: state, journal: journal, workers: options.replay == nil ? workers : 0, python: python,
            bind: bind, budget: budget,
            options: options)
        let record: FinishRecord
        do {
            record = try await reportingInput { try await coordinator.conduct() }
        } catch Signal.cancelled {
            tell("stopped; `mlestar resume \(run)` goes on")
            throw Ending.stopped
        } catch let pause as RunPause {
            tell(
                "paused: \(pause)\nwhen that is mended, `mlestar resume \(run)` goes on; nothing answered is asked again"
            )
            throw Ending.paused
        }
        let out = try journal.run(run).outPath
        print(json ? try JSONText.pretty(record) : Self.summary(record, out: out))
        if record.solution == nil { throw Ending.nothingScored }
    }

    private static func summary(_ record: FinishRecord, out: String) -> String {
        func line(_ score: FinishRecord.ShownScore?, _ part: String) -> String? {
            guard let score else { return nil }
            let error = score.standardError.map { String(format: " ± %.5g", $0) } ?? ""
            // Self-reported scores come from rows that each script chose for itself.
            let place = score.rows > 0 ? " on the \(part) part" : ""
            return String(
                format: "%@ %.5g%@%@ (%@)", record.metric, score.value, error, place, score.evaluation)
        }
        let scores = [line(record.judgeScore, "judge"), line(record.searchScore, "search")].compactMap { $0 }
        return (scores + [record.reason] + (record.remarks ?? []) + ["results: \(out)"]).joined(separator: "\n")
    }
}

/// Says an error in the words of whoever knows it, and ends with the exit code for unusable input.
func reportingInput<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let error as TaskError {
        tell("Error: \(error)")
        throw Ending.unusableInput
    } catch let error as InputError where error.isUnusableTask {
        tell("Error: \(error)")
        throw Ending.unusableInput
    }
}

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Searches for a solution and leaves a submission.",
        discussion: """
            Starts its own workers. Ctrl-C once: finish with the best so far; twice: stop now, `mlestar resume` goes on.
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var working: WorkingOptions
    @OptionGroup var state: StateOption

    func run() async throws {
        let configuration = try options.usableConfiguration()
        let sitting = try working.sittingOptions()
        let folder = try StateFolder(named: state.folder)
        let journal = try folder.journal()
        let workers = try await working.workerCount(configuration)
        let run = try await reportingInput {
            try await RunEntry.enter(
                options, configuration: configuration, workers: max(1, workers), as: .interrupted, in: journal, folder,
                repeating: sitting)
        }
        try await working.conduct(run, in: folder, journal, workers: workers, budget: nil, options: sitting)
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Goes on with a run where it stopped or paused; nothing finished is done again.",
        discussion: """
            A paused run goes on where it is worked on. A run that was submitted goes back to `mlestar serve` while that \
            serves the state folder; any other is worked on here, with workers of its own.
            """)

    @Argument(help: ArgumentHelp("The run's name, as `mlestar list` shows it.", valueName: "run"))
    var name: String

    @Option(help: "New wall time of the whole run, in all its sittings.", transform: RunOptions.time)
    var budget: Duration?

    @Option(help: "Another model from here on, such as one whose allowance is not used up.")
    var model: String?

    @OptionGroup var caps: CostOptions

    @OptionGroup var working: WorkingOptions
    @OptionGroup var state: StateOption

    func run() async throws {
        let folder = try StateFolder(named: state.folder)
        let journal = try folder.journal()
        let record = try journal.run(RunID(name))
        if try await isHandedOver(record, in: folder, journal) { return }
        let settings = try changed(try StoredRun.settings(of: record), of: record.id, in: journal)
        let usual = { try await LocalWorkers.usualCount(cores: settings.cores, needs: settings.needs) }
        let workers = if let told = working.workers { told } else { try await usual() }
        try await working.conduct(
            record.id, in: folder, journal, workers: workers, budget: budget,
            options: try working.sittingOptions())
    }
}

extension ResumeCommand {
    /// Leaves the run to whoever works on it, or serves the folder, where there is somebody.
    private func isHandedOver(_ record: RunRecord, in folder: StateFolder, _ journal: Journal) async throws -> Bool {
        let run = record.id
        let isHeld = folder.isWorkedOn(run)
        let isOpen = record.state == .queued || record.state == .running
        if isOpen, record.wish == .pause, isHeld || record.isServed {
            try leaveAway(budget != nil || model != nil || caps.isGiven, "a paused run goes on as it was")
            switch try await WishDesk(name, in: folder).ask(.go) {
            case .heeded: print("run \(run) goes on")
            case .later:
                print("the pause of run \(run) is over; `mlestar serve` goes on, or `mlestar resume \(run)` here")
            case .ended(let record): print("run \(run) \(WishDesk.ended(record))")
            }
            return true
        }
        if isHeld {
            let doing = record.wish == .finish ? "is finishing: it hands in the best so far" : "is worked on already"
            throw InputError("run \(run) \(doing); `mlestar list` shows it")
        }
        guard record.isServed, folder.isServed else { return false }
        if isOpen { throw InputError("run \(run) waits for the coordinator that serves \(folder.path) already") }
        try leaveAway(false, "the coordinator that serves \(folder.path) goes on with it")
        _ = try changed(try StoredRun.settings(of: record), of: run, in: journal)
        _ = try StoredRun.task(of: record)
        if try journal.requeue(run, budget: budget) {
            print("run \(run) is handed to the coordinator that serves \(folder.path)")
        }
        return true
    }

    /// - Parameter others: whether further options are given that cannot be heeded either.
    private func leaveAway(_ others: Bool, _ why: String) throws {
        guard others || working.isGiven else { return }
        throw InputError("\(why): leave away the other options of resume")
    }

    /// The settings with what the command line says on top, kept from here on.
    private func changed(_ stored: RunSettings, of run: RunID, in journal: Journal) throws -> RunSettings {
        var settings = stored
        if let model {
            guard (stored.model == "playbook") == (model == "playbook") else {
                throw InputError(
                    "run \(run) was begun by \(stored.model); a playbook's run and a language model's ask other questions: "
                        + "start a new run")
            }
            do { settings.model = try ModelName(model).description } catch { throw InputError("--model: \(error)") }
        }
        settings.agents.money = caps.maxCost ?? settings.agents.money
        settings.agents.tokens = caps.maxTokens ?? settings.agents.tokens
        if settings != stored { try journal.retell(run, settings: try JSONText.line(settings)) }
        return settings
    }
}

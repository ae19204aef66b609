import Configuration
import Foundation
import Journal
import Laboratory
import Machine
import Recordings
import Reporting
import Tasks
import Vocabulary

/// Enters a new run in the journal.
enum RunEntry {
    /// The strategy's name and version: a run is resumed with the one it began with.
    static let strategy = "mle-star/6"

    static func enter(
        _ options: RunOptions, configuration: RunConfiguration, workers: Int, as runState: RunState,
        in journal: Journal, _ state: StateFolder, repeating sitting: SittingOptions = SittingOptions()
    ) async throws -> RunID {
        let task = try await TaskArchives.read(options.task, state: state)
        if case .notApplicable(let reason) = task.hiddenEvaluation, configuration.mode == "hidden" {
            throw InputError(
                "\(task.path): hidden evaluation is not possible: \(reason). "
                    + "Write 'evaluation: {mode: self-reported}' in a configuration file and name it with --config.",
                isUnusableTask: true)
        }
        let cores = max(1, MachineCores.available / max(1, workers))
        var settings = RunSettings(
            configuration, for: task, guidance: try options.guidance(), cores: cores, slots: max(1, workers))
        if let recording = sitting.replay {
            guard recording.run.task == task.fingerprint, recording.run.strategy == strategy else {
                throw InputError(
                    "--replay: the recording is of another task or strategy (\(recording.run.strategy)); name the folder it was "
                        + "made with", isUnusableTask: true)
            }
            settings = try JSONText.value(from: recording.run.settings)
        } else if sitting.replayModel != nil {
            settings.model = "replay"
        }
        for words in try settings.unusableHelp(for: task) { tell("warning: \(words)") }
        let run = RunID("\(name(of: task))-\(UUID().uuidString.lowercased().prefix(6))")
        let out = options.out ?? "mlestar-out/\(run)"
        try journal.enter(
            NewRun(
                id: run, taskName: task.specification.name, taskPath: task.path, taskFingerprint: task.fingerprint,
                settings: try JSONText.line(settings), strategy: strategy, budget: configuration.budget,
                outPath: URL(fileURLWithPath: out).standardizedFileURL.path, direction: task.specification.direction),
            as: runState)
        return run
    }

    /// A name fit for files and job names.
    private static func name(of task: TaskFolder) -> String {
        let name = task.specification.name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let short = String(name.prefix(40)).trimmingCharacters(in: CharacterSet(charactersIn: "-"))
        return short.isEmpty ? "task" : short
    }
}

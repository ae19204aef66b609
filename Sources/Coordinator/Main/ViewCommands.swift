import ArgumentParser
import Blobs
import Configuration
import Foundation
import Journal
import Reporting
import Vocabulary

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Lists the runs, or shows one.")

    @Argument(help: ArgumentHelp("A run's name; without one, all runs are listed.", valueName: "run"))
    var name: String?

    @OptionGroup var state: StateOption

    func run() throws {
        let folder = try StateFolder(named: state.folder)
        let journal = try folder.journal()
        let runs = try name.map { [try journal.run(RunID($0))] } ?? journal.allRuns()
        if runs.isEmpty { print("no runs yet; `mlestar run TASK` starts one") }
        for record in runs {
            let isHeld = FolderLock.isHeld(path: "\(try folder.folder(of: record.id))/lock")
            // A run whose process died is still marked as running in the journal.
            let shown = record.state == .running && !isHeld ? "stopped (resume it)" : record.state.rawValue
            let steps = try journal.steps(of: record.id)
            let best = try RunStory(of: record.id, in: journal).best
            print(
                [
                    record.id.rawValue, shown, "\(TimeText.text(record.spent)) of \(TimeText.text(record.budget))",
                    "\(steps.count { $0.answer != nil }) steps", best ?? "no score",
                ].joined(separator: "  "))
            if isHeld, let reason = try journal.obstacle(of: record.id) { print("  \(reason)") }
            for job in try journal.quarantine(of: record.id) {
                print("  quarantined: \(job.job), which took its workers down; see `mlestar report \(record.id)`")
            }
            if name != nil {
                let costs = CallCosts(try journal.calls(of: record.id))
                if !costs.isEmpty { print(([costs.sentence, ""] + costs.table).joined(separator: "\n")) }
            }
        }
    }
}

struct TreeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tree", abstract: "Shows the steps of a run.")

    @Argument(help: ArgumentHelp("The run's name.", valueName: "run"))
    var name: String

    @OptionGroup var state: StateOption

    func run() throws {
        let journal = try StateFolder(named: state.folder).journal()
        for line in StepTree(try RunStory(of: RunID(name), in: journal)).lines { print(line) }
    }
}

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Prints the report of a run, finished or not.")

    @Argument(help: ArgumentHelp("The run's name.", valueName: "run"))
    var name: String

    @Flag(help: "Print run.json instead.")
    var json = false

    @OptionGroup var state: StateOption

    func run() throws {
        let journal = try StateFolder(named: state.folder).journal()
        let story = try RunStory(of: RunID(name), in: journal)
        guard json else { return print(Report(story).text) }
        guard let finish = story.finish else { throw InputError("run \(name) has no result yet") }
        print(try JSONText.pretty(finish))
    }
}

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Prints a configuration file with every key and its meaning.")

    func run() { print(ConfigurationFile.documented(), terminator: "") }
}

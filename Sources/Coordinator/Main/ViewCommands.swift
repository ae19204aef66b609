import ArgumentParser
import Configuration
import Foundation
import Journal
import Reporting
import Vocabulary

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the runs: state, task, time used, progress, best score, what they wait for.")

    @Flag(help: "Print a JSON list instead.")
    var json = false

    @OptionGroup var state: StateOption

    func run() throws {
        let folder = try StateFolder(named: state.folder)
        let journal = try folder.journal()
        let standings = try journal.allRuns().map { try RunStanding(of: $0, in: journal, folder) }
        if json { return print(try JSONText.pretty(standings)) }
        if standings.isEmpty { print("no runs yet; `mlestar run TASK` or `mlestar submit TASK` starts one") }
        for line in standings.flatMap(\.lines) { print(line) }
    }
}

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows how one run stands; `mlestar list` shows all.")

    @Argument(help: ArgumentHelp("The run's name, as `mlestar list` shows it.", valueName: "run"))
    var name: String

    @OptionGroup var state: StateOption

    func run() throws {
        let folder = try StateFolder(named: state.folder)
        let journal = try folder.journal()
        let record = try journal.run(RunID(name))
        for line in try RunStanding(of: record, in: journal, folder).lines { print(line) }
        for job in try journal.quarantine(of: record.id) {
            print("  quarantined: \(job.job), which took its workers down; see `mlestar report \(record.id)`")
        }
        let costs = CallCosts(try journal.calls(of: record.id))
        if !costs.isEmpty { print(([costs.sentence, ""] + costs.table).joined(separator: "\n")) }
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

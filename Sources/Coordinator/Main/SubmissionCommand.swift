import ArgumentParser
import Foundation
import Journal
import Laboratory
import Tasks
import Vocabulary

struct SubmissionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submission", abstract: "Writes the submission of any scored script of a run.",
        discussion: "`mlestar tree RUN` shows the steps; those called 'evaluate' or 'refit' have one.")

    @Argument(help: ArgumentHelp("The run's name.", valueName: "run"))
    var name: String

    @Argument(help: "The step, such as solution-1/candidate-2/evaluate.")
    var step: String

    @Option(help: "The file to write (default: standard output).")
    var out: String?

    @OptionGroup var state: StateOption

    func run() throws {
        let folder = try StateFolder(named: state.folder)
        let journal = try folder.journal()
        let record = try journal.run(RunID(name))
        let task = try StoredRun.task(of: record)
        let settings = try StoredRun.settings(of: record)
        let examiner = Examiner(task: task.specification, basis: try settings.basis(of: task, in: folder))
        let table = try StoredSubmissions(journal: journal, run: record.id, examiner: examiner).deliverable(
            at: StepPath(step))
        let bytes = CSVWriter.bytes(of: task.deliverable(table))
        if let out {
            try Data(bytes).write(to: URL(fileURLWithPath: out))
        } else {
            FileHandle.standardOutput.write(Data(bytes))
        }
    }
}

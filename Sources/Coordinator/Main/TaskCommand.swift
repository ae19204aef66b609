import ArgumentParser
import Foundation
import Reporting
import Scoring
import Tasks
import Vocabulary

struct TaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Looks at a competition's folder.", subcommands: [Check.self, Init.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints what was understood of a competition's folder.")

        @Argument(help: "The competition's folder.")
        var folder: String

        @OptionGroup var state: StateOption

        func run() async throws {
            let state = try StateFolder(named: state.folder)
            let task = try await reportingInput { try await TaskArchives.read(folder, state: state) }
            print(task.summary())
        }
    }

    struct Init: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a task.yaml that says what was understood, to be edited.")

        @Argument(help: "The competition's folder.")
        var folder: String

        @OptionGroup var state: StateOption

        func run() async throws {
            let path = URL(fileURLWithPath: folder).standardizedFileURL.path
            let file = "\(path)/task.yaml"
            guard !FileManager.default.fileExists(atPath: file) else {
                throw InputError("\(file) exists already; edit it, or move it away first")
            }
            let state = try StateFolder(named: state.folder)
            let task = try await reportingInput { try await TaskArchives.read(path, state: state) }
            try Data(task.yamlTemplate().utf8).write(to: URL(fileURLWithPath: file))
            print("wrote \(file)")
        }
    }
}

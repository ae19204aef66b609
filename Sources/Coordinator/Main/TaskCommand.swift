import ArgumentParser
import Foundation
import Reporting
import Scoring
import Tasks
import Vocabulary

struct TaskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Looks at a competition's folder.", subcommands: [Check.self, Init.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints what was understood of a competition's folder.")

        @Argument(help: "The competition's folder.")
        var folder: String

        func run() throws {
            let task = try reportingInput { try TaskFolder.read(URL(fileURLWithPath: folder).standardizedFileURL.path) }
            print(task.summary())
        }
    }

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a task.yaml that says what was understood, to be edited.")

        @Argument(help: "The competition's folder.")
        var folder: String

        func run() throws {
            let path = URL(fileURLWithPath: folder).standardizedFileURL.path
            let file = "\(path)/task.yaml"
            guard !FileManager.default.fileExists(atPath: file) else {
                throw InputError("\(file) exists already; edit it, or move it away first")
            }
            let task = try reportingInput { try TaskFolder.read(path) }
            try Data(task.yamlTemplate().utf8).write(to: URL(fileURLWithPath: file))
            print("wrote \(file)")
        }
    }
}

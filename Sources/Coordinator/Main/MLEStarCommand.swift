import ArgumentParser
import Foundation

@main
struct MLEStarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlestar",
        abstract: "Turns a machine-learning competition into a tested solution and a submission.",
        discussion: """
            Exit codes: 0 done · 1 an error · 2 the task or the configuration cannot be used · 3 done, but no script got \
            a score: the submission is the sample submission · 5 paused: a provider refuses, `mlestar resume` goes on · 64 a wrong argument · 130 stopped, `mlestar resume` goes on.
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, SubmitCommand.self, ServeCommand.self, ListCommand.self, PauseCommand.self,
            ResumeCommand.self, StopCommand.self, DrainCommand.self, StatusCommand.self, TreeCommand.self,
            LogsCommand.self, ReportCommand.self, SubmissionCommand.self, TaskCommand.self, GradeCommand.self,
            HintCommand.self, KeysCommand.self, FleetCommand.self, ConfigCommand.self,
            DoctorCommand.self,
        ])
}

/// How every command ends.
enum Ending {
    static let unusableInput = ExitCode(2)
    static let nothingScored = ExitCode(3)
    static let paused = ExitCode(5)
    static let stopped = ExitCode(130)
}

/// Writes a line to standard error.
func tell(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
}

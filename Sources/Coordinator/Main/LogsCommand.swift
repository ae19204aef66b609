import ArgumentParser
import Foundation
import Journal
import Vocabulary

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Prints what scripts of a run have printed, while they run or afterwards.",
        discussion: """
            Without a job: the scripts that run now. Of a script that runs the last 16 KiB of standard output and of standard \
            error are shown, of one that has ended beginning and end of both.
            """)

    @Argument(help: ArgumentHelp("The run's name, as `mlestar list` shows it.", valueName: "run"))
    var name: String

    @Argument(help: "The step that runs it, as `mlestar tree RUN` shows it, such as solution-1/candidate-2/evaluate.")
    var job: String?

    @Flag(help: "Go on printing until the scripts have ended.")
    var follow = false

    @OptionGroup var state: StateOption

    func run() async throws {
        let folder = try StateFolder(named: state.folder)
        let journal = try folder.journal()
        let record = try journal.run(RunID(name))
        var printer = LogPrinter(journal: journal, run: record.id)
        let (ended, running) = try chosen(of: record.id, in: journal)
        for job in ended { try printer.printKept(job) }
        guard !running.isEmpty else { return }
        guard folder.isWorkedOn(record.id) else {
            throw InputError(
                "nobody works on run \(name), so nobody asks its workers; `mlestar list` shows how it stands")
        }
        try await printer.print(running, following: follow)
    }

    private func chosen(of run: RunID, in journal: Journal) throws -> (ended: [JobID], running: [JobID]) {
        let all = try journal.jobs(of: run)
        guard let job else {
            let running = all.filter { $0.state == "leased" }.map(\.id)
            if running.isEmpty { throw InputError("no script of run \(run) runs now; \(Self.hint(all, run))") }
            return ([], running)
        }
        let name = "\(run):\(job)"
        // A step of several folds runs a job for each, and a job may have a backup.
        let named = all.filter { standing in
            let id = (standing.id.original ?? standing.id).rawValue
            return standing.id.rawValue == name || id == name || id.hasPrefix("\(name)/fold-")
        }
        if named.isEmpty { throw InputError("run \(run) has no script at '\(job)'; \(Self.hint(all, run))") }
        return (named.filter { $0.state != "leased" }.map(\.id), named.filter { $0.state == "leased" }.map(\.id))
    }

    private static func hint(_ jobs: [JobStanding], _ run: RunID) -> String {
        let last = jobs.suffix(5).map { String($0.id.rawValue.dropFirst(run.rawValue.count + 1)) }
        return last.isEmpty ? "it has run none yet" : "its last ones: \(last.joined(separator: ", "))"
    }
}

/// Prints logs: what is told of scripts that run, and what was kept of those that have ended.
struct LogPrinter {
    private struct Following {
        var output = StreamFollower()
        var errors = StreamFollower()
        var term = LeaseTerm.first
        /// When the last tail was told, or the first one was asked for.
        var seen: Double
        /// Whether it was said that nobody tells any.
        var isMissed = false
    }

    let journal: Journal
    let run: RunID
    private var following: [JobID: Following] = [:]
    private var lastTitle: String?

    /// What stands in a kept log between standard output and standard error.
    private static let errorsTitle = "--- standard error ---\n"
    /// How long a worker that is asked may take, and how often as many jobs are asked about as the coordinator takes at once.
    private static let (patience, turn, jobsInTurn) = (10.0, 0.5, 16)

    init(journal: Journal, run: RunID) {
        self.journal = journal
        self.run = run
    }

    /// Prints what was kept of a job that does not run.
    mutating func printKept(_ job: JobID) throws {
        guard let (log, ending) = try journal.keptLog(of: job) else {
            return tell("\(step(job)) has printed nothing: no worker has run it to its end")
        }
        show(log, of: job, "")
        tell("\(step(job)) ended: \(ending)")
    }

    /// Prints what scripts that run print, once or until they have ended.
    mutating func print(_ jobs: [JobID], following isFollowing: Bool) async throws {
        let now = Date().timeIntervalSince1970
        for job in jobs { following[job] = Following(seen: now) }
        let patience = Self.patience + Self.turn * Double((jobs.count + Self.jobsInTurn - 1) / Self.jobsInTurn)
        while !following.isEmpty {
            try journal.wantTails(of: Array(following.keys))
            try await Task.sleep(for: .milliseconds(300))
            let running = Set(try journal.jobs(of: run).filter { $0.state == "leased" }.map(\.id))
            for job in following.keys.sorted() {
                let isNew = try printTail(of: job)
                if !running.contains(job) {
                    try printEnd(of: job)
                } else if isNew, !isFollowing {
                    following[job] = nil
                } else if let seen = following[job]?.seen, Date().timeIntervalSince1970 - seen > patience {
                    miss(job)
                    if !isFollowing { following[job] = nil }
                }
            }
        }
    }

    /// Says once that nobody tells what a script prints.
    private mutating func miss(_ job: JobID) {
        guard following[job]?.isMissed == false else { return }
        following[job]?.isMissed = true
        tell("the worker that runs \(step(job)) does not answer: it is cut off, or of an earlier version")
    }

    /// - Returns: whether something was told since the last look.
    private mutating func printTail(of job: JobID) throws -> Bool {
        guard var state = following[job], let tail = try journal.tail(of: job, toldAfter: state.seen) else {
            return false
        }
        if tail.attempt.term != state.term { (state.output, state.errors) = (StreamFollower(), StreamFollower()) }
        state.term = tail.attempt.term
        state.seen = Date().timeIntervalSince1970
        show(state.output.take(size: tail.output.size, tail: tail.output.tail), of: job, "")
        show(state.errors.take(size: tail.errors.size, tail: tail.errors.tail), of: job, " (standard error)")
        following[job] = state
        return true
    }

    /// A script that was followed has ended, or was taken from its worker.
    private mutating func printEnd(of job: JobID) throws {
        guard let state = following.removeValue(forKey: job) else { return }
        guard let (log, ending) = try journal.keptLog(of: job) else {
            return tell("\(step(job)) does not run any more")
        }
        let parts = log.split(separator: Self.errorsTitle, maxSplits: 1, omittingEmptySubsequences: false)
        show(state.output.rest(of: String(parts[0])), of: job, "")
        if parts.count > 1 { show(state.errors.rest(of: String(parts[1])), of: job, " (standard error)") }
        tell("\(step(job)) ended: \(ending)")
    }

    private mutating func show(_ text: String, of job: JobID, _ stream: String) {
        guard !text.isEmpty else { return }
        let title = "==> \(step(job))\(stream) <=="
        if title != lastTitle { FileHandle.standardOutput.write(Data((title + "\n").utf8)) }
        lastTitle = title
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    private func step(_ job: JobID) -> Substring { job.rawValue.dropFirst(run.rawValue.count + 1) }
}

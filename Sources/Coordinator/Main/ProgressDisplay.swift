import Configuration
import Dispatching
import Foundation
import Journal
import Laboratory
import Tasks
import Vocabulary

/// Live progress of a run on standard error: a block that is drawn over on a terminal, plain lines elsewhere.
struct ProgressDisplay: Sendable {
    private let sitting: RunSitting
    private let isTerminal = isatty(STDERR_FILENO) == 1

    init(_ sitting: RunSitting) { self.sitting = sitting }

    /// Shows progress until the task is cancelled.
    func run() async {
        var drawn = 0
        var said: Set<StepPath> = []
        tell(
            "run \(sitting.run.id): \(sitting.task.specification.name), \(sitting.task.specification.metric) "
                + "(\(sitting.task.specification.direction.rawValue) is better), "
                + "budget \(TimeText.text(sitting.run.budget))")
        while !Task.isCancelled {
            if let moment = try? moment() {
                for line in moment.news where said.insert(line.path).inserted {
                    erase(&drawn)
                    tell(line.text)
                }
                if isTerminal {
                    erase(&drawn)
                    // A line that wraps would not be drawn over as one.
                    for line in moment.lines { tell(String(line.prefix(Self.terminalWidth() - 1))) }
                    drawn = moment.lines.count
                }
            }
            try? await Task.sleep(for: .milliseconds(isTerminal ? 250 : 1000))
        }
        erase(&drawn)
    }

    private func erase(_ drawn: inout Int) {
        guard isTerminal, drawn > 0 else { return }
        FileHandle.standardError.write(Data("\u{1B}[\(drawn)A\u{1B}[J".utf8))
        drawn = 0
    }

    private static func terminalWidth() -> Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
        return Int(size.ws_col)
    }

    private func moment() throws -> ProgressMoment {
        ProgressMoment(
            scores: try sitting.journal.scores(of: sitting.run.id), dispatch: sitting.dispatcher.now,
            task: sitting.task.specification, run: sitting.run.id, budget: sitting.run.budget,
            left: sitting.budget.remaining(.finish), isPaused: sitting.budget.isPaused)
    }
}

/// What is shown of a run at one moment.
struct ProgressMoment {
    let scores: [ScoreRecord]
    let dispatch: DispatchSnapshot
    let task: TaskSpecification
    let run: RunID
    let budget: Duration
    let left: Duration
    var isPaused = false

    /// A line for every score, to be said once.
    var news: [(path: StepPath, text: String)] {
        searchScores.map { record in
            let mark = record.path == best?.path ? "  ← best script so far" : ""
            let error = record.score.standardError.map { " ± \(Self.short($0))" } ?? ""
            return (
                record.path,
                "\(Self.short(record.score.value))\(error)  \(record.path) (\(record.score.evaluation))\(mark)"
            )
        }
    }

    /// The block: time, best score, what runs.
    var lines: [String] {
        let used = max(0, min(1, 1 - left.seconds / budget.seconds))
        let shown =
            best.map { "best \(Self.short($0.score.value)) (\($0.score.evaluation)) at \($0.path)" } ?? "no score yet"
        let running = dispatch.running.keys.map { String($0.rawValue.drop { $0 != ":" }.dropFirst()) }.sorted()
        return [
            "\(Self.bar(used)) \(TimeText.text(left)) left · \(phase(running)) · \(shown)",
            "  \(scores.count) scored · \(running.count) running on \(dispatch.slots) slots · \(dispatch.queued) waiting",
        ] + (dispatch.obstacles[run].map { ["  \($0)"] } ?? []) + running.prefix(6).map { "  ▸ \($0)" }
    }

    /// What the search is about, told from what runs.
    private func phase(_ running: [String]) -> String {
        if isPaused { return "paused" }
        if running.contains(where: { StepPath($0).isFinal }) { return "refitting the winner" }
        for (part, name) in [
            ("/inner-", "refining"), ("/ablation", "ablation"), ("/merge-", "merging"),
            ("/candidate-", "first scripts"),
        ] where running.contains(where: { $0.contains(part) }) {
            return name
        }
        return running.isEmpty ? (scores.isEmpty ? "preparing" : "thinking") : "running"
    }

    private var searchScores: [ScoreRecord] { scores.filter { $0.part == "search" } }

    private var best: ScoreRecord? { scores.best(by: task.direction) }

    private static func bar(_ share: Double) -> String {
        let full = Int((share * 24).rounded())
        return "[" + String(repeating: "█", count: full) + String(repeating: "·", count: 24 - full) + "]"
    }

    private static func short(_ value: Double) -> String { String(format: "%.5g", value) }
}

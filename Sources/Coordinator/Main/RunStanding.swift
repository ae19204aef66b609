import Blobs
import Configuration
import Foundation
import Journal
import Reporting
import Vocabulary

/// How a run stands, for people and programs.
struct RunStanding: Encodable {
    /// Its name.
    let run: String
    /// The task's name.
    let task: String
    /// A state of the journal, or `pausing`, `paused`, `finishing`, `stopped`: running in the journal, worked on by nobody.
    let state: String
    /// Steps answered, scripts among them, scripts that train, scripts that wait.
    let steps, scripts, running, waiting: Int
    /// The best score on the search part; `nil` before the first.
    let best: Double?
    /// How that score came about, such as `hidden` or `self-reported`.
    let bestEvaluation: String?
    let spentSeconds, budgetSeconds: Double
    /// What it waits for, in words; `nil` where it waits for nothing but its scripts.
    let waits: String?
    /// Folder of the results.
    let results: String

    init(of record: RunRecord, in journal: Journal, _ folder: StateFolder) throws {
        let isHeld = folder.isWorkedOn(record.id)
        let progress = try journal.progress(of: record.id)
        run = record.id.rawValue
        task = record.taskName
        state = Self.state(record, isHeld: isHeld)
        (steps, scripts) = (progress.steps, progress.scripts)
        // Jobs of an ended run that its journal calls open are nobody's.
        let isOpen = record.state == .running || record.state == .queued
        (running, waiting) = isOpen ? (progress.running, progress.waiting) : (0, 0)
        let score = try Self.best(of: record, in: journal)
        (best, bestEvaluation) = (score?.value, score?.evaluation)
        (spentSeconds, budgetSeconds) = (record.spent.seconds, record.budget.seconds)
        results = record.outPath
        let obstacle = isHeld ? try journal.obstacle(of: record.id) : nil
        waits = Self.reason(state, record, isServing: folder.isServed, progress, obstacle: obstacle)
    }

    /// One line for a list, and below it why the run waits.
    var lines: [String] {
        let obtained = bestEvaluation.map { " (\($0))" } ?? ""
        let scored = best.map { "best \(Numbers.rounded($0))\(obtained)" } ?? "no score"
        let spent = "\(TimeText.text(.seconds(spentSeconds))) of \(TimeText.text(.seconds(budgetSeconds)))"
        let shown = state == "stopped" ? "stopped (resume it)" : state
        return [[run, shown, task, spent, "\(steps) steps, \(scripts) scripts", scored].joined(separator: "  ")]
            + (waits.map { ["  \($0)"] } ?? [])
    }

    private static func state(_ record: RunRecord, isHeld: Bool) -> String {
        switch (record.state, record.wish) {
        case (.queued, .pause): "paused"
        case (.running, _) where !isHeld: record.wish == .pause && record.isServed ? "paused" : "stopped"
        case (.running, .pause): record.isHeeded ? "paused" : "pausing"
        case (.running, .finish): "finishing"
        default: record.state.rawValue
        }
    }

    private static func reason(
        _ state: String, _ record: RunRecord, isServing: Bool, _ progress: RunProgress, obstacle: String?
    ) -> String? {
        switch state {
        case "paused" where record.isServed && !isServing:
            "paused; nobody serves the folder either: `mlestar serve`, `mlestar resume \(record.id)`"
        case "paused", "pausing":
            "\(progress.running) scripts train on, \(progress.waiting) wait; `mlestar resume \(record.id)` goes on"
        case "queued" where !isServing: "nobody serves the folder: `mlestar serve` begins it"
        case "stopped" where record.isServed: "nobody works on it: `mlestar serve` goes on with it"
        case "interrupted": "`mlestar resume \(record.id)` goes on"
        case "running" where progress.waiting > 0: obstacle ?? "\(progress.waiting) scripts wait for a slot"
        default: nil
        }
    }

    private static func best(of record: RunRecord, in journal: Journal) throws -> (value: Double, evaluation: String)? {
        let finish: FinishRecord? = record.result.flatMap { try? JSONText.value(from: $0) }
        if let score = finish?.searchScore { return (score.value, score.evaluation) }
        guard let direction = record.direction else { return nil }
        let best = try journal.scores(of: record.id).best(by: direction)?.score
        return best.map { ($0.value, $0.evaluation.rawValue) }
    }
}

extension [ScoreRecord] {
    /// The script with the best score on the search part. Ensembles stand apart: their rows are predicted with shares chosen
    /// without them, while the best of many scripts looks better than it is, so that the two scores do not compare.
    func best(by direction: Direction) -> ScoreRecord? {
        filter { $0.part == "search" && !$0.path.isFinal }.reduce(nil) { best, record in
            guard let best else { return record }
            return direction.isBetter(record.score.value, than: best.score.value) ? record : best
        }
    }
}

extension StateFolder {
    /// Whether a process works on a run now.
    func isWorkedOn(_ run: RunID) -> Bool { FolderLock.isHeld(path: lock(of: run)) }

    /// Whether a coordinator serves this folder now.
    var isServed: Bool { FolderLock.isHeld(path: "\(path)/serve.lock") }
}

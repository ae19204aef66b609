import Foundation
public import Journal
public import Laboratory
public import Search
public import Vocabulary

/// A run as the journal tells it, put together for people and programs.
public struct RunStory: Sendable {
    /// One script that was run.
    public struct Trial: Sendable {
        /// The step that ran it.
        public let path: StepPath
        /// What it was run for.
        public let kind: JobKind
        /// The program.
        public let script: Script
        /// What came of it.
        public let report: RunReport
        /// How long each of its jobs ran, one per fold; those left out whose outcome was known. Of a run by an earlier
        /// version the longest alone.
        public let walls: [Duration]
        /// Jobs for which the outcome of an equal one was used.
        public let reusedCount: Int

        init(_ path: StepPath, _ request: RunRequest, _ done: FinishedRun) {
            self.path = path
            kind = request.kind
            script = request.script
            report = done.report
            let jobs = done.submissions.count
            walls = done.walls ?? (done.isReused ? [] : [done.report.wall])
            reusedCount = done.walls.map { jobs - $0.count } ?? (done.isReused ? jobs : 0)
        }
    }

    /// The run.
    public let run: RunRecord
    /// All steps, in tree order.
    public let steps: [StepRecord]
    /// The scripts that were run to their end, in tree order.
    public let trials: [Trial]
    /// All scores, in tree order.
    public let scores: [ScoreRecord]
    /// Decisions in tree order.
    public let decisions: [(path: StepPath, decision: Decision)]
    /// Ensembles of stored predictions, in tree order.
    public let combinations: [(path: StepPath, combination: Combination)]
    /// How the run ended, if it has.
    public let finish: FinishRecord?
    /// What the run was told.
    public let settings: RunSettings?
    /// The calls of language models, in the order in which they were made.
    public let calls: [CallRecord]
    /// Attempts beyond the first, over all jobs.
    public let repeatedAttempts: Int
    /// Scripts that took their workers down and were not run again.
    public let quarantine: [QuarantinedJob]
    /// Attempts that were lost before their outcomes came, in words, by time.
    public let losses: [String]
    /// Where each step stands in `steps`.
    let places: [StepPath: Int]

    /// Reads a run.
    ///
    /// - Throws: `JournalError` when there is no such run.
    public init(of id: RunID, in journal: Journal) throws {
        run = try journal.run(id)
        steps = try journal.steps(of: id)
        places = Dictionary(steps.enumerated().map { ($1.path, $0) }) { first, _ in first }
        scores = try journal.scores(of: id)
        trials = try steps.filter { $0.kind == .run && $0.answer != nil }.compactMap { step in
            guard let request: RunRequest = try? JSONText.value(from: step.request),
                let done = try journal.finishedRun(at: step.path, of: id)
            else { return nil }
            return Trial(step.path, request, done)
        }
        decisions = steps.filter { $0.kind == .note }.compactMap { step in
            (try? JSONText.value(Decision.self, from: step.request)).map { (step.path, $0) }
        }
        combinations = steps.filter { $0.kind == .observe }.compactMap { step in
            step.answer.flatMap { try? JSONText.value(Combination.self, from: $0) }.map { (step.path, $0) }
        }
        finish = run.result.flatMap { try? JSONText.value(from: $0) }
        settings = try? JSONText.value(from: run.settings)
        calls = try journal.calls(of: id)
        repeatedAttempts = try journal.attemptCounts(of: id).values.reduce(0) { $0 + max(0, $1 - 1) }
        quarantine = try journal.quarantine(of: id)
        losses = try journal.lostAttempts(of: id).map { loss in
            let step = loss.attempt.job.rawValue.split(separator: ":", maxSplits: 1).last.map(String.init) ?? "?"
            let ended = Date(timeIntervalSince1970: loss.endedAt).formatted(.iso8601)
            return "\(ended) `\(step)`, attempt \(loss.attempt.term) at \(loss.worker): \(loss.why)"
        }
    }
}

extension RunStory {
    /// The best score on the search part in a few words; `nil` when there is none.
    public var best: String? {
        guard let better = finish?.searchScore else {
            return scores.isEmpty ? nil : "\(scores.count) scores"
        }
        return "\(Numbers.rounded(better.value)) (\(better.evaluation))"
    }
}

import Foundation
import Scoring
import Search
public import Tasks
public import Vocabulary

/// Turns what scripts hand in into scores: the one place where a number enters the system.
public struct Examiner: Sendable {
    /// Where scores come from.
    public enum Basis: Sendable {
        /// Hidden labels; `isProtected` where something else than the workers' sandboxes keeps scripts from them.
        case hidden(HiddenEvaluation, isProtected: Bool)
        /// The scripts' own score lines; the task's files as they are.
        case selfReported(Mount, testIDs: [String])
    }

    /// What the competition asks.
    public let task: TaskSpecification
    let basis: Basis
    let scorer: Scorer

    /// Resampling must give the same numbers in every sitting.
    static let resamplingSeed: UInt64 = 20_250_615

    /// An examiner for one task.
    public init(task: TaskSpecification, basis: Basis) {
        self.task = task
        self.basis = basis
        scorer = Scorer(metric: task.metric, schema: task.submission, classes: task.classes)
    }

    /// The mounts a script is run on, all at once: one per fold, or the one with all rows.
    func mounts(_ choice: MountChoice) -> [Mount] {
        switch (basis, choice) {
        case (.hidden(let evaluation, _), .search): evaluation.searchMounts
        case (.hidden(let evaluation, _), .full): [evaluation.fullMount]
        case (.selfReported(let mount, _), _): [mount]
        }
    }

    /// The files that scripts of the search see; of several folds the first.
    public var searchMount: Mount { mounts(.search)[0] }

    /// What a script must leave on a mount.
    func deliverable(_ choice: MountChoice) -> Deliverable {
        if case .selfReported = basis, choice == .search { .scoreLine } else { .submission }
    }

    /// Reads and checks a submission; predictions come back in the order of the mount's rows.
    ///
    /// - Throws: `SubmissionDefect` or `TaskError`, which say what is wrong and in which row.
    func check(_ bytes: [UInt8], _ choice: MountChoice, fold: Int) throws -> Table {
        let table = try CSVFile(bytes: bytes, name: "final/submission.csv").table()
        let ids: [String]
        switch (basis, choice) {
        case (.hidden(let evaluation, _), .search): ids = evaluation.submissionIDs(fold: fold)
        case (.hidden(let evaluation, _), .full): ids = evaluation.testIDs
        case (.selfReported(_, let testIDs), _): ids = testIDs
        }
        return try SubmissionCheck.align(table, to: ids, schema: task.submission, classes: task.classes)
    }

    /// Scores checked predictions, one table per fold, on a part of the held-out rows.
    ///
    /// The value is the mean over folds, its standard error that of a mean of independent folds.
    ///
    /// - Returns: `nil` where scores are self-reported.
    ///
    /// - Parameter sandbox: the weakest that a script behind the predictions ran in.
    func score(_ predictions: [Table], on part: HeldOutPart, sandbox: Sandbox = .none) throws -> Score? {
        guard case .hidden(let evaluation, let isProtected) = basis else { return nil }
        var values: [Double] = []
        var variance = 0.0
        var rowCount = 0
        for (fold, table) in predictions.enumerated() {
            let rows = try scoredRows(table, of: evaluation, on: [part], fold: fold)
            values.append(try scorer.value(of: rows))
            variance += pow(scorer.standardError(of: rows, seed: Self.resamplingSeed) ?? .nan, 2)
            rowCount += rows.count
        }
        let count = Double(values.count)
        let error = variance.squareRoot() / count
        let score = Score(
            values.reduce(0, +) / count, standardError: error.isFinite ? error : nil, rowCount: rowCount,
            evaluation: isProtected ? .hidden : .hidden(in: sandbox))
        guard let score else { throw ScoringError(message: "the score is not a finite number") }
        return score
    }

    /// Compares two scripts' checked predictions, one table per fold each, on parts of the held-out rows.
    ///
    /// With several folds the differences are averaged and taken as normally distributed.
    func compare(
        _ candidate: [Table], with base: [Table], on parts: [HeldOutPart]
    ) throws -> PairedComparison? {
        guard case .hidden(let evaluation, _) = basis else { return nil }
        let comparisons = try zip(candidate, base).enumerated().map { fold, tables in
            try scorer.compare(
                try scoredRows(tables.0, of: evaluation, on: parts, fold: fold),
                with: try scoredRows(tables.1, of: evaluation, on: parts, fold: fold), seed: Self.resamplingSeed)
        }
        if comparisons.count == 1 { return comparisons[0] }
        let count = Double(comparisons.count)
        let improvement = comparisons.reduce(0) { $0 + $1.improvement } / count
        let error = comparisons.reduce(0) { $0 + $1.standardError * $1.standardError }.squareRoot() / count
        let probability =
            error > 0 ? 0.5 * (1 + erf(improvement / error / 2.squareRoot())) : (improvement > 0 ? 1 : 0.5)
        return PairedComparison(
            probabilityBetter: improvement == 0 ? 0.5 : probability, improvement: improvement, standardError: error,
            rowCount: comparisons.reduce(0) { $0 + $1.rowCount })
    }

    /// Predictions for the real test rows under their own ids: those of a search mount are cut out, folds are averaged.
    func realSubmission(_ predictions: [Table]) throws -> Table {
        guard case .hidden(let evaluation, _) = basis else { return predictions[0] }
        let cut = predictions.enumerated().map { evaluation.realSubmission(from: $1, fold: $0) }
        return cut.count == 1 ? cut[0] : try Blend.average(cut, scorer: scorer)
    }

    /// Says so when a script reports far better than it scores: it may have trained on what it validates with.
    ///
    /// Far is more than six standard errors of the hidden score.
    func suspicion(selfReported: Double?, _ score: Score?) -> String? {
        guard let selfReported, let score, let error = score.standardError, error > 0 else { return nil }
        let excess = task.direction.improvement(of: selfReported, over: score.value)
        guard excess > 6 * error else { return nil }
        return "leakage is suspected: the script reports \(selfReported) and scores \(score.value) on hidden labels"
    }

    /// How far two submissions for the real test rows agree, −1 to 1; `nil` when it cannot be told (see `Agreement`).
    func agreement(_ refit: Table, _ scored: Table) -> Double? {
        Agreement(metric: task.metric, schema: task.submission).of(refit, with: scored)
    }

    private func scoredRows(
        _ predictions: Table, of evaluation: HiddenEvaluation, on parts: [HeldOutPart], fold: Int
    ) throws -> ScoredRows {
        let truth = Table(stacking: parts.map { evaluation.heldOut($0, fold: fold).truth })
        let rows = parts.flatMap { evaluation.places(of: $0, fold: fold) }
        return try scorer.rows(truth: truth, predictions: predictions.selecting(rows: rows))
    }
}

extension HiddenEvaluation {
    /// Where the held-out rows of a part stand in an aligned submission, in the order of `heldOut(_:fold:)`.
    func places(of part: HeldOutPart, fold: Int) -> [Int] {
        let position = Dictionary(uniqueKeysWithValues: submissionIDs(fold: fold).enumerated().map { ($1, $0) })
        return heldOut(part, fold: fold).ids.compactMap { position[$0] }
    }
}

public import Journal
import Scoring
import Search
import Synchronization
import Tasks
public import Vocabulary

/// The submissions that a run's steps left in the journal, read back and checked: those of scripts, and those that
/// ensembles are made of such.
public final class StoredSubmissions: Sendable {
    let journal: Journal
    let run: RunID
    let examiner: Examiner
    /// Checked predictions by step, so that comparisons need not read them again.
    private let checked = Mutex<[StepPath: Predictions]>([:])

    /// What a step predicts: one table per fold of the search mount, or one for the real test rows.
    struct Predictions: Sendable {
        let tables: [Table]
        let mount: MountChoice
        /// The weakest sandbox that a script behind it ran in.
        let sandbox: Sandbox
    }

    /// The submissions of one run.
    public init(journal: Journal, run: RunID, examiner: Examiner) {
        self.journal = journal
        self.run = run
        self.examiner = examiner
    }

    /// Remembers predictions that have just been checked.
    func keep(_ predictions: Predictions, of path: StepPath) { checked.withLock { $0[path] = predictions } }

    /// The checked predictions of a finished step.
    func predictions(of path: StepPath) throws -> Predictions {
        if let known = checked.withLock({ $0[path] }) { return known }
        let predictions = try read(path)
        keep(predictions, of: path)
        return predictions
    }

    /// The submission to hand in: that of a run on all rows as checked, or a scored run's cut to the real test rows.
    ///
    /// - Throws: when the step left no valid submission.
    public func deliverable(at path: StepPath) throws -> Table {
        let predictions = try predictions(of: path)
        return predictions.mount == .full
            ? predictions.tables[0] : try examiner.realSubmission(predictions.tables)
    }

    /// What some scripts predict, to be combined. Class probabilities that cannot be used are left out: the labels count.
    func members(_ paths: [StepPath]) throws -> [EnsembleMember] {
        try paths.map { path in
            let tables = try predictions(of: path).tables
            let hashes = try journal.finishedRun(at: path, of: run)?.probabilities ?? []
            let shares = try tables.enumerated().map { fold, table -> ClassShares? in
                guard fold < hashes.count, let hash = hashes[fold] else { return nil }
                let bytes = try journal.blob(hash)
                return try? examiner.classShares(bytes, beside: table)
            }
            return EnsembleMember(tables: tables, classShares: shares)
        }
    }

    /// The weakest sandbox that one of some scripts ran in.
    func weakestSandbox(of paths: [StepPath]) throws -> Sandbox {
        try paths.map { try predictions(of: $0).sandbox }.min() ?? .none
    }

    private func read(_ path: StepPath) throws -> Predictions {
        if let finished = try journal.finishedRun(at: path, of: run),
            let request: RunRequest = try journal.storedRequest(at: path, of: run)
        {
            return try submitted(finished, on: request.mount, at: path)
        }
        if let combination: Combination = try? journal.storedAnswer(at: path, of: run, kind: .observe) {
            let weights = EnsembleWeights(weights: combination.weights, crossFitted: combination.crossFitted)
            return Predictions(
                tables: try examiner.combined(try members(combination.runs), by: weights), mount: .search,
                sandbox: try weakestSandbox(of: combination.runs))
        }
        if let blending: Blending = try? journal.storedAnswer(at: path, of: run, kind: .observe) {
            return Predictions(
                tables: [try examiner.blended(try members(blending.members), weights: blending.weights)], mount: .full,
                sandbox: try weakestSandbox(of: blending.members))
        }
        throw LabError("run \(run) has no finished script at '\(path)'; `mlestar tree \(run)` shows the steps")
    }

    private func submitted(_ finished: FinishedRun, on mount: MountChoice, at path: StepPath) throws -> Predictions {
        let tables = try finished.submissions.enumerated().map { fold, hash in
            guard let hash, let bytes = try journal.blob(hash) else {
                throw LabError("the script at '\(path)' left no submission")
            }
            return try examiner.check(bytes, mount, fold: fold)
        }
        return Predictions(tables: tables, mount: mount, sandbox: finished.sandbox ?? .none)
    }
}

/// What was asked of a run and is not there.
struct LabError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

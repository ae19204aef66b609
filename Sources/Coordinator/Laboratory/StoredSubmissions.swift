public import Journal
import Search
import Synchronization
import Tasks
public import Vocabulary

/// The submissions that a run's steps left in the journal, read back and checked.
public final class StoredSubmissions: Sendable {
    let journal: Journal
    let run: RunID
    let examiner: Examiner
    /// Checked predictions by step, one table per fold, so that comparisons need not read them again.
    private let checked = Mutex<[StepPath: [Table]]>([:])

    /// The submissions of one run.
    public init(journal: Journal, run: RunID, examiner: Examiner) {
        self.journal = journal
        self.run = run
        self.examiner = examiner
    }

    /// Remembers predictions that have just been checked.
    func keep(_ predictions: [Table], of path: StepPath) { checked.withLock { $0[path] = predictions } }

    /// The checked predictions of a finished run step, one table per fold.
    func predictions(of path: StepPath) throws -> [Table] {
        if let known = checked.withLock({ $0[path] }) { return known }
        guard let finished = try journal.finishedRun(at: path, of: run) else {
            throw LabError("run \(run) has no finished script at '\(path)'; `mlestar tree \(run)` shows the steps")
        }
        let choice: MountChoice = path.isFinal ? .full : .search
        let predictions = try finished.submissions.enumerated().map { fold, hash in
            guard let hash, let bytes = try journal.blob(hash) else {
                throw LabError("the script at '\(path)' left no submission")
            }
            return try examiner.check(bytes, choice, fold: fold)
        }
        keep(predictions, of: path)
        return predictions
    }

    /// The submission to hand in: a refit's as checked, or a scored run's cut to the real test rows.
    ///
    /// - Throws: when the step left no valid submission.
    public func deliverable(at path: StepPath) throws -> Table {
        let predictions = try predictions(of: path)
        return path.isFinal ? predictions[0] : try examiner.realSubmission(predictions)
    }
}

extension StepPath {
    /// Whether the step is one of the final ones, below `finish-N`.
    var isFinal: Bool { parts.first?.hasPrefix("finish-") ?? false }
}

/// What was asked of a run and is not there.
struct LabError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

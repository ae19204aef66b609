import Scoring
public import Search
public import Tasks
public import Vocabulary

/// Turns submissions into scores: the one place where a number enters the system.
public struct Examiner: Sendable {
    /// What the competition asks.
    public let task: TaskSpecification
    private let evaluation: HiddenEvaluation
    private let scorer: Scorer
    /// How scores came about, as far as the workers' sandbox decides it.
    private let protection: Evaluation

    /// An examiner for one task and one way of holding rows out.
    ///
    /// - Parameter isProtected: whether scripts were kept from the labels by a sandbox.
    public init(task: TaskSpecification, evaluation: HiddenEvaluation, isProtected: Bool) {
        self.task = task
        self.evaluation = evaluation
        scorer = Scorer(metric: task.metric, schema: task.submission, classes: task.classes)
        protection = isProtected ? .hidden : .hiddenUnprotected
    }

    /// The files a script sees.
    public func mount(_ choice: MountChoice) -> Mount {
        switch choice {
        case .search(let fold): evaluation.searchMounts[fold]
        case .full: evaluation.fullMount
        }
    }

    /// Reads and checks a submission; predictions come back in the order of the mount's rows.
    ///
    /// - Throws: `SubmissionDefect` or `TaskError`, which say what is wrong and in which row.
    func check(_ bytes: [UInt8], from choice: MountChoice) throws -> Table {
        let table = try CSVFile(bytes: bytes, name: "final/submission.csv").table()
        let ids: [String]
        switch choice {
        case .search(let fold): ids = evaluation.submissionIDs(fold: fold)
        case .full: ids = evaluation.testIDs
        }
        return try SubmissionCheck.align(table, to: ids, schema: task.submission, classes: task.classes)
    }

    /// Scores checked predictions on a part of the held-out rows.
    func score(_ predictions: Table, on part: HeldOutPart, fold: Int) throws -> Score {
        let rows = try scoredRows(predictions, on: part, fold: fold)
        let value = try scorer.value(of: rows)
        let error = scorer.standardError(of: rows, seed: Self.resamplingSeed)
        guard let score = Score(value, standardError: error, rowCount: rows.count, evaluation: protection) else {
            throw ScoringError(message: "the score is not a finite number")
        }
        return score
    }

    /// Compares two checked submissions of one mount on the search part.
    func compare(_ candidate: Table, with base: Table, fold: Int) throws -> PairedComparison {
        try scorer.compare(
            try scoredRows(candidate, on: .search, fold: fold), with: try scoredRows(base, on: .search, fold: fold),
            seed: Self.resamplingSeed)
    }

    /// Cuts a checked submission of a search mount down to the real test rows, with their own ids.
    func realSubmission(_ predictions: Table, fold: Int) -> Table {
        evaluation.realSubmission(from: predictions, fold: fold)
    }

    /// How far two submissions for the real test rows agree: the mean over columns of rank correlation or of the share
    /// of equal labels; `nil` when no column allows it (constant predictions).
    func agreement(_ refit: Table, _ scored: Table) -> Double? {
        let values = task.submission.columns.compactMap { column -> Double? in
            let isNumeric = [.probability, .number, .nonNegativeNumber].contains(column.content)
            let plain = SubmissionSchema.Column(
                name: column.name, target: column.name, content: isNumeric ? .number : .text)
            let schema = SubmissionSchema(idColumn: task.submission.idColumn, columns: [plain])
            let measure = Scorer(metric: isNumeric ? .spearman : .exactMatch, schema: schema, classes: [])
            guard let rows = try? measure.rows(truth: refit, predictions: scored) else { return nil }
            return try? measure.value(of: rows)
        }
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// Resampling must give the same numbers in every sitting.
    private static let resamplingSeed: UInt64 = 20_250_615

    private func scoredRows(_ predictions: Table, on part: HeldOutPart, fold: Int) throws -> ScoredRows {
        let held = evaluation.heldOut(part, fold: fold)
        let position = Dictionary(
            uniqueKeysWithValues: evaluation.submissionIDs(fold: fold).enumerated().map { ($1, $0) })
        let rows = held.ids.compactMap { position[$0] }
        return try scorer.rows(truth: held.truth, predictions: predictions.selecting(rows: rows))
    }
}

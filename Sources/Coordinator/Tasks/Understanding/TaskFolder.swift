public import Vocabulary

/// A task folder and what was understood of it.
public struct TaskFolder: Sendable {
    /// The folder, absolute.
    public let path: String
    /// What is asked.
    public let specification: TaskSpecification
    /// What the columns of `train.csv` hold.
    public let profile: DataProfile
    /// The files of the folder and what each is for, sorted by path.
    public let files: [TaskFile]
    /// How test rows are named.
    public let identity: RowIdentity
    /// How held-out rows should be chosen.
    public let split: SplitAdvice
    /// Whether scores can come from labels that scripts never see.
    public let hiddenEvaluation: HiddenApplicability
    /// What the owner should know about how the folder was read, one sentence each.
    public let notes: [String]
    /// The hash of all files: equal fingerprints mean equal tasks.
    public let fingerprint: ContentHash

    let layout: TaskLayout
    /// What a sample submission has in each predicted column: its most frequent value.
    let typicalPredictions: [String]
    /// Extra tables that hold target columns and therefore stay out of search mounts; paths relative to the folder.
    let withheld: [String]
    /// Columns of the tables that scripts do without.
    let silent: [String]

    /// Reads and checks a folder. Nothing is written.
    ///
    /// - Throws: a `TaskError` that names the file, the place in it, and what to do.
    public static func read(_ path: String) throws(TaskError) -> TaskFolder {
        try TaskReader(path: path).read()
    }

    /// Makes what the competition wants from a submission of the system: without the id column where rows have no
    /// names.
    public func deliverable(_ submission: Table) -> Table {
        switch identity {
        case .rowOrder(_, isInSubmission: false):
            submission.selecting(columns: specification.submission.columns.map(\.name))
        case .rowOrder, .column, .renamedColumn, .unrelated: submission
        }
    }

    /// Columns of the training table to predict that it really has.
    var labelled: [String] { specification.targets.filter { target in profile.columns.contains { $0.name == target } } }
}

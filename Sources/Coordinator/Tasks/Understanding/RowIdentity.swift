/// How rows of the test set are named.
public enum RowIdentity: Hashable, Sendable {
    /// By a column of `test.csv`.
    case column(String)
    /// By a column that the tables call `table` and the sample submission `submission`. Scripts see the latter name
    /// everywhere.
    case renamedColumn(table: String, submission: String)
    /// By their order; mounts get a column with the name given so that shuffled rows can be told apart.
    /// `isInSubmission` says whether the competition wants that column in a submission.
    case rowOrder(column: String, isInSubmission: Bool)
    /// The submission's rows are not the rows of `test.csv`, such as one row a pixel.
    case unrelated(column: String)

    /// The column that names rows in submissions inside the system.
    public var column: String {
        switch self {
        case .column(let name), .renamedColumn(_, let name), .rowOrder(let name, _), .unrelated(let name): name
        }
    }

    /// The column of the owner's tables that names their rows, or `nil` when none does.
    var tableColumn: String? {
        switch self {
        case .column(let name), .renamedColumn(let name, _): name
        case .rowOrder, .unrelated: nil
        }
    }
}

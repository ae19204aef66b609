public import Vocabulary

/// How probable each class is in each row, as a script may say beside its labels (`./final/probabilities.csv`).
///
/// Labels of several scripts can only be voted on; what stands behind them can be pooled.
public struct ClassShares: Hashable, Sendable {
    /// Row by row one number for each class, in the order of the task's classes; those of a row add up to 1.
    let shares: [Float]
    let classCount: Int

    /// Number of rows.
    public var rowCount: Int { shares.count / classCount }

    /// Whether there is something to say beside a task's submissions: they hold one column of labels, of known classes.
    public static func apply(to scorer: Scorer) -> Bool {
        if case .meanAveragePrecision = scorer.metric { return false }
        return scorer.schema.columns.count == 1 && scorer.schema.columns[0].content == .label
            && scorer.classes.count > 1
    }

    /// Reads a file for the rows of a checked submission, in their order.
    ///
    /// It has the id column and one column per class, named as training writes the class; numbers of zero or more, with a
    /// positive sum in each row, which need not be 1. No class may have more than the one the submission names there:
    /// else the two do not belong together. Throws what is wrong.
    public init(_ file: Table, beside submission: Table, scorer: Scorer) throws(ScoringError) {
        guard ClassShares.apply(to: scorer), let named = submission[scorer.schema.columns[0].name] else {
            throw ScoringError(message: "The task does not ask for one label a row.")
        }
        let header = [scorer.schema.idColumn] + scorer.classes
        guard Set(file.names) == Set(header), file.names.count == header.count else {
            throw ScoringError(
                message: "The columns are \(file.names.listed(limit: 20)); they must be \(header.listed(limit: 20)).")
        }
        let order = try ClassShares.order(of: file, by: submission, idColumn: scorer.schema.idColumn)
        var columns: [[Double]] = []
        for label in scorer.classes {
            let column = PredictionColumn.texts(file[label] ?? [])
            columns.append(try column.numbers(name: label))
        }
        let places = ClassShares.places(of: scorer)
        var shares: [Float] = []
        shares.reserveCapacity(order.count * columns.count)
        for (row, source) in order.enumerated() {
            let numbers = columns.map { $0[source] }
            let sum = numbers.reduce(0, +)
            guard let place = places[scorer.labels.key(named[row])], sum > 0, sum.isFinite,
                let least = numbers.min(), least >= 0, let most = numbers.max(), numbers[place] >= most * (1 - 1e-6)
            else {
                throw ScoringError(
                    message:
                        "Row \(source + 1): the numbers must be zero or more, not all zero, and none may be larger "
                        + "than that of the label in the submission, \(named[row].quoted).")
            }
            shares += numbers.map { Float($0 / sum) }
        }
        self.shares = shares
        classCount = columns.count
    }

    /// All of each row for the class that a submission names: what labels alone say.
    init(labels: [String], scorer: Scorer) {
        let places = ClassShares.places(of: scorer)
        classCount = scorer.classes.count
        var shares = [Float](repeating: 0, count: labels.count * classCount)
        for (row, label) in labels.enumerated() {
            if let place = places[scorer.labels.key(label)] { shares[row * classCount + place] = 1 }
        }
        self.shares = shares
    }

    private init(shares: [Float], classCount: Int) {
        self.shares = shares
        self.classCount = classCount
    }

    /// The shares of only some rows, in that order.
    public func selecting(rows: [Int]) -> ClassShares {
        ClassShares(
            shares: rows.flatMap { shares[$0 * classCount..<($0 + 1) * classCount] }, classCount: classCount)
    }

    /// Shares of the same classes, one below the other; `nil` without any.
    public init?(stacking parts: [ClassShares]) {
        guard let first = parts.first else { return nil }
        self.init(shares: parts.flatMap(\.shares), classCount: first.classCount)
    }

    /// Where each class stands, by its key.
    static func places(of scorer: Scorer) -> [String: Int] {
        Dictionary(
            scorer.classes.enumerated().map { (scorer.labels.key($1), $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func order(
        of file: Table, by submission: Table, idColumn: String
    ) throws(ScoringError) -> [Int] {
        do {
            return try SubmittedRows(file[idColumn] ?? [], column: idColumn, ids: submission[idColumn] ?? []).order
        } catch {
            throw ScoringError(message: error.message)
        }
    }
}

public import Vocabulary

/// Held-out rows of one fold: what a submission calls them and what the labels are.
public struct HeldOutRows: Hashable, Sendable {
    /// The ids of the search mount, in a fixed order.
    public let ids: [String]
    /// The target columns as written in `train.csv`, row by row as `ids`.
    public let truth: Table

    /// Rows.
    public init(ids: [String], truth: Table) {
        self.ids = ids
        self.truth = truth
    }
}

/// A task prepared so that scripts are scored on labels they never see: search mounts whose test table mixes held-out
/// training rows with the real test rows, a full mount for the final training, and the secret key between them.
public struct HiddenEvaluation: Hashable, Sendable {
    /// One mount a fold.
    public let searchMounts: [Mount]
    /// All training rows and the real test rows.
    public let fullMount: Mount
    /// Ids of the real test rows, in the order of the sample submission.
    public let testIDs: [String]
    /// The column of submissions that holds the ids.
    public let idColumn: String
    let keys: [FoldKey]

    /// The ids a submission of that fold's search mount must have, each once; in the order of the mount's sample
    /// submission.
    public func submissionIDs(fold: Int) -> [String] { keys[fold].submissionIDs }

    /// The labels of one part of a fold's held-out rows.
    public func heldOut(_ part: HeldOutPart, fold: Int) -> HeldOutRows {
        switch part {
        case .search: keys[fold].search
        case .judge: keys[fold].judge
        }
    }

    /// Cuts a submission of a search mount down to the real test rows, under their own ids in the order of the sample
    /// submission.
    ///
    /// The submission must have every id of `submissionIDs(fold:)`, which is checked before it is scored.
    public func realSubmission(from aligned: Table, fold: Int) -> Table {
        guard let ids = aligned[idColumn] else {
            preconditionFailure("a submission without the column '\(idColumn)' must be refused before it is cut")
        }
        let places = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
        let rows = keys[fold].testRows.map { id in
            guard let row = places[id] else {
                preconditionFailure("a submission that lacks row '\(id)' must be refused before it is cut")
            }
            return row
        }
        let cut = aligned.selecting(rows: rows)
        let columns = zip(cut.names, cut.columns).map { name, column in name == idColumn ? testIDs : column }
        return Table(names: cut.names, columns: columns)
    }
}

/// What connects a search mount with the rows behind it. Never leaves the coordinator.
struct FoldKey: Hashable, Sendable {
    let submissionIDs: [String]
    let search: HeldOutRows
    let judge: HeldOutRows
    /// The ids that the real test rows have in the mount, in the order of `HiddenEvaluation.testIDs`.
    let testRows: [String]
}

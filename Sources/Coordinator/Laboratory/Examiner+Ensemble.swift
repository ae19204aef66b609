import Scoring
import Search
import Tasks
import Vocabulary

/// Shares of an ensemble's members, on all rows and for the rows of each part of the search part.
struct EnsembleWeights: Sendable {
    let weights: [Double]
    /// `crossFitted[part][member]`; empty where the weights do not depend on labels.
    let crossFitted: [[Double]]
}

extension Examiner {
    /// Parts of the search part of which each in turn is predicted with weights chosen on the others.
    private static let parts = 5

    /// Chooses the shares of members whose checked predictions are `members[member][fold]`.
    ///
    /// - Throws: where scores are self-reported, because then there are no hidden rows to choose on.
    func weights(
        of members: [[Table]], by method: CombineRuns.Method, limit: Int
    ) throws -> EnsembleWeights {
        guard method == .weighted else {
            let share = 1 / Double(max(1, members.count))
            return EnsembleWeights(weights: members.map { _ in share }, crossFitted: [])
        }
        guard case .hidden(let evaluation, _) = basis else {
            throw LabError("self-reported runs leave no predictions to weigh")
        }
        let (tables, truth) = searchRows(of: members, in: evaluation)
        func greedy(_ rows: [Int]) -> [Double] {
            Blend.greedyWeights(
                members: tables.map { $0.selecting(rows: rows) }, truth: truth.selecting(rows: rows), scorer: scorer,
                limit: limit)
        }
        let all = Array(0..<truth.rowCount)
        let crossFitted = (0..<Self.parts).map { part in greedy(all.filter { $0 % Self.parts != part }) }
        return EnsembleWeights(weights: greedy(all), crossFitted: crossFitted)
    }

    /// The ensemble's predictions, one table per fold: rows of the search part by the weights chosen without them.
    func combined(_ members: [[Table]], by weights: EnsembleWeights) throws -> [Table] {
        guard let folds = members.first?.indices else { throw LabError("an ensemble needs members") }
        var firstRow = 0
        return try folds.map { fold in
            let tables = members.map { $0[fold] }
            let whole = try Blend.combine(members: tables, weights: weights.weights, scorer: scorer)
            guard case .hidden(let evaluation, _) = basis, !weights.crossFitted.isEmpty else { return whole }
            let places = evaluation.places(of: .search, fold: fold)
            defer { firstRow += places.count }
            let parts = try weights.crossFitted.map {
                try Blend.combine(members: tables, weights: $0, scorer: scorer)
            }
            var columns = whole.columns
            for (row, place) in places.enumerated() {
                let part = parts[(firstRow + row) % parts.count]
                for column in columns.indices { columns[column][place] = part.columns[column][place] }
            }
            return Table(names: whole.names, columns: columns)
        }
    }

    /// Predictions for the real test rows, of runs on all rows, combined.
    func blended(_ refits: [Table], weights: [Double]) throws -> Table {
        try Blend.combine(members: refits, weights: weights, scorer: scorer)
    }

    /// The rows of the search part over all folds, one below the other, with ids that tell the folds apart.
    private func searchRows(of members: [[Table]], in evaluation: HiddenEvaluation) -> (members: [Table], truth: Table)
    {
        let folds = Array((members.first ?? []).indices)
        let idColumn = task.submission.idColumn
        let stacked = members.map { member in
            Table(
                stacking: folds.map { fold in
                    let rows = member[fold].selecting(rows: evaluation.places(of: .search, fold: fold))
                    let columns = zip(rows.names, rows.columns).map { name, column in
                        name == idColumn ? column.map { "\(fold):\($0)" } : column
                    }
                    return Table(names: rows.names, columns: columns)
                })
        }
        return (stacked, Table(stacking: folds.map { evaluation.heldOut(.search, fold: $0).truth }))
    }
}

extension Table {
    /// Tables of the same columns, one below the other.
    init(stacking tables: [Table]) {
        let names = tables.first?.names ?? []
        let columns = names.map { name in tables.flatMap { $0[name] ?? [] } }
        self.init(names: names, columns: columns)
    }
}

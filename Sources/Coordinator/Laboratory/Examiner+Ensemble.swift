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

/// What a script predicts, one table per fold, and what stands behind its labels where it says so.
struct EnsembleMember: Sendable {
    let tables: [Table]
    let classShares: [ClassShares?]
}

extension Examiner {
    /// Parts of the search part of which each in turn is predicted with weights chosen on the others.
    private static let parts = 5
    /// Resamples of the rows that weights are chosen on: the more rows, the less is left to chance. Fewer than four are
    /// no better than all rows at once.
    private static func resamples(of rows: Int) -> Int {
        let count = min(8, 16_000 / max(1, rows))
        return count < 4 ? 0 : count
    }

    /// How probably weights chosen by the metric must be better than those chosen by likelihood to be preferred.
    private static let acceptanceOfMetric = 0.75

    /// Chooses the weights of members: where these say how probable each class is by likelihood, unless weights chosen by the
    /// metric predict rows that they were not chosen on better; else by the metric.
    ///
    /// - Throws: where scores are self-reported, because then there are no hidden rows to choose on.
    func weights(
        of members: [EnsembleMember], by method: CombineRuns.Method, limit: Int
    ) throws -> EnsembleWeights {
        guard method == .weighted else {
            let share = 1 / Double(max(1, members.count))
            return EnsembleWeights(weights: members.map { _ in share }, crossFitted: [])
        }
        return try preferred(of: members, limit: limit).weights
    }

    /// Chooses the weights of members on all held-out rows, the judge part among them, in the way that the search part
    /// prefers.
    ///
    /// - Throws: where scores are self-reported, because then there are no hidden rows to choose on.
    func finalWeights(of members: [EnsembleMember]) throws -> [Double] {
        let criterion = try preferred(of: members, limit: members.count).criterion
        let rows = try heldOutRows(of: members, on: [.search, .judge])
        return chosen(on: rows, by: criterion, limit: members.count)
    }

    /// What weights are chosen by.
    private enum Criterion {
        case likelihood
        case metric
    }

    private func preferred(
        of members: [EnsembleMember], limit: Int
    ) throws -> (weights: EnsembleWeights, criterion: Criterion) {
        let rows = try heldOutRows(of: members, on: [.search])
        let byMetric = crossFitted(on: rows, by: .metric, limit: limit)
        guard rows.classShares.contains(where: { $0 != nil }) else { return (byMetric, .metric) }
        let byLikelihood = crossFitted(on: rows, by: .likelihood, limit: limit)
        let comparison = try compare(
            try combined(members, by: byMetric), with: try combined(members, by: byLikelihood), on: [.search])
        return (comparison?.probabilityBetter ?? 0) >= Self.acceptanceOfMetric
            ? (byMetric, .metric) : (byLikelihood, .likelihood)
    }

    /// Weights chosen on all of the rows, and on all but each part of them.
    private func crossFitted(on rows: MemberRows, by criterion: Criterion, limit: Int) -> EnsembleWeights {
        let parts = (0..<Self.parts).map { part in
            chosen(on: rows.selecting(rows.indices.filter { $0 % Self.parts != part }), by: criterion, limit: limit)
        }
        return EnsembleWeights(weights: chosen(on: rows, by: criterion, limit: limit), crossFitted: parts)
    }

    /// Where rows have no likelihood, the metric chooses.
    private func chosen(on rows: MemberRows, by criterion: Criterion, limit: Int) -> [Double] {
        let likely: [Double]? =
            criterion == .metric
            ? nil
            : Blend.likelihoodWeights(
                members: rows.tables, truth: rows.truth, scorer: scorer, shares: rows.classShares, limit: limit)
        return likely
            ?? Blend.baggedWeights(
                members: rows.tables, truth: rows.truth, scorer: scorer, shares: rows.classShares, limit: limit,
                resamples: Self.resamples(of: rows.truth.rowCount), seed: Self.resamplingSeed)
    }

    /// The ensemble's predictions, one table per fold: rows of the search part by the weights chosen without them.
    func combined(_ members: [EnsembleMember], by weights: EnsembleWeights) throws -> [Table] {
        guard let folds = members.first?.tables.indices else { throw LabError("an ensemble needs members") }
        var firstRow = 0
        return try folds.map { fold in
            let tables = members.map { $0.tables[fold] }
            let shares = members.map { $0.classShares[fold] }
            func blend(_ weights: [Double]) throws -> Table {
                try Blend.combine(members: tables, weights: weights, scorer: scorer, shares: shares)
            }
            let whole = try blend(weights.weights)
            guard case .hidden(let evaluation, _) = basis, !weights.crossFitted.isEmpty else { return whole }
            let places = evaluation.places(of: .search, fold: fold)
            defer { firstRow += places.count }
            let parts = try weights.crossFitted.map(blend)
            var columns = whole.columns
            for (row, place) in places.enumerated() {
                let part = parts[(firstRow + row) % parts.count]
                for column in columns.indices { columns[column][place] = part.columns[column][place] }
            }
            return Table(names: whole.names, columns: columns)
        }
    }

    /// Predictions for the real test rows, of runs on all rows, combined.
    func blended(_ refits: [EnsembleMember], weights: [Double]) throws -> Table {
        try Blend.combine(
            members: refits.map { $0.tables[0] }, weights: weights, scorer: scorer,
            shares: refits.map { $0.classShares[0] })
    }

    /// What stands behind checked labels; `nil` without a file.
    ///
    /// - Throws: what is wrong with the file.
    func classShares(_ bytes: [UInt8]?, beside submission: Table) throws -> ClassShares? {
        guard let bytes else { return nil }
        let file = try CSVFile(bytes: bytes, name: "final/probabilities.csv").table()
        return try ClassShares(file, beside: submission, scorer: scorer)
    }

    /// Held-out rows of some parts over all folds, one below the other, with ids that tell the folds apart.
    private func heldOutRows(of members: [EnsembleMember], on parts: [HeldOutPart]) throws -> MemberRows {
        guard case .hidden(let evaluation, _) = basis, let first = members.first else {
            throw LabError("self-reported runs leave no predictions to weigh")
        }
        let pieces = first.tables.indices.flatMap { fold in
            parts.map { part in
                (fold, evaluation.places(of: part, fold: fold), evaluation.heldOut(part, fold: fold).truth)
            }
        }
        let idColumn = task.submission.idColumn
        let tables = members.map { member in
            Table(
                stacking: pieces.map { fold, places, _ in
                    let rows = member.tables[fold].selecting(rows: places)
                    let columns = zip(rows.names, rows.columns).map { name, column in
                        name == idColumn ? column.map { "\(fold):\($0)" } : column
                    }
                    return Table(names: rows.names, columns: columns)
                })
        }
        let shares = members.map { member in
            let found = pieces.compactMap { fold, places, _ in member.classShares[fold]?.selecting(rows: places) }
            return found.count == pieces.count ? ClassShares(stacking: found) : nil
        }
        return MemberRows(tables: tables, classShares: shares, truth: Table(stacking: pieces.map(\.2)))
    }
}

/// What members predict for the same held-out rows, and what is true of them.
private struct MemberRows {
    let tables: [Table]
    let classShares: [ClassShares?]
    let truth: Table

    var indices: Range<Int> { 0..<truth.rowCount }

    func selecting(_ rows: [Int]) -> MemberRows {
        MemberRows(
            tables: tables.map { $0.selecting(rows: rows) },
            classShares: classShares.map { $0?.selecting(rows: rows) }, truth: truth.selecting(rows: rows))
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

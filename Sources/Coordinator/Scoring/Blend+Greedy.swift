public import Vocabulary

extension Blend {
    /// Weights from greedy selection with replacement (Caruana et al. 2004, "Ensemble selection from libraries of
    /// models"): each round adds the member whose addition scores best.
    ///
    /// Where scores are equal (within 10⁻¹²) the member least often in the bag is added, of those the earlier one.
    /// Without that, votes would never leave the first member: a second voter alone changes nothing or takes over.
    /// Returns how often each member is in the best bag of all rounds (of equally good ones the smallest), divided by
    /// the bag's size: one number a member, sum 1. A bag on which the metric is undefined is never chosen; where no
    /// bag has a score, or members and truth do not fit together, all weights are equal. Empty without members. Once
    /// `limit` members are in the bag no others are added.
    ///
    /// - Parameter shares: for each member what stands behind its labels, for the same rows; or none at all.
    public static func greedyWeights(
        members: [Table], truth: Table, scorer: Scorer, shares: [ClassShares?] = [], rounds: Int = 30,
        limit: Int = .max
    ) -> [Double] {
        selected(members: members, truth: truth, scorer: scorer, shares: shares, rounds: rounds, limit: limit)
            ?? [Double](repeating: 1 / Double(max(1, members.count)), count: members.count)
    }

    /// The mean of greedy weights over resamples of the rows (bagged selection, the same paper's remedy against chance where
    /// rows are few), of which the `limit` largest are kept, without those below a tenth of the largest, which are not worth
    /// a training on all rows; sum 1.
    ///
    /// Without resamples, or where the metric is defined on none of them, as `greedyWeights`. The same seed gives the
    /// same weights.
    public static func baggedWeights(
        members: [Table], truth: Table, scorer: Scorer, shares: [ClassShares?] = [], limit: Int, resamples: Int,
        seed: UInt64
    ) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        var sums = [Double](repeating: 0, count: members.count)
        for _ in 0..<resamples {
            let rows = (0..<truth.rowCount).map { _ in generator.index(below: truth.rowCount) }
            let weights = selected(
                members: members.map { $0.selecting(rows: rows) }, truth: truth.selecting(rows: rows), scorer: scorer,
                shares: shares.map { $0?.selecting(rows: rows) }, rounds: 12, limit: limit)
            for (place, weight) in (weights ?? []).enumerated() { sums[place] += weight }
        }
        let least = 0.1 * (sums.max() ?? 0)
        let kept = sums.indices.sorted { (-sums[$0], $0) < (-sums[$1], $1) }.prefix(limit).filter { sums[$0] >= least }
        let total = kept.reduce(0) { $0 + sums[$1] }
        guard total > 0 else {
            return greedyWeights(members: members, truth: truth, scorer: scorer, shares: shares, limit: limit)
        }
        return sums.indices.map { kept.contains($0) ? sums[$0] / total : 0 }
    }

    /// Greedy weights; `nil` where no bag has a score.
    private static func selected(
        members: [Table], truth: Table, scorer: Scorer, shares: [ClassShares?], rounds: Int, limit: Int
    ) -> [Double]? {
        guard let truth = try? Truth(truth, scorer: scorer),
            let columns = try? BlendColumn.columns(of: members, shares: shares, scorer: scorer)
        else { return nil }
        var bag = [Double](repeating: 0, count: members.count)
        var best: (bag: [Double], value: Double)?
        for _ in 0..<max(1, rounds) {
            let isFull = bag.count { $0 > 0 } >= limit
            let open = bag.indices.filter { !isFull || bag[$0] > 0 }
            guard let round = bestAddition(of: open, to: bag, columns: columns, truth: truth, scorer: scorer)
            else { break }
            bag[round.member] += 1
            if isBetter(round.value, than: best?.value, by: scorer.metric.direction) { best = (bag, round.value) }
        }
        return best.map { best in
            let size = best.bag.reduce(0, +)
            return best.bag.map { $0 / size }
        }
    }

    private static func bestAddition(
        of open: [Int], to bag: [Double], columns: [BlendColumn], truth: Truth, scorer: Scorer
    ) -> (member: Int, value: Double)? {
        var best: (member: Int, value: Double)?
        // Least used first: with equal scores the first one met stays.
        let order = open.sorted { (bag[$0], $0) < (bag[$1], $1) }
        for member in order {
            var trial = bag
            trial[member] += 1
            guard let rows = try? scorer.rows(truth: truth, predictions: columns.map { $0.combined(trial) }),
                let value = try? scorer.value(of: rows),
                isBetter(value, than: best?.value, by: scorer.metric.direction)
            else { continue }
            best = (member, value)
        }
        return best
    }

    private static func isBetter(_ value: Double, than best: Double?, by direction: Direction) -> Bool {
        guard let best else { return true }
        return direction.improvement(of: value, over: best) > 1e-12 * max(abs(value), abs(best))
    }
}

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
    public static func greedyWeights(
        members: [Table], truth: Table, scorer: Scorer, rounds: Int = 30, limit: Int = .max
    ) -> [Double] {
        let equal = [Double](repeating: 1 / Double(max(1, members.count)), count: members.count)
        guard let truth = try? Truth(truth, scorer: scorer),
            let columns = try? BlendColumn.columns(of: members, scorer: scorer)
        else { return equal }
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
        guard let best else { return equal }
        let size = best.bag.reduce(0, +)
        return best.bag.map { $0 / size }
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

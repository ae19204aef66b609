public import Vocabulary

extension Blend {
    /// Weights under which the pooled class shares make the true classes most probable; sum 1.
    ///
    /// The likelihood changes little by little where a count of right labels jumps, so that a few hundred rows tell more.
    /// Members are weighed together first; the `limit` with the largest weights are kept, without those below a tenth of the
    /// largest, and weighed again.
    ///
    /// - Parameter shares: for each member what stands behind its labels, for the same rows; or none at all.
    /// - Returns: `nil` where no member says what stands behind its labels, or nothing fits better than to leave all out.
    public static func likelihoodWeights(
        members: [Table], truth: Table, scorer: Scorer, shares: [ClassShares?], limit: Int
    ) -> [Double]? {
        guard case .shares(let pool) = try? BlendColumn.columns(of: members, shares: shares, scorer: scorer).first,
            let names = truth[scorer.schema.columns[0].target]
        else { return nil }
        let places = ClassShares.places(of: scorer)
        let truths = names.compactMap { places[scorer.labels.key($0)] }
        guard truths.count == names.count, !truths.isEmpty else { return nil }
        var fit = LikelihoodFit(logarithms: pool.logarithms, truths: truths, classCount: scorer.classes.count)
        let first = fit.weights(of: Array(members.indices))
        let least = 0.1 * (first.max() ?? 0)
        let kept = first.indices.sorted { (-first[$0], $0) < (-first[$1], $1) }.prefix(limit).filter {
            first[$0] > 0 && first[$0] >= least
        }
        let weights = fit.weights(of: kept.sorted())
        let total = weights.reduce(0, +)
        return total > 0 ? weights.map { $0 / total } : nil
    }
}

/// Logistic regression of the true class on the members' logarithms, with one weight of zero or more for each member.
private struct LikelihoodFit {
    private static let sweeps = 20
    private static let smallestStep = 0.005

    /// `[member]`: row by row the logarithm of each class's share.
    let logarithms: [[Float]]
    /// The place of each row's true class.
    let truths: [Int]
    let classCount: Int
    /// Row by row the weighted sum of each class's logarithms.
    private var pool: [Float] = []

    init(logarithms: [[Float]], truths: [Int], classCount: Int) {
        self.logarithms = logarithms
        self.truths = truths
        self.classCount = classCount
    }

    /// One weight for each member, zero for those that do not take part; not scaled.
    ///
    /// Newton's steps along one member at a time; a step is shorter in every round, so that none is made and unmade for ever.
    mutating func weights(of members: [Int]) -> [Double] {
        var weights = [Double](repeating: 0, count: logarithms.count)
        pool = [Float](repeating: 0, count: truths.count * classCount)
        for member in members {
            weights[member] = 1 / Double(members.count)
            move(along: member, by: weights[member])
        }
        for sweep in 0..<Self.sweeps {
            var longest = 0.0
            for member in members {
                let (slope, curvature) = derivatives(along: member)
                guard curvature > 0 else { continue }
                let longestAllowed = 1 / Double(sweep + 1)
                let wished = max(-longestAllowed, min(longestAllowed, -slope / curvature))
                let step = max(wished, -weights[member])
                weights[member] += step
                move(along: member, by: step)
                longest = max(longest, abs(step))
            }
            if longest < Self.smallestStep { break }
        }
        return weights
    }

    private mutating func move(along member: Int, by step: Double) {
        guard step != 0 else { return }
        let step = Float(step)
        logarithms[member].withUnsafeBufferPointer { logarithms in
            pool.withUnsafeMutableBufferPointer { pool in
                for place in pool.indices { pool[place] += step * logarithms[place] }
            }
        }
    }

    /// The first and second derivative of the negative logarithm of the likelihood by a member's weight.
    private func derivatives(along member: Int) -> (slope: Double, curvature: Double) {
        var slope = 0.0
        var curvature = 0.0
        logarithms[member].withUnsafeBufferPointer { logarithms in
            pool.withUnsafeBufferPointer { pool in
                for (row, truth) in truths.enumerated() {
                    let first = row * classCount
                    var most = pool[first]
                    for place in first..<first + classCount { most = max(most, pool[place]) }
                    var total = 0.0
                    var mean = 0.0
                    var square = 0.0
                    for place in first..<first + classCount {
                        let power = NaturalLogarithm.inverse(of: Double(pool[place] - most))
                        let value = Double(logarithms[place])
                        total += power
                        mean += power * value
                        square += power * value * value
                    }
                    mean /= total
                    slope += mean - Double(logarithms[first + truth])
                    curvature += max(0, square / total - mean * mean)
                }
            }
        }
        return (slope, curvature)
    }
}

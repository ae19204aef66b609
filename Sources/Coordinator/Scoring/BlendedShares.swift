/// Class shares of several members, pooled by their logarithms (a logarithmic opinion pool, Genest and Zidek 1986).
///
/// A member that is sure counts for more than one that is nearly undecided, and more so than in a mean of shares.
struct BlendedShares: Sendable {
    /// What a share counts as at least: no member can rule a class out by itself.
    private static let least: Float = 0.001

    /// `[member][row]`, spelt as the classes are.
    private let labels: [[String]]
    /// `[member]`: row by row the logarithm of each class's share.
    let logarithms: [[Float]]
    private let classes: [String]

    /// - Parameter shares: one for each member, `nil` for those that hand in labels alone.
    init(labels: [[String]], shares: [ClassShares?], scorer: Scorer) {
        self.labels = labels
        logarithms = zip(labels, shares).map { labels, shares in
            let known = shares ?? ClassShares(labels: labels, scorer: scorer)
            return known.shares.map { Float(NaturalLogarithm.of(Double(max($0, Self.least)))) }
        }
        classes = scorer.classes
    }

    /// The class with the largest weighted sum of logarithms in each row. Where classes are equal (within 10⁻⁵), the one
    /// that an earlier member names stays.
    ///
    /// - Parameter weights: one for each member, sum 1.
    func winners(_ weights: [Double]) -> [String] {
        let voters = logarithms.indices.filter { weights[$0] > 0 }
        let sums = sums(of: voters, weights)
        return (labels.first?.indices ?? 0..<0).map { row in
            let first = row * classes.count
            var most = first
            for place in first..<first + classes.count where sums[place] > sums[most] { most = place }
            let least = sums[most] - 1e-5
            let best = (first..<first + classes.count).lazy.filter { sums[$0] >= least }
            guard best.dropFirst().first != nil else { return classes[most - first] }
            let names = best.map { classes[$0 - first] }
            return voters.lazy.map { labels[$0][row] }.first(where: names.contains) ?? names[0]
        }
    }

    private func sums(of voters: [Int], _ weights: [Double]) -> [Float] {
        var sums = [Float](repeating: 0, count: logarithms.first?.count ?? 0)
        for voter in voters {
            let weight = Float(weights[voter])
            logarithms[voter].withUnsafeBufferPointer { logarithms in
                sums.withUnsafeMutableBufferPointer { sums in
                    for place in sums.indices { sums[place] += weight * logarithms[place] }
                }
            }
        }
        return sums
    }
}

/// Draws as many rows as there are, with replacement, again and again (Efron 1979).
struct Bootstrap {
    /// Rows drawn in all resamples together, at most: with more than 150 000 rows a comparison of 400 resamples
    /// makes do with fewer, so that it stays within about a second whatever the metric.
    static let drawBudget = 60_000_000
    /// Resamples that are made whatever they cost, unless fewer were asked for.
    static let fewestResamples = 100

    /// How many resamples are made.
    let resamples: Int
    private let rowCount: Int
    private let seed: UInt64

    /// A plan for at most `resamples` resamples, at least one.
    init(rowCount: Int, resamples: Int, seed: UInt64) {
        let affordable = max(Bootstrap.fewestResamples, Bootstrap.drawBudget / max(1, rowCount))
        self.resamples = max(1, min(resamples, affordable))
        self.rowCount = rowCount
        self.seed = seed
    }

    /// What `statistic` makes of each resample, given how often each row was drawn; resamples on which it is undefined
    /// or not finite are left out. The same seed draws the same rows.
    func values(_ statistic: (_ multiplicities: [Double]) throws(ScoringError) -> Double) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        var multiplicities = [Double](repeating: 0, count: rowCount)
        var values: [Double] = []
        for _ in 0..<resamples {
            for row in multiplicities.indices { multiplicities[row] = 0 }
            for _ in 0..<rowCount { multiplicities[generator.index(below: rowCount)] += 1 }
            if let value = try? statistic(multiplicities), value.isFinite { values.append(value) }
        }
        return values
    }

    /// The standard deviation of a sample (divided by n - 1), or `nil` for fewer than two values.
    static func standardDeviation(_ values: [Double]) -> Double? {
        guard values.count > 1 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }
}

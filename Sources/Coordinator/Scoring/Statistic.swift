/// Truth and predictions reduced to what the metric depends on, so that a resample costs little.
enum Statistic: Sendable {
    /// The mean of the columns' areas.
    case ranking([RankedColumn])
    /// The mean of the columns' measures.
    case confusion([ConfusionTable], ConfusionTable.Measure)
    /// The mean of the columns' correlations.
    case correlation([RankCorrelation])
    /// A function of sums over rows.
    case sums(RowSums)

    /// The metric when row r occurs `multiplicities[r]` times.
    func value(multiplicities: [Double]) throws(ScoringError) -> Double {
        var total = 0.0
        switch self {
        case .ranking(let columns):
            for column in columns { total += try column.area(multiplicities: multiplicities) }
            return total / Double(columns.count)
        case .confusion(let columns, let measure):
            for column in columns { total += column.value(measure, multiplicities: multiplicities) }
            return total / Double(columns.count)
        case .correlation(let columns):
            for column in columns { total += try column.value(multiplicities: multiplicities) }
            return total / Double(columns.count)
        case .sums(let sums):
            return try sums.value(multiplicities: multiplicities)
        }
    }

    /// Each row's share in the metric where that is a plain mean over rows, otherwise `nil`.
    var meanContributions: [Double]? {
        guard case .sums(let sums) = self, case .mean = sums.reduction else { return nil }
        return sums.contributions.first
    }
}

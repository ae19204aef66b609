/// A metric that is a function of sums over rows: each row contributes fixed numbers, and a resample only adds them up
/// again.
struct RowSums: Sendable {
    /// What is made of the sums; `group` numbers of a row belong to one column of the submission.
    enum Reduction: Sendable {
        /// [loss]: its mean.
        case mean
        /// [squared error] a column: the root of its mean, then the mean over columns.
        case rootMeanSquare
        /// [errors, reference symbols]: errors for each symbol.
        case ratio
        /// [right positives, wrong positives and negatives] a column: F1 of all columns' counts together.
        case pooledF1
        /// The same numbers: the mean of the columns' F1.
        case meanF1
        /// [squared error, truth, squared truth] a column, truth less its mean: R², then the mean over columns.
        case determination
        /// [squared difference, truth, squared truth, prediction, squared prediction] a column: quadratic weighted
        /// kappa, then the mean over columns.
        case kappa

        /// How many numbers a column contributes for each row.
        var group: Int {
            switch self {
            case .mean, .rootMeanSquare: 1
            case .ratio, .pooledF1, .meanF1: 2
            case .determination: 3
            case .kappa: 5
            }
        }
    }

    /// What is made of the sums.
    let reduction: Reduction
    /// `contributions[number][row]`, the numbers of a column side by side.
    let contributions: [[Double]]

    /// A metric's contributions, at least one number for each row.
    init(_ reduction: Reduction, _ contributions: [[Double]]) {
        self.reduction = reduction
        self.contributions = contributions
    }

    /// The metric when row r occurs `multiplicities[r]` times.
    func value(multiplicities: [Double]) throws(ScoringError) -> Double {
        let count = multiplicities.reduce(0, +)
        let sums = contributions.map { RowSums.sum($0, multiplicities) }
        let columns = stride(from: 0, to: sums.count, by: reduction.group).map { sums[$0..<($0 + reduction.group)] }
        var total = 0.0
        switch reduction {
        case .mean: return sums[0] / count
        case .ratio: return try RowSums.ratio(sums)
        case .pooledF1:
            let rights = columns.reduce(0) { $0 + $1[$1.startIndex] }
            return RowSums.f1(rights, columns.reduce(0) { $0 + $1[$1.startIndex + 1] })
        case .meanF1: for sums in columns { total += RowSums.f1(sums[sums.startIndex], sums[sums.startIndex + 1]) }
        case .rootMeanSquare: for sums in columns { total += (sums[sums.startIndex] / count).squareRoot() }
        case .determination: for sums in columns { total += try RowSums.determination(Array(sums), count: count) }
        case .kappa: for sums in columns { total += try RowSums.kappa(Array(sums), count: count) }
        }
        return total / Double(columns.count)
    }

    private static func sum(_ contributions: [Double], _ multiplicities: [Double]) -> Double {
        var sum = 0.0
        for row in contributions.indices { sum += contributions[row] * multiplicities[row] }
        return sum
    }

    private static func ratio(_ sums: [Double]) throws(ScoringError) -> Double {
        guard sums[1] > 0 else {
            throw ScoringError(message: "The error rate is undefined: the true texts have no symbols.")
        }
        return sums[0] / sums[1]
    }

    /// 0 where nothing is positive, as scikit-learn has it.
    private static func f1(_ rights: Double, _ wrongs: Double) -> Double {
        rights + wrongs > 0 ? 2 * rights / (2 * rights + wrongs) : 0
    }

    /// Where the truth is constant: 1 for a perfect prediction, otherwise 0, as scikit-learn has it.
    private static func determination(_ sums: [Double], count: Double) throws(ScoringError) -> Double {
        guard count > 1 else { throw ScoringError(message: "R² is undefined for fewer than two rows.") }
        let spread = sums[2] - sums[1] * sums[1] / count
        // Of a truth that is constant, at least in this resample, the subtraction leaves rounding errors.
        guard spread > 1e-12 * sums[2] else { return sums[0] == 0 ? 1 : 0 }
        return 1 - sums[0] / spread
    }

    /// 1 - Σ(t - p)² / Σᵢⱼ (tᵢ - pⱼ)² / n; the scale of the weights cancels, and the double sum comes from plain sums.
    private static func kappa(_ sums: [Double], count: Double) throws(ScoringError) -> Double {
        let expected = sums[2] + sums[4] - 2 * sums[1] * sums[3] / count
        // A multiple of 1 / n for whole grades, so anything this small is 0. NaN, from grades too large to square, is
        // not: it passes on.
        if expected < 1e-9 {
            throw ScoringError(
                message: "Kappa is undefined: truth and predictions are all of one and the same grade.")
        }
        return 1 - sums[0] / expected
    }
}

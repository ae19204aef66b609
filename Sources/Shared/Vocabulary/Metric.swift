/// Which way a score gets better. Part of the task, fixed once.
public enum Direction: String, Codable, Hashable, Sendable {
    case higherIsBetter = "higher"
    case lowerIsBetter = "lower"

    /// Whether `a` is strictly better than `b`.
    public func isBetter(_ a: Double, than b: Double) -> Bool {
        switch self {
        case .higherIsBetter: a > b
        case .lowerIsBetter: a < b
        }
    }

    /// How much better `new` is than `base`: positive means better, in units of the metric.
    public func improvement(of new: Double, over base: Double) -> Double {
        switch self {
        case .higherIsBetter: new - base
        case .lowerIsBetter: base - new
        }
    }
}

/// What a competition scores submissions with. Encoded by its name, such as `auc` or `map@5`.
public enum Metric: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Area under the ROC curve of one probability column; ties count half.
    case auc
    /// Mean of the columns' AUCs.
    case meanColumnAUC
    /// Log loss: binary with one probability column, multiclass with a column per class (rows are normalised).
    case logLoss
    /// Share of rows whose label is right.
    case accuracy
    /// Mean over classes of the F1 of each.
    case macroF1
    /// F1 of the pooled counts.
    case microF1
    /// Matthews correlation coefficient.
    case matthewsCorrelation
    /// Cohen's kappa with quadratic weights over whole-number grades.
    case quadraticWeightedKappa
    /// Root mean squared error; the mean over columns when there are several.
    case rootMeanSquaredError
    /// Root mean squared logarithmic error; the mean over columns when there are several.
    case rootMeanSquaredLogarithmicError
    /// Mean absolute error; the mean over columns when there are several.
    case meanAbsoluteError
    /// Coefficient of determination; the mean over columns when there are several.
    case coefficientOfDetermination
    /// Spearman's rank correlation; the mean over columns when there are several.
    case spearman
    /// Share of rows whose text is exactly right.
    case exactMatch
    /// Summed edit distance over blank-separated symbols divided by the number of reference symbols.
    case phonemeErrorRate
    /// Summed edit distance over characters divided by the number of reference characters.
    case characterErrorRate
    /// Mean average precision of up to `at` blank-separated guesses a row.
    case meanAveragePrecision(at: Int)

    /// The fixed metrics by name; `map@K` is made by `init(name:)`.
    public static let named: [(name: String, metric: Metric)] = [
        ("auc", .auc), ("mean_column_auc", .meanColumnAUC), ("logloss", .logLoss), ("accuracy", .accuracy),
        ("macro_f1", .macroF1), ("micro_f1", .microF1), ("mcc", .matthewsCorrelation),
        ("qwk", .quadraticWeightedKappa), ("rmse", .rootMeanSquaredError),
        ("rmsle", .rootMeanSquaredLogarithmicError), ("mae", .meanAbsoluteError), ("r2", .coefficientOfDetermination),
        ("spearman", .spearman), ("exact", .exactMatch), ("per", .phonemeErrorRate), ("cer", .characterErrorRate),
    ]

    /// The metric of that name: one of `named` or `map@K` with 1 ≤ K ≤ 1000.
    public init?(name: String) {
        if let known = Metric.named.first(where: { $0.name == name }) {
            self = known.metric
        } else if name.hasPrefix("map@"), let count = Int(name.dropFirst(4)), (1...1000).contains(count) {
            self = .meanAveragePrecision(at: count)
        } else {
            return nil
        }
    }

    /// The name in `task.yaml`, on the command line and in the journal.
    public var name: String {
        if case .meanAveragePrecision(let count) = self { return "map@\(count)" }
        return Metric.named.first { $0.metric == self }?.name ?? ""
    }

    /// The name.
    public var description: String { name }

    /// Which way the metric gets better.
    public var direction: Direction {
        switch self {
        case .logLoss, .rootMeanSquaredError, .rootMeanSquaredLogarithmicError, .meanAbsoluteError, .phonemeErrorRate,
            .characterErrorRate:
            .lowerIsBetter
        case .auc, .meanColumnAUC, .accuracy, .macroF1, .microF1, .matthewsCorrelation, .quadraticWeightedKappa,
            .coefficientOfDetermination, .spearman, .exactMatch, .meanAveragePrecision:
            .higherIsBetter
        }
    }

    /// Reads the single value it is encoded as.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let metric = Metric(name: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no metric is called '\(text)'")
        }
        self = metric
    }

    /// Writes a single value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}

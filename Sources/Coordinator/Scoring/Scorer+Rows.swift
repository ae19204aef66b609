import Vocabulary

/// What a metric makes of the true fields.
enum TruthForm {
    /// Finite numbers.
    case numbers
    /// Numbers without a fraction.
    case wholeNumbers
    /// Whether it is the positive class of the column.
    case flags
    /// Labels, not empty.
    case labels
    /// Any text.
    case texts
}

extension Scorer {
    /// How the metric reads the truth.
    var truthForm: TruthForm {
        switch metric {
        case .auc, .meanColumnAUC: .flags
        case .logLoss: isClassPerColumn ? .labels : .flags
        case .accuracy, .matthewsCorrelation: .labels
        case .macroF1, .microF1: schema.columns.count == 1 ? .labels : .flags
        case .quadraticWeightedKappa: .wholeNumbers
        case .rootMeanSquaredError, .rootMeanSquaredLogarithmicError, .meanAbsoluteError,
            .coefficientOfDetermination, .spearman:
            .numbers
        case .exactMatch, .phonemeErrorRate, .characterErrorRate, .meanAveragePrecision: .texts
        }
    }

    /// Whether the metric computes with the predictions; otherwise it only asks whether texts are equal.
    var isNumeric: Bool {
        switch metric {
        case .auc, .meanColumnAUC, .logLoss, .quadraticWeightedKappa, .rootMeanSquaredError,
            .rootMeanSquaredLogarithmicError, .meanAbsoluteError, .coefficientOfDetermination, .spearman:
            true
        case .accuracy, .macroF1, .microF1, .matthewsCorrelation, .exactMatch, .phonemeErrorRate,
            .characterErrorRate, .meanAveragePrecision:
            false
        }
    }

    /// Whether the columns are the classes of one target.
    var isClassPerColumn: Bool {
        schema.columns.count > 1 && Set(schema.columns.map(\.target)).count == 1
    }

    /// The class a column's probabilities or flags are about: as the schema says; else the column's name where there
    /// is a column per class, the second of two classes, or "1".
    func positiveClass(of column: SubmissionSchema.Column) -> String {
        column.positiveClass ?? (isClassPerColumn ? column.name : classes.count == 2 ? classes[1] : "1")
    }

    /// The columns of the schema, read as the metric needs them.
    func parsed(_ predictions: Table) throws(ScoringError) -> [PredictionColumn] {
        var columns: [PredictionColumn] = []
        for column in schema.columns {
            let texts = PredictionColumn.texts(try fields(of: column, in: predictions))
            columns.append(isNumeric ? .numbers(try texts.numbers(name: column.name)) : texts)
        }
        return columns
    }

    /// The fields of one column of the schema, as written.
    func fields(
        of column: SubmissionSchema.Column, in predictions: Table
    ) throws(ScoringError) -> [String] {
        guard let fields = predictions[column.name] else {
            throw ScoringError(message: "The predictions have no column \(column.name.quoted).")
        }
        return fields
    }

    /// Puts parsed truth and predictions together.
    func rows(truth: Truth, predictions: [PredictionColumn]) throws(ScoringError) -> ScoredRows {
        if let column = predictions.first, column.count != truth.count {
            throw ScoringError(
                message: "There are \(column.count) rows of predictions for \(truth.count) rows of true labels.")
        }
        return ScoredRows(
            count: truth.count, metric: metric, truthFingerprint: truth.fingerprint,
            statistic: try statistic(truth, predictions))
    }

    private func statistic(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> Statistic {
        switch metric {
        case .auc, .meanColumnAUC: try areas(truth, predictions)
        case .logLoss: .sums(try logLoss(truth, predictions))
        case .accuracy: .sums(try accuracy(truth, predictions))
        case .macroF1, .microF1: try f1(truth, predictions)
        case .matthewsCorrelation: .confusion(try confusions(truth, predictions), .matthewsCorrelation)
        case .quadraticWeightedKappa: .sums(try kappa(truth, predictions))
        case .rootMeanSquaredError: .sums(try squaredErrors(truth, predictions))
        case .rootMeanSquaredLogarithmicError: .sums(try squaredLogarithmicErrors(truth, predictions))
        case .meanAbsoluteError: .sums(try absoluteErrors(truth, predictions))
        case .coefficientOfDetermination: .sums(try determination(truth, predictions))
        case .spearman: try correlation(truth, predictions)
        case .exactMatch: .sums(exactMatch(truth, predictions))
        case .phonemeErrorRate: .sums(errorRate(truth, predictions) { Scorer.symbols($0).map(ExactText.init) })
        case .characterErrorRate: .sums(errorRate(truth, predictions) { Array($0.unicodeScalars) })
        case .meanAveragePrecision(let limit): .sums(averagePrecision(truth, predictions, limit: limit))
        }
    }
}

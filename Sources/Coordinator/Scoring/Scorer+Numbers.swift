import Vocabulary

// The metrics that compute with numbers.
extension Scorer {
    /// AUC: any finite scores, only their order counts.
    func areas(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> Statistic {
        if metric == .auc, schema.columns.count != 1 {
            throw ScoringError(message: "auc takes one column; use mean_column_auc for several.")
        }
        var columns: [RankedColumn] = []
        for (place, column) in schema.columns.enumerated() {
            let scores = try predictions[place].numbers(name: column.name)
            columns.append(RankedColumn(name: column.name, scores: scores, isPositive: truth.flags[place]))
        }
        return .ranking(columns)
    }

    /// Log loss, in nats a row. Probabilities are clipped to 10⁻¹⁵ … 1 - 10⁻¹⁵; with a column per class of one target
    /// each row is then divided by its sum; with columns of several targets each is binary and the mean is taken.
    func logLoss(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> RowSums {
        var clipped: [[Double]] = []
        for (place, column) in schema.columns.enumerated() {
            let numbers = try predictions[place].numbers(name: column.name)
            clipped.append(numbers.map { min(max($0, 1e-15), 1 - 1e-15) })
        }
        if isClassPerColumn { return try multiclassLogLoss(truth, clipped) }
        var losses = [Double](repeating: 0, count: truth.count)
        for (flags, probabilities) in zip(truth.flags, clipped) {
            for row in losses.indices {
                let likelihood = flags[row] ? probabilities[row] : 1 - probabilities[row]
                losses[row] -= NaturalLogarithm.of(likelihood) / Double(clipped.count)
            }
        }
        return RowSums(.mean, [losses])
    }

    private func multiclassLogLoss(_ truth: Truth, _ clipped: [[Double]]) throws(ScoringError) -> RowSums {
        let keys = schema.columns.map { labels.key(positiveClass(of: $0)) }
        let columnOf = Dictionary(zip(keys, keys.indices), uniquingKeysWith: { first, _ in first })
        var losses: [Double] = []
        for (row, label) in truth.texts[0].enumerated() {
            guard let column = columnOf[labels.key(label)] else {
                throw ScoringError(message: "No column predicts the class \(label.quoted).")
            }
            let sum = clipped.reduce(0) { $0 + $1[row] }
            losses.append(-NaturalLogarithm.of(clipped[column][row] / sum))
        }
        return RowSums(.mean, [losses])
    }

    /// RMSE.
    func squaredErrors(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> RowSums {
        RowSums(.rootMeanSquare, try errors(truth, predictions).map { column in column.map { $0 * $0 } })
    }

    /// RMSLE: RMSE of ln(1 + x); negative values have no place in it, on neither side.
    func squaredLogarithmicErrors(
        _ truth: Truth, _ predictions: [PredictionColumn]
    ) throws(ScoringError) -> RowSums {
        var columns: [[Double]] = []
        for (place, column) in schema.columns.enumerated() {
            let numbers = try predictions[place].numbers(name: column.name)
            for (values, side) in [(numbers, "predicted"), (truth.numbers[place], "true")] {
                guard let row = values.firstIndex(where: { $0 < 0 }) else { continue }
                throw ScoringError(
                    message: "rmsle needs values of zero or more; column \(column.name.quoted), row \(row + 1): the "
                        + "\(side) value is \(values[row]).")
            }
            columns.append(
                zip(truth.numbers[place], numbers).map { truth, prediction in
                    let error = NaturalLogarithm.ofOnePlus(prediction) - NaturalLogarithm.ofOnePlus(truth)
                    return error * error
                })
        }
        return RowSums(.rootMeanSquare, columns)
    }

    /// MAE; the mean over columns is taken row by row.
    func absoluteErrors(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> RowSums {
        var means = [Double](repeating: 0, count: truth.count)
        let columns = try errors(truth, predictions)
        for column in columns {
            for row in means.indices { means[row] += abs(column[row]) / Double(columns.count) }
        }
        return RowSums(.mean, [means])
    }

    /// R².
    func determination(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> RowSums {
        var columns: [[Double]] = []
        for (values, errors) in zip(truth.numbers, try errors(truth, predictions)) {
            // Less their mean, or squares of far-off values would drown their spread.
            let mean = values.reduce(0, +) / Double(values.count)
            let centred = values.map { $0 - mean }
            columns += [errors.map { $0 * $0 }, centred, centred.map { $0 * $0 }]
        }
        return RowSums(.determination, columns)
    }

    /// Quadratic weighted kappa over the grades' values; predictions are rounded to the nearest grade, halves to even.
    func kappa(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> RowSums {
        var columns: [[Double]] = []
        for (place, column) in schema.columns.enumerated() {
            let grades = truth.numbers[place]
            let guesses = try predictions[place].numbers(name: column.name).map { $0.rounded(.toNearestOrEven) }
            columns += [
                zip(grades, guesses).map { ($0 - $1) * ($0 - $1) }, grades, grades.map { $0 * $0 }, guesses,
                guesses.map { $0 * $0 },
            ]
        }
        return RowSums(.kappa, columns)
    }

    /// Spearman's correlation.
    func correlation(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> Statistic {
        var columns: [RankCorrelation] = []
        for (place, column) in schema.columns.enumerated() {
            let numbers = try predictions[place].numbers(name: column.name)
            columns.append(RankCorrelation(name: column.name, truth: truth.numbers[place], predictions: numbers))
        }
        return .correlation(columns)
    }

    /// Prediction less truth, by column and row.
    private func errors(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> [[Double]] {
        var columns: [[Double]] = []
        for (place, column) in schema.columns.enumerated() {
            let numbers = try predictions[place].numbers(name: column.name)
            columns.append(zip(numbers, truth.numbers[place]).map { $0 - $1 })
        }
        return columns
    }
}

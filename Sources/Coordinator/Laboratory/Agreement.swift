import Foundation
import Scoring
import Vocabulary

/// How far the predictions of two runs for the same rows agree, measured as the task's metric looks at predictions.
///
/// A refit on all rows has no hidden score, so this is all that tells whether it is the solution that was scored.
struct Agreement {
    let metric: Metric
    let schema: SubmissionSchema

    /// The mean over columns, from −1 to 1; equal columns agree at 1.
    ///
    /// Where one of the runs predicts the same for every row of a column, and the other does not, a column among several
    /// counts by closeness alone, as 0 where that cannot be told: a rare class may be left out by a run that is sound.
    ///
    /// - Returns: `nil` where the only column is such a one. However often that one value is right, a run that has
    ///   collapsed is not the run that was scored.
    func of(_ refit: Table, with scored: Table) -> Double? {
        var sum = 0.0
        for column in schema.columns {
            guard let mine = refit[column.name], let theirs = scored[column.name] else { return nil }
            let value = agreement(of: mine, with: theirs, in: column)
            guard value != nil || schema.columns.count > 1 else { return nil }
            sum += min(1, max(-1, value ?? closeness(of: mine, to: theirs, in: column) ?? 0))
        }
        return schema.columns.isEmpty ? nil : sum / Double(schema.columns.count)
    }

    private func agreement(
        of refit: [String], with scored: [String], in column: SubmissionSchema.Column
    ) -> Double? {
        if refit == scored { return 1 }
        if areNumbers(column) {
            guard let mine = Self.numbers(refit), let theirs = Self.numbers(scored) else { return nil }
            return mine == theirs ? 1 : agreement(of: mine, with: theirs)
        }
        guard Set(refit).count > 1, Set(scored).count > 1 else { return nil }
        switch metric {
        case .phonemeErrorRate, .characterErrorRate:
            return value(of: metric, truth: scored, predictions: refit).map { 1 - $0 }
        case .meanAveragePrecision:
            // What the metric would give if the scored run's first guesses were right.
            let first = scored.map { $0.split(separator: " ").first.map(String.init) ?? "" }
            return value(of: metric, truth: first, predictions: refit)
        default: return value(of: .exactMatch, truth: scored, predictions: refit)
        }
    }

    /// Whether a column's predictions are compared as numbers.
    private func areNumbers(_ column: SubmissionSchema.Column) -> Bool {
        (column.content != .label && column.content != .text) || metric == .quadraticWeightedKappa
    }

    /// Closeness of a column as it was written; `nil` where it cannot be told.
    private func closeness(
        of refit: [String], to scored: [String], in column: SubmissionSchema.Column
    ) -> Double? {
        guard areNumbers(column), let mine = Self.numbers(refit), let theirs = Self.numbers(scored) else { return nil }
        return closeness(of: mine, to: theirs)
    }

    /// Rank correlation and, for metrics that compute with the values, closeness: the smaller of the two.
    private func agreement(of refit: [Double], with scored: [Double]) -> Double? {
        guard
            let correlation = value(
                of: .spearman, truth: scored.map(\.description), predictions: refit.map(\.description))
        else { return nil }
        return closeness(of: refit, to: scored).map { min($0, correlation) } ?? correlation
    }

    /// One less the loss that the refit would have if the scored run were right, in units of twice the loss of the best
    /// constant; `nil` where only the order of predictions counts, or the scored run predicts a constant.
    ///
    /// With squares, and where mean and spread of both are equal, that is their correlation, so that one bound fits
    /// both; another scale or another mean makes it less. The loss is the metric's own as far as it matters: squares
    /// of logarithms for RMSLE, the Kullback-Leibler divergence for log loss, squares for the others (absolute values
    /// would make two honest fits look further apart than their correlation).
    ///
    /// Scored 1, 2, 3; refit 1, 2, 3 → 1; 2, 3, 4 → 1 − 3 / (2 · 2) = 0.25.
    private func closeness(of refit: [Double], to scored: [Double]) -> Double? {
        guard Set(scored).count > 1 else { return nil }
        let loss: (Double, Double) -> Double
        var (a, b) = (refit, scored)
        switch metric {
        case .auc, .meanColumnAUC, .spearman: return nil
        case .logLoss: loss = Self.divergence
        case .rootMeanSquaredLogarithmicError:
            (a, b) = (refit.map(log1p), scored.map(log1p))
            loss = Self.square
        default: loss = Self.square
        }
        let mean = b.reduce(0, +) / Double(b.count)
        let spread = b.reduce(0) { $0 + loss(mean, $1) }
        let closeness = 1 - zip(a, b).reduce(0) { $0 + loss($1.0, $1.1) } / (2 * spread)
        // Squares of values near the largest overflow.
        return closeness.isFinite ? closeness : -1
    }

    /// Fields as numbers; `nil` when one is none.
    private static func numbers(_ fields: [String]) -> [Double]? {
        let numbers = fields.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
        return numbers.count == fields.count ? numbers : nil
    }

    private static func square(_ guess: Double, _ value: Double) -> Double { (guess - value) * (guess - value) }

    /// What is lost, in nats, by the probability `guess` where `value` is right; clipped as log loss is.
    private static func divergence(_ guess: Double, _ value: Double) -> Double {
        let (p, q) = (min(max(value, 1e-15), 1 - 1e-15), min(max(guess, 1e-15), 1 - 1e-15))
        return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))
    }

    private func value(of metric: Metric, truth: [String], predictions: [String]) -> Double? {
        let isNumber = metric == .spearman
        let column = SubmissionSchema.Column(name: "p", target: "p", content: isNumber ? .number : .text)
        let scorer = Scorer(
            metric: metric, schema: SubmissionSchema(idColumn: "id", columns: [column]), classes: [])
        guard
            let rows = try? scorer.rows(
                truth: Table(names: ["p"], columns: [truth]), predictions: Table(names: ["p"], columns: [predictions]))
        else { return nil }
        return try? scorer.value(of: rows)
    }
}

import Testing
import Vocabulary

@testable import Scoring

@Suite("Comparison of two solutions", .timeLimit(.minutes(5)))
struct ComparisonTests {
    /// Truth and two predictions of it, the first one better, by metric.
    private func solutions(
        _ metric: Metric, count: Int = 200
    ) -> (example: Example, truth: [String], good: [String], bad: [String]) {
        var generator = TestGenerator(seed: 3)
        func noisy(_ values: [Int], _ noise: Double, in range: ClosedRange<Double>) -> [String] {
            values.map { value in
                let moved = Double(value) + noise * Double.random(in: -1...1, using: &generator)
                return "\(min(max(moved, range.lowerBound), range.upperBound))"
            }
        }
        func wrong(_ values: [Int], _ share: Double) -> [String] {
            values.map { Double.random(in: 0..<1, using: &generator) < share ? "\(($0 + 1) % 4)" : "\($0)" }
        }
        switch metric {
        case .auc, .meanColumnAUC, .logLoss:
            let truth = (0..<count).map { _ in Int.random(in: 0...1, using: &generator) }
            return (
                Example(metric, .probability, positive: "1"), truth.map(String.init),
                noisy(truth, 0.7, in: 0.05...0.95), noisy(truth, 2.5, in: 0.05...0.95)
            )
        case .accuracy, .macroF1, .microF1, .matthewsCorrelation, .exactMatch, .phonemeErrorRate,
            .characterErrorRate, .meanAveragePrecision:
            let truth = (0..<count).map { _ in Int.random(in: 0...3, using: &generator) }
            return (Example(metric, .text), truth.map(String.init), wrong(truth, 0.1), wrong(truth, 0.5))
        case .quadraticWeightedKappa, .rootMeanSquaredError, .rootMeanSquaredLogarithmicError, .meanAbsoluteError,
            .coefficientOfDetermination, .spearman:
            let truth = (0..<count).map { _ in Int.random(in: 0...9, using: &generator) }
            return (
                Example(metric, .number), truth.map(String.init), noisy(truth, 1, in: 0...20),
                noisy(truth, 5, in: 0...20)
            )
        }
    }

    static let metrics = Metric.named.map(\.metric) + [.meanAveragePrecision(at: 3)]

    @Test("the better solution is better, and the other way round", arguments: metrics)
    func better(_ metric: Metric) throws {
        let (example, truth, good, bad) = solutions(metric)
        let (best, worst) = (try example.rows(truth, good), try example.rows(truth, bad))
        let up = try example.scorer.compare(best, with: worst, seed: 1)
        let down = try example.scorer.compare(worst, with: best, seed: 1)
        #expect(up.probabilityBetter > 0.99)
        #expect(up.improvement > 0)
        #expect(up.rowCount == 200)
        #expect(isClose(down.probabilityBetter, 1 - up.probabilityBetter))
        #expect(isClose(down.improvement, -up.improvement))
        #expect(isClose(down.standardError, up.standardError))
        let values = (try example.scorer.value(of: best), try example.scorer.value(of: worst))
        #expect(isClose(up.improvement, metric.direction.improvement(of: values.0, over: values.1)))
    }

    @Test("equal solutions tie in every resample", arguments: metrics)
    func equal(_ metric: Metric) throws {
        let (example, truth, good, _) = solutions(metric)
        let rows = try example.rows(truth, good)
        let comparison = try example.scorer.compare(rows, with: rows, seed: 9)
        #expect(
            comparison
                == PairedComparison(probabilityBetter: 0.5, improvement: 0, standardError: 0, rowCount: 200))
    }

    @Test("the seed alone decides the resamples", arguments: [Metric.auc, .macroF1, .logLoss, .rootMeanSquaredError])
    func deterministic(_ metric: Metric) throws {
        let (example, truth, good, bad) = solutions(metric)
        let (best, worst) = (try example.rows(truth, good), try example.rows(truth, bad))
        let first = try example.scorer.compare(best, with: worst, seed: 7)
        #expect(try example.scorer.compare(best, with: worst, seed: 7) == first)
        #expect(try example.scorer.compare(best, with: worst, seed: 8) != first)
        #expect(
            example.scorer.standardError(of: best, seed: 7) == example.scorer.standardError(of: best, seed: 7))
    }

    @Test(
        "the comparison is what scoring each written-out resample gives",
        arguments: [Metric.auc, .macroF1, .accuracy, .rootMeanSquaredError, .spearman, .phonemeErrorRate])
    func writtenOut(_ metric: Metric) throws {
        let (example, truth, good, bad) = solutions(metric, count: 40)
        var generator = SeededGenerator(seed: 21)
        var differences: [Double] = []
        func value(_ predicted: [String], _ rows: [Int]) throws -> Double {
            try example.value(rows.map { truth[$0] }, rows.map { predicted[$0] })
        }
        // Close solutions, so that resamples go both ways: the second takes its last fields from the first.
        let other = Array(bad.prefix(4)) + good.dropFirst(4)
        for _ in 0..<100 {
            let rows = (0..<40).map { _ in generator.index(below: 40) }
            differences.append(metric.direction.improvement(of: try value(good, rows), over: try value(other, rows)))
        }
        let points = differences.map { abs($0) < 1e-11 ? 0.5 : $0 > 0 ? 1 : 0 }
        let comparison = try example.scorer.compare(
            example.rows(truth, good), with: example.rows(truth, other), resamples: 100, seed: 21)
        #expect(isClose(comparison.probabilityBetter, points.reduce(0, +) / 100))
        #expect(isClose(comparison.standardError, try #require(Bootstrap.standardDeviation(differences))))
    }

    @Test("the bootstrap's error of a mean is near the one from the rows' deviation")
    func errorsAgree() throws {
        let (example, truth, good, bad) = solutions(.logLoss, count: 1000)
        let (mine, theirs) = (try example.rows(truth, good), try example.rows(truth, bad))
        let (a, b) = (
            try #require(mine.statistic.meanContributions), try #require(theirs.statistic.meanContributions)
        )
        let deviation = try #require(Bootstrap.standardDeviation(zip(a, b).map { $0 - $1 }))
        let comparison = try example.scorer.compare(mine, with: theirs, seed: 4)
        #expect(isClose(comparison.standardError / (deviation / 1000.0.squareRoot()), 1, tolerance: 0.15))
    }

    @Test("the error of an AUC is near the published formula's")
    func errorOfAUC() throws {
        let (example, truth, _, bad) = solutions(.auc, count: 1000)
        let rows = try example.rows(truth, bad)
        let area = try example.scorer.value(of: rows)
        // Hanley and McNeil 1982.
        let positives = Double(truth.count { $0 == "1" })
        let negatives = 1000 - positives
        let (q1, q2) = (area / (2 - area), 2 * area * area / (1 + area))
        let variance =
            (area * (1 - area) + (positives - 1) * (q1 - area * area) + (negatives - 1) * (q2 - area * area))
            / (positives * negatives)
        let error = try #require(example.scorer.standardError(of: rows, seed: 2))
        #expect(isClose(error / variance.squareRoot(), 1, tolerance: 0.25))
    }

    @Test("a difference only in rounding is a tie")
    func rounding() throws {
        let example = Example(.meanAbsoluteError, .number)
        let truth = ["0", "0", "0"]
        let (a, b) = (["0.3", "0.1", "0.2"], ["0.30000000000000004", "0.1", "0.2"])
        let comparison = try example.scorer.compare(example.rows(truth, a), with: example.rows(truth, b), seed: 1)
        #expect(comparison.probabilityBetter == 0.5)
    }

    @Test("resamples without a value are left out")
    func undefinedResamples() throws {
        let example = Example(.auc, .probability, positive: "1")
        let truth = ["1", "0", "0", "0"]
        let good = try example.rows(truth, ["0.9", "0.1", "0.2", "0.3"])
        let bad = try example.rows(truth, ["0.1", "0.9", "0.8", "0.7"])
        let comparison = try example.scorer.compare(good, with: bad, seed: 5)
        #expect(
            comparison == PairedComparison(probabilityBetter: 1, improvement: 1, standardError: 0, rowCount: 4))
    }

    @Test("one row is compared by its value and has no error")
    func oneRow() throws {
        let example = Example(.accuracy, .label)
        let (right, wrong) = (try example.rows(["a"], ["a"]), try example.rows(["a"], ["b"]))
        #expect(
            try example.scorer.compare(right, with: wrong, seed: 1)
                == PairedComparison(probabilityBetter: 1, improvement: 1, standardError: 0, rowCount: 1))
        #expect(example.scorer.standardError(of: right, seed: 1) == nil)
    }

    @Test("solutions on other rows are not compared")
    func otherRows() throws {
        let example = Example(.accuracy, .label)
        let rows = try example.rows(["ab", "c"], ["a", "b"])
        for truth in [["c", "ab"], ["a", "bc"], ["ab", "d"]] {
            let others = try example.rows(truth, ["a", "b"])
            #expect(throws: ScoringError.self) { try example.scorer.compare(rows, with: others, seed: 1) }
        }
        let more = try example.rows(["a", "b", "a"], ["a", "b", "a"])
        #expect(throws: ScoringError.self) { try example.scorer.compare(rows, with: more, seed: 1) }
    }

    @Test("a comparison of no resamples still compares once")
    func noResamples() throws {
        let example = Example(.accuracy, .label)
        let (right, wrong) = (try example.rows(["a", "b"], ["a", "b"]), try example.rows(["a", "b"], ["b", "a"]))
        #expect(
            try example.scorer.compare(right, with: wrong, resamples: 0, seed: 1)
                == PairedComparison(probabilityBetter: 1, improvement: 1, standardError: 0, rowCount: 2))
    }

    @Test("where no resample has a value, the rows themselves decide")
    func allUndefined() throws {
        let example = Example(.auc, .probability, positive: "1")
        let truth = ["1", "0"]
        let (good, bad) = (try example.rows(truth, ["0.9", "0.1"]), try example.rows(truth, ["0.1", "0.9"]))
        // One resample of two rows is of one class for about half of the seeds.
        for seed in 0..<20 {
            let comparison = try example.scorer.compare(good, with: bad, resamples: 1, seed: UInt64(seed))
            #expect(comparison.probabilityBetter == 1)
        }
    }

    @Test("a standard deviation needs two values")
    func standardDeviation() {
        #expect(Bootstrap.standardDeviation([1, 3]) == 2.0.squareRoot())
        #expect(Bootstrap.standardDeviation([1]) == nil)
        #expect(Bootstrap.standardDeviation([]) == nil)
    }

    @Test("many rows get fewer resamples, never fewer than a hundred")
    func budget() {
        #expect(Bootstrap(rowCount: 10_000, resamples: 400, seed: 0).resamples == 400)
        #expect(Bootstrap(rowCount: 150_000, resamples: 400, seed: 0).resamples == 400)
        #expect(Bootstrap(rowCount: 300_000, resamples: 400, seed: 0).resamples == 200)
        #expect(Bootstrap(rowCount: 9_000_000, resamples: 400, seed: 0).resamples == 100)
        #expect(Bootstrap(rowCount: 9_000_000, resamples: 50, seed: 0).resamples == 50)
    }
}

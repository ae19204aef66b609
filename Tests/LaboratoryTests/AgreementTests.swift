import Foundation
import Search
import Tasks
import Testing
import Vocabulary

@testable import Laboratory

@Suite("Agreement of a refit with the scored run", .timeLimit(.minutes(5)))
struct AgreementTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    /// Agreement of columns `y`, or `y1`, `y2`, … under a metric.
    private func agreement(
        _ refit: [[String]], _ scored: [[String]], _ metric: Metric, _ content: PredictionContent
    ) -> Double? {
        let names = refit.count == 1 ? ["y"] : refit.indices.map { "y\($0 + 1)" }
        let schema = SubmissionSchema(
            idColumn: "id",
            columns: names.map { SubmissionSchema.Column(name: $0, target: $0, content: content) })
        let task = TaskSpecification(
            name: "t", description: "", kind: .regression, metric: metric, targets: names, classes: [],
            submission: schema)
        let examiner = Examiner(task: task, basis: .hidden(bench.evaluation, isProtected: true))
        let ids = scored[0].indices.map(String.init)
        return examiner.agreement(
            Table(names: ["id"] + names, columns: [ids] + refit), Table(names: ["id"] + names, columns: [ids] + scored))
    }

    private func numbers(_ refit: [Double], _ scored: [Double], _ metric: Metric) -> Double? {
        let content: PredictionContent = metric == .logLoss || metric == .auc ? .probability : .number
        return agreement([refit.map(\.description)], [scored.map(\.description)], metric, content)
    }

    private static let prices = (1...100).map { Double($0 * 37 % 101) * 50 + 400 }
    private static let chances = (1...100).map { Double($0 * 37 % 101) / 102 }

    @Test(
        "a refit that has collapsed to a constant does not agree, whatever the metric",
        arguments: [Metric.auc, .logLoss, .rootMeanSquaredError, .meanAbsoluteError, .spearman])
    func collapsed(metric: Metric) {
        let constant = Self.chances.map { _ in 0.5 }
        #expect(numbers(constant, Self.chances, metric) == nil)
        #expect(numbers(Self.chances, constant, metric) == nil)
        #expect(numbers(constant, constant, metric) == 1, "both are equal row by row")
        #expect(numbers(Self.chances, Self.chances, metric) == 1)
    }

    @Test("a script that collapses on all rows does not agree with its scored run; one that does not, does")
    func stored() async throws {
        let lab = bench.lab(StubJobs())
        for (word, expected) in [("fragile", nil), ("good", 1.0)] {
            let (scored, refit) = (StepPath("\(word)/scored"), StepPath("\(word)/refit"))
            let run = RunRequest(kind: .candidateEvaluation, script: Script(word))
            #expect(try await lab.run(run, at: scored).score != nil)
            let whole = RunRequest(kind: .submission, script: Script(word), mount: .full)
            #expect(try await lab.run(whole, at: refit).failure == nil)
            let seen = try await lab.observe(
                MeasureAgreement(refit: refit, scored: scored), at: StepPath("\(word)/agreement"))
            #expect(seen == expected)
        }
    }

    @Test("labels that have collapsed to the frequent one do not agree")
    func collapsedLabels() {
        let scored = (1...100).map { $0 % 10 == 0 ? "b" : "a" }
        #expect(agreement([scored.map { _ in "a" }], [scored], .macroF1, .label) == nil)
        let other = (1...100).map { $0 % 10 == 0 && $0 < 95 ? "b" : "a" }
        #expect(agreement([other], [scored], .macroF1, .label) == 0.99)
    }

    @Test("one collapsed column of several is not left out of the mean, and does not veto the others")
    func collapsedColumn() throws {
        let varied = Self.chances.map(\.description)
        let constant = varied.map { _ in "0.5" }
        #expect(agreement([varied, constant], [varied, varied], .meanColumnAUC, .probability) == 0.5)
        #expect(agreement([varied, constant], [varied, constant], .meanColumnAUC, .probability) == 1)
        #expect(agreement([varied, constant], [varied, varied], .macroF1, .label) == 0.5)
        let close = try #require(agreement([varied, constant], [varied, varied], .rootMeanSquaredError, .number))
        #expect(close > 0.7 && close < 0.76, "a constant is at best half as close")
        #expect(try #require(agreement([constant, constant], [varied, varied], .logLoss, .probability)) < 0.51)
    }

    @Test("a class that is zero everywhere in one of the runs does not undo a hundred that agree under log loss")
    func rareClass() throws {
        let varied = Self.chances.map(\.description)
        let zero = varied.map { _ in "0.0" }
        let rare = Self.chances.map { "\($0 / 1000)" }
        let others = Array(repeating: varied, count: 99)
        #expect(try #require(agreement(others + [zero], others + [rare], .logLoss, .probability)) > 0.97)
        #expect(try #require(agreement(others + [rare], others + [zero], .logLoss, .probability)) == 0.99)
    }

    @Test(
        "a refit on another scale agrees only where order is all that counts",
        arguments: [
            (Metric.rootMeanSquaredError, false), (.meanAbsoluteError, false), (.coefficientOfDetermination, false),
            (.rootMeanSquaredLogarithmicError, false), (.spearman, true), (.auc, true),
        ])
    func scale(metric: Metric, agrees: Bool) throws {
        let logarithms = Self.prices.map(log)
        #expect((try #require(numbers(logarithms, Self.prices, metric)) >= 0.8) == agrees)
    }

    @Test("certain probabilities do not agree with careful ones under log loss")
    func certain() throws {
        let certain = Self.chances.map { $0 > 0.5 ? 1 - $0 / 1e6 : $0 / 1e6 }
        #expect(try #require(numbers(certain, Self.chances, .logLoss)) < 0.5)
        #expect(try #require(numbers(certain, Self.chances, .auc)) > 0.4)
    }

    @Test("closeness is the correlation where mean and spread are equal")
    func closeness() throws {
        #expect(numbers([2, 3, 4], [1, 2, 3], .rootMeanSquaredError) == 0.25)
        // Correlation 0.8, ranks the same.
        let value = try #require(numbers([1, 3, 2, 4], [1, 2, 3, 4], .rootMeanSquaredError))
        #expect(abs(value - 0.8) < 1e-12)
        #expect(numbers([1e300, 2, 3], [1, 2, 3], .rootMeanSquaredError) == -1)
    }

    @Test(
        "an ordinary refit, whose predictions are a little off, agrees",
        arguments: [Metric.rootMeanSquaredError, .meanAbsoluteError, .rootMeanSquaredLogarithmicError, .spearman])
    func ordinary(metric: Metric) throws {
        let refit = Self.prices.enumerated().map { $1 * (1 + 0.15 * sin(Double($0))) }
        #expect(try #require(numbers(refit, Self.prices, metric)) > 0.9)
    }

    @Test("texts agree as far as their metric finds them alike")
    func texts() throws {
        let scored = ["AH B C D", "K AE T S", "D AO G Z", "B ER D Z", "F IH SH X"]
        let refit = ["AH B C D", "K AE T S", "D AO G Z", "B ER D S", "F IH S X"]
        #expect(try #require(agreement([refit], [scored], .phonemeErrorRate, .text)) == 0.9)
        #expect(agreement([refit], [scored], .exactMatch, .text) == 0.6)
        #expect(try #require(agreement([refit], [scored], .characterErrorRate, .text)) > 0.9)
        #expect(agreement([["x y", "b a"]], [["x z", "a b"]], .meanAveragePrecision(at: 2), .text) == 0.75)
    }

    @Test("grades agree as numbers: one off is not all wrong")
    func grades() throws {
        let scored = (0..<50).map { "\($0 % 5)" }
        let refit = (0..<50).map { "\(min(4, $0 % 5 + ($0 % 3 == 0 ? 1 : 0)))" }
        #expect(try #require(agreement([refit], [scored], .quadraticWeightedKappa, .label)) > 0.8)
    }
}

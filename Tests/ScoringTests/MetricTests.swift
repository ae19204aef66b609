import Testing
import Vocabulary

@testable import Scoring

@Suite("Metrics", .timeLimit(.minutes(5)))
struct MetricTests {
    @Test("a value is what another implementation makes of the same rows", arguments: MetricCase.all)
    func value(_ example: MetricCase) throws {
        let rows = try example.scorer.rows(truth: example.truth, predictions: example.predictions)
        let value = try example.scorer.value(of: rows)
        #expect(isClose(value, example.expected), "\(value) is not \(example.expected)")
        #expect(rows.count == example.truth.rowCount)
    }

    @Test("every metric has cases")
    func coverage() {
        let covered = Set(MetricCase.all.map(\.scorer.metric.name))
        #expect(covered.isSuperset(of: Metric.named.map(\.name)))
        #expect(covered.isSuperset(of: ["map@1", "map@5"]))
    }

    @Test("the predictions of every case pass the check and score the same when rows are shuffled")
    func aligned() throws {
        var generator = TestGenerator(seed: 5)
        for example in MetricCase.all {
            let ids = try #require(example.predictions["id"])
            let shuffled = example.predictions.selecting(rows: ids.indices.shuffled(using: &generator))
            let aligned = try SubmissionCheck.align(
                shuffled, to: ids, schema: example.scorer.schema, classes: example.scorer.classes)
            let rows = try example.scorer.rows(truth: example.truth, predictions: aligned)
            let value = try example.scorer.value(of: rows)
            #expect(isClose(value, example.expected), "\(example.name)")
        }
    }

    @Test("a resample is worth what its rows written out are worth", arguments: MetricCase.all)
    func multiplicities(_ example: MetricCase) throws {
        let rows = try example.scorer.rows(truth: example.truth, predictions: example.predictions)
        var generator = TestGenerator(seed: 11)
        for _ in 0..<5 {
            let drawn = (0..<rows.count).map { _ in Int.random(in: 0..<rows.count, using: &generator) }
            var multiplicities = [Double](repeating: 0, count: rows.count)
            for row in drawn { multiplicities[row] += 1 }
            let written = try? example.scorer.value(
                of: example.scorer.rows(
                    truth: example.truth.selecting(rows: drawn),
                    predictions: example.predictions.selecting(rows: drawn)))
            let counted = try? rows.statistic.value(multiplicities: multiplicities)
            // Undefined on one side is undefined on the other.
            #expect((written == nil) == (counted == nil))
            if let written, let counted {
                #expect(isClose(written, counted, tolerance: 1e-8), "\(written) is not \(counted)")
            }
        }
    }

    @Test(
        "the error of a mean over rows is their standard deviation over the root of their number",
        arguments: MetricCase.all.filter { $0.standardError != nil })
    func standardError(_ example: MetricCase) throws {
        let rows = try example.scorer.rows(truth: example.truth, predictions: example.predictions)
        let error = try #require(example.scorer.standardError(of: rows, seed: 1))
        #expect(isClose(error, try #require(example.standardError)))
    }

    @Test("worked values of the documentation hold")
    func documentedValues() throws {
        let auc = Example(.auc, .probability, positive: "1")
        #expect(try auc.value(["0", "0", "1", "1"], ["0.1", "0.4", "0.4", "0.8"]) == 0.875)
        let spearman = Example(.spearman, .number)
        #expect(isClose(try spearman.value(["1", "2", "3", "4"], ["10", "30", "20", "40"]), 0.8))
        let precision = Example(.meanAveragePrecision(at: 3), .text)
        #expect(isClose(try precision.value(["a b"], ["b x a"]), (1 + 2.0 / 3) / 2))
    }

    @Test("R² of a constant truth is 0 or 1, though the mean of its values is not exact in floats")
    func constantTruth() throws {
        let example = Example(.coefficientOfDetermination, .number)
        let truth = [String](repeating: "0.1", count: 7)
        #expect(try example.value(truth, ["1", "2", "3", "4", "5", "6", "7"]) == 0)
        #expect(try example.value(truth, truth) == 1)
    }

    @Test("R² of a resample whose truth is constant is 0 or 1, too")
    func constantResample() throws {
        let example = Example(.coefficientOfDetermination, .number)
        for other in 1...20 {
            let rows = try example.rows(["0.1", "0.1", "0.1", "0.\(other)7"], ["1", "2", "0.1", "0.1"])
            #expect(try rows.statistic.value(multiplicities: [3, 3, 1, 0]) == 0)
            #expect(try rows.statistic.value(multiplicities: [0, 0, 7, 0]) == 1)
        }
    }

    @Test("macro F1 leaves out classes of the task that do not occur in these rows")
    func absentClass() throws {
        let example = Example(.macroF1, .label, classes: ["a", "b", "c"])
        let rows = try example.rows(["a", "b", "c"], ["a", "a", "c"])
        #expect(isClose(try rows.statistic.value(multiplicities: [2, 1, 0]), (0.8 + 0) / 2))
        #expect(isClose(try example.value(["a", "a", "b"], ["a", "a", "a"]), (0.8 + 0) / 2))
    }

    @Test("guesses are compared as labels")
    func guessedNumbers() throws {
        #expect(try Example(.meanAveragePrecision(at: 3), .text).value(["7.0"], ["3 7"]) == 0.5)
    }

    @Test("exact match compares labels as labels")
    func exactLabels() throws {
        let example = Example(.exactMatch, .label, classes: ["1", "2"])
        #expect(try example.value(["1", "2"], ["1.0", "1.0"]) == 0.5)
    }

    @Test("classes that differ only in spelling stay apart")
    func exactClasses() throws {
        let example = Example(.accuracy, .label, classes: ["1", "01"])
        #expect(try example.value(["1", "01"], ["1", "1"]) == 0.5)
    }
}

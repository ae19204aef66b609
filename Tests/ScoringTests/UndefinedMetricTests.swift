import Testing
import Vocabulary

@testable import Scoring

@Suite("Where a metric has no value", .timeLimit(.minutes(5)))
struct UndefinedMetricTests {
    private func message(_ example: Example, _ truth: [String], _ predicted: [String]) throws -> String {
        let error = try #require(throws: ScoringError.self) { try example.value(truth, predicted) }
        #expect(error.description == error.message)
        return error.message
    }

    @Test("AUC needs both classes", arguments: [["1", "1"], ["0", "0"]])
    func oneClass(_ truth: [String]) throws {
        let text = try message(Example(.auc, .probability, positive: "1"), truth, ["0.1", "0.9"])
        #expect(text == "AUC is undefined: the true labels of column 'answer' are all of one class.")
    }

    @Test("AUC takes one column")
    func twoColumns() throws {
        let columns = ["a", "b"].map {
            SubmissionSchema.Column(name: $0, target: $0, positiveClass: "1", content: .probability)
        }
        let scorer = Scorer(metric: .auc, schema: SubmissionSchema(idColumn: "id", columns: columns), classes: [])
        let table = Table(names: ["a", "b"], columns: [["0", "1"], ["0", "1"]])
        #expect(throws: ScoringError.self) { try scorer.rows(truth: table, predictions: table) }
    }

    @Test("mean column AUC names the column with one class")
    func columnOfOneClass() throws {
        let columns = ["a", "b"].map {
            SubmissionSchema.Column(name: "p_\($0)", target: $0, positiveClass: "1", content: .probability)
        }
        let scorer = Scorer(
            metric: .meanColumnAUC, schema: SubmissionSchema(idColumn: "id", columns: columns), classes: [])
        let truth = Table(names: ["a", "b"], columns: [["0", "1"], ["1", "1"]])
        let predictions = Table(names: ["p_a", "p_b"], columns: [["0", "1"], ["0", "1"]])
        let rows = try scorer.rows(truth: truth, predictions: predictions)
        let error = try #require(throws: ScoringError.self) { try scorer.value(of: rows) }
        #expect(error.message.contains("'p_b'"))
        #expect(scorer.standardError(of: rows, seed: 1) == nil)
    }

    @Test("Spearman's correlation needs two different values on each side")
    func constant() throws {
        let spearman = Example(.spearman, .number)
        #expect(
            try message(spearman, ["1", "2", "3"], ["5", "5", "5"]).contains("the predictions of column 'answer'"))
        #expect(
            try message(spearman, ["4", "4", "4"], ["1", "2", "3"]).contains("the true values of column 'answer'"))
    }

    @Test("kappa needs two grades")
    func oneGrade() throws {
        let kappa = Example(.quadraticWeightedKappa, .number)
        #expect(try message(kappa, ["3", "3", "3"], ["3", "3.2", "2.9"]).hasPrefix("Kappa is undefined"))
        #expect(try kappa.value(["3", "3", "3"], ["3", "4", "3"]) == 0)
    }

    @Test("kappa needs whole grades in the truth")
    func brokenGrade() throws {
        let text = try message(Example(.quadraticWeightedKappa, .number), ["1", "1.5"], ["1", "2"])
        #expect(text == "qwk cannot use the true field '1.5' of column 'truth', row 2.")
    }

    @Test("R² needs two rows")
    func oneRow() throws {
        #expect(try message(Example(.coefficientOfDetermination, .number), ["1"], ["1"]).hasPrefix("R² is undefined"))
    }

    @Test("an error rate needs symbols in the truth", arguments: [Metric.phonemeErrorRate, .characterErrorRate])
    func noSymbols(_ metric: Metric) throws {
        #expect(try message(Example(metric, .text), ["", ""], ["a", "b"]).hasPrefix("The error rate is undefined"))
    }

    @Test("RMSLE refuses negative values on both sides")
    func negative() throws {
        let rmsle = Example(.rootMeanSquaredLogarithmicError, .number)
        #expect(try message(rmsle, ["1", "2"], ["1", "-0.5"]).contains("row 2: the predicted value is -0.5"))
        #expect(try message(rmsle, ["-1", "2"], ["1", "2"]).contains("row 1: the true value is -1.0"))
    }

    @Test("no rows have no score", arguments: Metric.named.map(\.metric))
    func empty(_ metric: Metric) throws {
        #expect(try message(Example(metric, .number), [], []).hasPrefix("There is nothing to score"))
    }

    @Test("rows of different number do not belong together")
    func rowCounts() throws {
        let text = try message(Example(.accuracy, .label), ["a", "b"], ["a"])
        #expect(text == "There are 1 rows of predictions for 2 rows of true labels.")
    }

    @Test("a prediction that is no finite number is told with its row", arguments: ["nan", "inf", "", "x"])
    func notFinite(_ field: String) throws {
        for metric in Self.numeric {
            let text = try message(Example(metric, .number, positive: "1"), ["1", "0", "1"], ["1", "0", field])
            #expect(text == "Column 'answer', row 3: '\(field)' is not a finite number.", "\(metric)")
        }
    }

    private static let numeric: [Metric] = [
        .auc, .meanColumnAUC, .logLoss, .quadraticWeightedKappa, .rootMeanSquaredError,
        .rootMeanSquaredLogarithmicError, .meanAbsoluteError, .coefficientOfDetermination, .spearman,
    ]

    @Test("to metrics that compare labels or texts a NaN is a wrong answer like others, never a right one or no score")
    func notANumberAmongLabels() throws {
        let others = (Metric.named.map(\.metric) + [.meanAveragePrecision(at: 2)]).filter { !Self.numeric.contains($0) }
        #expect(others.count == 8)
        for metric in others {
            let example = Example(metric, .text)
            let wrong = try example.value(["1", "0", "1", "0"], ["1", "0", "nan", "0"])
            let right = try example.value(["1", "0", "1", "0"], ["1", "0", "1", "0"])
            #expect(metric.direction.isBetter(right, than: wrong) && wrong.isFinite, "\(metric)")
        }
    }

    @Test("a true value that is no finite number has no score, whatever metric computes with it")
    func truthNotFinite() throws {
        for metric in Self.numeric where ![.auc, .meanColumnAUC, .logLoss].contains(metric) {
            let text = try message(Example(metric, .number), ["1", "nan", "1"], ["1", "0", "1"])
            #expect(text == "\(metric) cannot use the true field 'nan' of column 'truth', row 2.")
        }
    }

    @Test("a missing true label is told and never counted as the other class")
    func missingLabel() throws {
        #expect(try message(Example(.auc, .number, positive: "1"), ["1", ""], ["1", "0"]).contains("row 2"))
        #expect(try message(Example(.accuracy, .label), ["a", ""], ["a", "b"]).contains("row 2"))
        #expect(try message(Example(.meanAbsoluteError, .number), ["1", ""], ["1", "2"]).contains("row 2"))
    }

    @Test("missing columns are named")
    func missingColumns() throws {
        let example = Example(.accuracy, .label)
        let table = Table(names: ["truth"], columns: [["a"]])
        let other = Table(names: ["x"], columns: [["a"]])
        #expect(throws: ScoringError(message: "The predictions have no column 'answer'.")) {
            try example.scorer.rows(truth: table, predictions: other)
        }
        #expect(throws: ScoringError(message: "The true labels have no column 'truth'.")) {
            try example.scorer.rows(truth: other, predictions: example.predictions(["a"]))
        }
    }

    @Test("a class without a column has no likelihood")
    func classWithoutColumn() throws {
        let columns = ["a", "b"].map {
            SubmissionSchema.Column(name: $0, target: "t", positiveClass: $0, content: .probability)
        }
        let scorer = Scorer(metric: .logLoss, schema: SubmissionSchema(idColumn: "id", columns: columns), classes: [])
        let truth = Table(names: ["t"], columns: [["c"]])
        let predictions = Table(names: ["a", "b"], columns: [["0.5"], ["0.5"]])
        #expect(throws: ScoringError(message: "No column predicts the class 'c'.")) {
            try scorer.rows(truth: truth, predictions: predictions)
        }
    }

    @Test("probabilities are not compared as labels", arguments: [Metric.accuracy, .macroF1, .matthewsCorrelation])
    func probabilities(_ metric: Metric) throws {
        let text = try message(Example(metric, .probability), ["1", "0"], ["0.9", "0.1"])
        #expect(text.hasSuffix("compares labels, but column 'answer' holds probabilities."))
    }

    @Test(
        "numbers too large to square have no score",
        arguments: [Metric.rootMeanSquaredError, .coefficientOfDetermination, .quadraticWeightedKappa])
    func overflow(_ metric: Metric) throws {
        #expect(try message(Example(metric, .number), ["1", "2"], ["1e200", "2"]).contains("is not finite"))
    }

    @Test("rows are scored only with the metric they were parsed for")
    func otherMetric() throws {
        let rows = try Example(.accuracy, .label).rows(["a", "b"], ["a", "a"])
        #expect(throws: ScoringError.self) { try Example(.macroF1, .label).scorer.value(of: rows) }
    }
}

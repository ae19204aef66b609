import Laboratory
import Testing
import Vocabulary

@Suite("Grades", .timeLimit(.minutes(5)))
struct GradeTests {
    private func table(_ name: String, _ fields: [String]) -> Table {
        Table(names: ["id", name], columns: [fields.indices.map(String.init), fields])
    }

    private func grade(
        _ predicted: [String], _ answers: [String], _ metric: Metric, positive: String? = nil
    ) throws -> Grade {
        try Grade(
            table("y", predicted), answers: table("y", answers), metric: metric, positive: positive)
    }

    private static let labelMetrics: [Metric] = [.accuracy, .macroF1, .microF1, .matthewsCorrelation]

    @Test("labels that differ only in how CSV writers spell them are right", arguments: labelMetrics)
    func spellings(metric: Metric) throws {
        #expect(try grade(["0.0", "1.0", "1.0", "0.0"], ["0", "1", "1", "0"], metric).value == 1)
        #expect(try grade(["1", "2", "10", "1"], ["01", "02", "10", "01"], metric).value == 1)
        #expect(try grade(["true", "false", "true"], ["True", "False", "True"], metric).value == 1)
    }

    @Test("a label that occurs in no answer is wrong, but it is a label")
    func foreign() throws {
        let some = try grade(["a", "b", "z", "a"], ["a", "b", "b", "a"], .accuracy)
        #expect(some.value == 0.75 && some.note == nil)
        // scikit-learn: f1_score([0, 1, 1], [0.0, 1.0, 2.0], average="macro") → 0.5556
        #expect(abs(try grade(["0.0", "1.0", "2.0"], ["0", "1", "1"], .macroF1).value - 5.0 / 9) < 1e-12)
        let none = try grade(["setosa", "virginica"], ["Iris-setosa", "Iris-virginica"], .accuracy)
        #expect(none.value == 0 && none.note == "none of the predicted labels occurs in the answers")
    }

    @Test("the class that scores are about decides between an area and its opposite")
    func positive() throws {
        let scores = ["0.1", "0.9", "0.2", "0.8"]
        let labels = ["legit", "fraud", "legit", "fraud"]
        #expect(try grade(scores, labels, .auc).value == 0)
        let named = try grade(scores, labels, .auc, positive: "fraud")
        #expect(named.value == 1 && named.positive == ["y": "fraud"])
    }

    @Test("log loss with a column per class is scored also when a class is in no answer")
    func classColumns() throws {
        let submission = Table(
            names: ["id", "Status_A", "Status_B", "Status_C"],
            columns: [["0", "1"], ["0.5", "0.25"], ["0.25", "0.5"], ["0.25", "0.25"]])
        let grade = try Grade(submission, answers: table("Status", ["A", "B"]), metric: .logLoss)
        #expect(abs(grade.value - 0.693_147_180_559_945_3) < 1e-12)
        #expect(grade.positive == ["Status_A": "A", "Status_B": "B", "Status_C": "C"])
    }

    @Test("rows in another order get the same grade; ignored ones none")
    func rows() throws {
        let answers = Table(
            names: ["id", "y", "Usage"],
            columns: [["a", "b", "c"], ["1", "2", "100"], ["Public", "Private", "Ignored"]])
        let submission = Table(names: ["y", "id"], columns: [["0", "4", "1"], ["c", "b", "a"]])
        #expect(try Grade(submission, answers: answers, metric: .meanAbsoluteError).value == 1)
        let short = Table(names: ["id", "y"], columns: [["a", "b"], ["1", "2"]])
        #expect(throws: (any Error).self) { try Grade(short, answers: answers, metric: .meanAbsoluteError) }
    }
}

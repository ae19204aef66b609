import Testing
import Vocabulary

@testable import Tasks

@Suite("Answers beside a submission", .timeLimit(.minutes(5)))
struct AnswerKeyTests {
    private func table(_ text: String) throws -> Table {
        let lines = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let names = try #require(lines.first).map(String.init)
        return Table(
            names: names, columns: names.indices.map { column in lines.dropFirst().map { String($0[column]) } })
    }

    private func key(
        _ answers: String, _ submission: String, _ metric: Metric, positive: String? = nil
    ) throws -> AnswerKey {
        try AnswerKey(
            answers: try table(answers), submission: try table(submission), metric: metric, positive: positive)
    }

    private func fault(
        _ answers: String, _ submission: String, _ metric: Metric, positive: String? = nil
    ) -> String {
        do {
            return "read: \(try key(answers, submission, metric, positive: positive).schema)"
        } catch {
            return "\(error)"
        }
    }

    private static let letters = "id,Status\n1,A\n2,B\n3,C\n"

    @Test("columns per class are found by their common ends, as in task folders")
    func commonEnds() throws {
        let key = try key(Self.letters, "id,Status_C,Status_A,Status_B\n", .logLoss)
        #expect(key.schema.columns.map(\.positiveClass) == ["C", "A", "B"])
        #expect(key.schema.header == ["id", "Status_C", "Status_A", "Status_B"])
        #expect(key.schema.columns.allSatisfy { $0.target == "Status" && $0.content == .probability })
    }

    @Test("a class that no answer has keeps its column", arguments: ["A,B,C", "Status_A,Status_B,Status_C"])
    func absentClass(columns: String) throws {
        let key = try key("id,Status\n1,A\n2,B\n", "id,\(columns)\n", .logLoss)
        #expect(key.classes == ["A", "B", "C"] && key.schema.columns.count == 3)
        let single = try self.key("id,Status\n1,A\n2,A\n", "id,A,B\n", .logLoss)
        #expect(single.schema.columns.map(\.positiveClass) == ["A", "B"])
    }

    @Test("several columns of auc are mean_column_auc")
    func severalAreas() throws {
        #expect(try key(Self.letters, "id,A,B,C\n", .auc).metric == .meanColumnAUC)
        #expect(try key("id,y\n1,0\n2,1\n", "id,y\n", .auc).metric == .auc)
    }

    @Test(
        "the class that scores are about is the one task folders take, unless it is named",
        arguments: [
            (["0", "1"], nil, "1"), (["0.0", "1.0"], nil, "1.0"), (["no", "yes"], nil, "yes"),
            (["None", "Sick"], nil, "Sick"), (["None", "0"], "None", "None"), (["fraud", "legit"], nil, "legit"),
            (["fraud", "legit"], "fraud", "fraud"), (["1", "2"], "2", "2"),
            (["a", "b", "c"], "b", "b"), (["0"], nil, "1"), (["1"], nil, "1"), (["False"], nil, "true"),
            (["legit"], "fraud", "fraud"),
        ] as [([String], String?, String)])
    func positive(labels: [String], named: String?, expected: String) throws {
        let answers = "id,y\n" + labels.enumerated().map { "\($0.offset),\($0.element)\n" }.joined()
        let key = try key(answers, "id,y\n", .logLoss, positive: named)
        #expect(key.schema.columns[0].positiveClass == expected)
    }

    @Test("what cannot be told is said with the remedy")
    func remedies() {
        let two = "id,y\n1,fraud\n2,legit\n"
        #expect(fault(two, "id,y\n", .auc, positive: "x").contains("'x' does not occur in column 'y'"))
        #expect(fault(two, "id,y\n", .accuracy, positive: "fraud").contains("'accuracy' has none"))
        #expect(fault("id,y\n1,a\n2,b\n3,c\n", "id,y\n", .auc).contains("'a', 'b', 'c'. Submit a column for each"))
        #expect(fault("id,y\n1,legit\n", "id,y\n", .logLoss).contains("nothing but 'legit'. Say with --positive"))
        #expect(
            fault("id,y\n1,0\n2,1\n", "id,prediction\n", .auc).contains(
                "answers in 'prediction', but the answers ask for 'y'. Name its column so, or give it one for each"))
        #expect(fault("id,y\n1,0.5\n", "id,prediction\n", .rootMeanSquaredError).contains("'prediction', but"))
        #expect(fault(Self.letters, "id,A,B\n", .logLoss).contains("one for each class: 'A', 'B', 'C'"))
        #expect(fault("id,y\n1,0\n", "row,y\n", .auc).contains("no column 'id'"))
        #expect(fault("id\n1\n", "id\n", .auc).contains("Add the true values"))
    }

    @Test("an id that stands twice in the answers is an error with both rows")
    func duplicates() {
        #expect(
            fault("id,y\n7,0\n8,1\n7,1\n", "id,y\n", .auc).contains("'7' stands in row 1 and again in row 3"))
    }

    @Test("a missing true value is no class", arguments: ["NA", "", "NaN"])
    func missingTruth(word: String) {
        #expect(
            fault("id,y\n1,0\n2,\(word)\n", "id,y\n", .auc).contains("row 2: '\(word)' is no true value"))
    }

    @Test("Kaggle's column Usage is no target, and rows it ignores are not scored")
    func usage() throws {
        let key = try key(
            "id,y,Usage\n1,0,Public\n2,NA,Ignored\n3,1,Private\n", "id,y\n1,0.1\n2,0.2\n3,0.3\n", .auc)
        #expect(key.schema.header == ["id", "y"])
        #expect(key.ids == ["1", "2", "3"] && key.scored == [0, 2] && key.truth["y"] == ["0", "1"])
        // Any other column of that name is one like all others.
        #expect(fault("id,usage\n1,3\n", "id,usage\n", .rootMeanSquaredError).contains("read:"))
        #expect(fault("id,y,usage\n1,3,4\n", "id,y\n", .rootMeanSquaredError).contains("ask for 'usage'"))
    }

    @Test(
        "truth values against digits are an error, not zero", arguments: [("True,False", "1,0"), ("0,1", "true,false")])
    func truthValues(answers: String, predicted: String) {
        func rows(_ labels: String) -> String {
            "id,y\n" + labels.split(separator: ",").enumerated().map { "\($0.offset),\($0.element)\n" }.joined()
        }
        #expect(fault(rows(answers), rows(predicted), .accuracy).contains("Write labels as the answers do"))
        #expect(fault(rows("True,False"), rows("true,false"), .accuracy).contains("read:"))
    }

    @Test(
        "a metric is known by every spelling that descriptions may use",
        arguments: [
            ("AUC", "auc"), ("auc", "auc"), ("ROC AUC", "auc"), ("Log loss", "logloss"), ("log-loss", "logloss"),
            ("RMSE", "rmse"), ("MAP@5", "map@5"), ("R²", "r2"), ("macro-F1", "macro_f1"), ("PER", "per"),
            ("f1", nil), ("balanced accuracy", nil), ("accuracy of the sensor", nil), ("", nil), ("map@0", nil),
        ] as [(String, String?)])
    func spellings(text: String, name: String?) { #expect(Metric(spelling: text)?.name == name) }
}

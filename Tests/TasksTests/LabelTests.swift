import Testing
import Vocabulary

@testable import Tasks

@Suite("what counts as a class", .timeLimit(.minutes(5)))
struct LabelTests {
    /// The churn task scored by the metric given, with the labels that `label` makes of a row's number.
    private func files(_ metric: String, _ changes: [String: String?] = [:], label: (Int) -> String) -> [String: String]
    {
        Sample.replacing(
            Sample.replacing(
                Sample.churn(),
                [
                    "description.md": Sample.description(metric),
                    "train.csv": Sample.csv(
                        "id,tenure,plan,churn", (1...40).map { "\($0),\($0 % 9),a,\(label($0))" }),
                ]), changes)
    }

    private func expect(_ message: String, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        for part in parts { #expect(message.contains(part), "\(part)\nin: \(message)", sourceLocation: sourceLocation) }
    }

    @Test("two spellings of one number or truth value are refused", arguments: ["1.0", " 1", "01", "+1"])
    func spellings(other: String) throws {
        expect(
            try fault(files("accuracy") { $0 == 5 ? other : "\($0 % 2)" }),
            "train.csv, line 6, column 'churn': '\(other)' is read as the same class as '1' in line 2",
            "Write both alike")
    }

    @Test("two spellings of a truth value are refused")
    func truths() throws {
        expect(
            try fault(files("accuracy") { $0 == 4 ? "true" : $0 % 2 == 0 ? "True" : "False" }),
            "train.csv, line 5, column 'churn': 'true' is read as the same class as 'True' in line 3")
    }

    @Test("classes that only look alike beside texts stay apart")
    func versions() throws {
        let (_, task) = try Sample.task(files("accuracy") { ["1.1", "1.10", "beta"][$0 % 3] })
        #expect(Set(task.specification.classes) == ["1.1", "1.10", "beta"])
    }

    @Test("a word for a missing value is no class, and its rows are unlabelled", arguments: ["NaN", "NA"])
    func missingWords(word: String) throws {
        let run = try MountTests.prepare(files("accuracy") { $0 % 5 == 0 ? word : "\($0 % 2)" })
        #expect(run.task.specification.classes == ["0", "1"])
        #expect(
            run.task.notes.contains {
                $0.contains("column 'churn': 8 rows with '\(word)' count as rows without a label")
            })
        for part in HeldOutPart.allCases {
            #expect(!run.hidden.heldOut(part, fold: 0).truth.columns[0].contains(word))
        }
        let (_, listed) = try Sample.task(
            files("accuracy", ["task.yaml": "classes: ['0', '1', \(word)]"]) { $0 % 5 == 0 ? word : "\($0 % 2)" })
        #expect(listed.specification.classes == ["0", "1", word])
        #expect(listed.notes.isEmpty)
    }

    @Test("a word for a missing value is a class where a column of the submission stands for it")
    func missingClass() throws {
        let names = ["yes", "no", "null"]
        let sample = Sample.csv("id,yes,no,null", (41...52).map { "\($0),0.3,0.3,0.4" })
        let (_, task) = try Sample.task(
            files("multi-class log loss", ["sample_submission.csv": sample]) { names[$0 % 3] })
        #expect(task.specification.submission.columns.map(\.positiveClass) == names)
        #expect(task.specification.classes == ["no", "null", "yes"])
        #expect(task.notes.isEmpty)
    }

    @Test("None is a class where all other labels are words, and the key, the mounts and the owner know")
    func noneAmongWords() throws {
        func label(_ row: Int) -> String { row % 10 == 0 ? "NA" : ["None", "Insomnia", "Apnea"][row % 3] }
        let run = try MountTests.prepare(files("accuracy", label: label))
        #expect(run.task.specification.classes == ["Apnea", "Insomnia", "None"])
        #expect(
            run.task.notes == [
                "train.csv, column 'churn': 4 rows with 'NA' count as rows without a label. If 'NA' is a class, list it "
                    + "under 'classes:' in task.yaml.",
                "train.csv, column 'churn': 12 rows with 'None' are rows of a class of that name. If they have no label, "
                    + "list the classes without it under 'classes:' in task.yaml.",
            ])
        let held = HeldOutPart.allCases.flatMap { run.hidden.heldOut($0, fold: 0).truth.columns[0] }
        #expect(held.contains("None") && !held.contains("NA"))
        #expect(
            run.task.specification.description.contains("The class `None` is a word that pandas takes for a missing"))
        let (_, listed) = try Sample.task(files("accuracy", ["task.yaml": "classes: [Apnea, Insomnia]"], label: label))
        #expect(listed.specification.classes == ["Apnea", "Insomnia"])
        #expect(listed.notes.count == 1)
    }

    @Test(
        "None is no class beside numbers or truth values, or in fewer than three rows",
        arguments: [["0", "1"], ["True", "False"], ["a", "b"]])
    func noneElsewhere(classes: [String]) throws {
        let step = classes[0] == "a" ? 20 : 5
        let (_, task) = try Sample.task(files("accuracy") { $0 % step == 0 ? "None" : classes[$0 % 2] })
        #expect(Set(task.specification.classes) == Set(classes))
        #expect(task.notes.contains { $0.contains("rows with 'None' count as rows without a label") })
    }

    @Test("words in place of numbers to predict are said")
    func numbers() throws {
        let (_, task) = try Sample.task(
            Sample.replacing(
                Sample.prices(),
                [
                    "train.csv": Sample.csv(
                        "id,size,price", (1...50).map { "\($0),\($0 % 9).5,\($0 % 10 == 0 ? "NA" : "\($0)")" })
                ]))
        #expect(
            task.notes == ["train.csv, column 'price': 5 rows with 'NA' count as rows without a number to learn."])
    }

    @Test("a class that is taken for the positive one without a sign of it is said")
    func positiveNote() throws {
        func notes(_ classes: [String]) throws -> [String] {
            try Sample.task(files("AUC") { classes[$0 % 2] }).task.notes
        }
        #expect(
            try notes(["fraud", "legit"]) == [
                "'churn' is understood as the probability that 'churn' is 'legit'. If it is that of 'fraud', write "
                    + "'submission: {churn: {positive: fraud}}' in task.yaml."
            ])
        #expect(try notes(["1", "2"]).first?.contains("'churn' is '2'") == true)
        for plain in [["0", "1"], ["-1", "1"], ["no", "yes"], ["False", "True"], ["N", "Y"]] {
            #expect(try notes(plain).isEmpty)
        }
        let (_, said) = try Sample.task(
            files("AUC", ["task.yaml": "submission: {churn: {positive: fraud}}"]) { ["fraud", "legit"][$0 % 2] })
        #expect(said.notes.isEmpty)
        #expect(said.specification.submission.columns[0].positiveClass == "fraud")
    }

    // MARK: What task.yaml says of predicted columns

    /// Three classes, and a sample submission whose columns are not named after them.
    private func threeColumns(_ settings: String? = nil) -> [String: String] {
        let sample = Sample.csv("id,predict_0,predict_1,predict_2", (41...52).map { "\($0),0.3,0.3,0.4" })
        return files("multi-class log loss", ["sample_submission.csv": sample, "task.yaml": settings]) {
            ["low", "medium", "high"][$0 % 3]
        }
    }

    @Test("columns with names of their own need a class each, and the remedy for that is accepted")
    func remedy() throws {
        let message = try fault(threeColumns())
        let remedy = try #require(message.split(separator: "'").last { $0.hasPrefix("submission: ") })
        expect(message, "sample_submission.csv asks for 'predict_0', 'predict_1', 'predict_2'")
        #expect(remedy.contains("predict_2: {target: churn, positive: medium}"))
        let (_, task) = try Sample.task(threeColumns(String(remedy)))
        #expect(task.specification.submission.columns.map(\.positiveClass) == ["high", "low", "medium"])
        #expect(task.specification.submission.columns.allSatisfy { $0.target == "churn" })
    }

    @Test("fewer columns than classes are refused with what is missing")
    func fewColumns() throws {
        let sample = Sample.csv("id,low,high", (41...52).map { "\($0),0.3,0.7" })
        expect(
            try fault(threeColumns().merging(["sample_submission.csv": sample]) { $1 }),
            "asks for 'low', 'high', but 'churn' has 3 different values, such as high, low, medium",
            "Give sample_submission.csv a column for each class")
    }

    @Test("remedies are YAML whatever the classes are called")
    func oddClasses() throws {
        let odd = files("AUC") { ["<=50K", ">50K"][$0 % 2] }
        let note = try #require(try Sample.task(odd).task.notes.first)
        #expect(note.contains(#"write 'submission: {churn: {positive: "<=50K"}}'"#))
        let (_, task) = try Sample.task(
            Sample.replacing(odd, ["task.yaml": #"submission: {churn: {positive: "<=50K"}}"#]))
        #expect(task.specification.submission.columns[0].positiveClass == "<=50K")
    }

    @Test("columns of one target that no class was given for, or one class twice, are refused")
    func positives() throws {
        let bare = "submission: {predict_0: {target: churn}, predict_1: {target: churn}, predict_2: {target: churn}}"
        expect(
            try fault(threeColumns(bare)), "'predict_0', 'predict_1', 'predict_2' all predict 'churn'",
            "predict_1: {target: churn, positive: low}")
        expect(
            try fault(
                threeColumns(
                    "submission: {predict_0: {target: churn, positive: low}, predict_1: {target: churn, positive: low}, "
                        + "predict_2: {target: churn, positive: high}}")),
            "each of the classes high, low, medium a column")
        expect(
            try fault(
                threeColumns(
                    bare.replacing("{target: churn}, predict_1", with: "{target: churn, positive: 7}, predict_1"))),
            "task.yaml: 'submission.predict_0.positive' is '7', but 'churn' has no such class. Allowed: high, low, medium"
        )
    }

    @Test("a class or a content that the metric cannot use is refused")
    func contents() throws {
        func message(_ metric: String, _ rule: String) throws -> String {
            try fault(files(metric, ["task.yaml": "submission: {churn: {\(rule)}}"]) { "\($0 % 2)" })
        }
        expect(
            try message("AUC", "positive: 7"),
            "task.yaml: 'submission.churn.positive' is '7', but 'churn' has no such class. Allowed: 0, 1")
        expect(
            try message("AUC", "content: label"),
            "task.yaml: 'submission.churn.content' is 'label', but the metric 'auc' allows: probability, number")
        expect(try message("accuracy", "content: probability"), "the metric 'accuracy' allows: label")
        expect(try message("accuracy", "positive: 1"), "no column holds the probability of a class. Leave the key out")
    }

    @Test("grades that are no whole numbers are refused for kappa")
    func grades() throws {
        expect(
            try fault(files("quadratic weighted kappa") { "\($0 % 4).5" }), "train.csv, line 5, column 'churn'",
            "'qwk' needs whole-number grades, but there is '0.5'", "Write another 'metric:'")
    }
}

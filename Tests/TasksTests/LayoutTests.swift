import Testing
import Vocabulary

@testable import Tasks

@Suite("folders laid out by others", .timeLimit(.minutes(5)))
struct LayoutTests {
    @Test("our own layout")
    func own() throws {
        let (_, task) = try Sample.task(Sample.churn())
        #expect(task.specification.submission.header == ["id", "churn"])
        #expect(task.specification.targets == ["churn"])
        #expect(task.specification.kind == .binaryClassification)
        #expect(task.specification.classes == ["0", "1"])
        #expect(task.specification.submission.columns[0].positiveClass == "1")
        #expect(task.identity == .column("id"))
        #expect(task.hiddenEvaluation == .applicable)
        #expect(task.split.kind == .stratified)
        #expect(task.files.map(\.path) == ["description.md", "sample_submission.csv", "test.csv", "train.csv"])
        #expect(task.files.map(\.role) == [.description, .sampleSubmission, .test, .train])
    }

    /// The shape of the MLE-STAR sample: no ids, no sample submission, the format shown in the description.
    static let mleStar = [
        "task_description.txt": """
        # Task

        Predict the median_house_value.

        # Metric

        root_mean_squared_error

        # Submission Format
        ```
        median_house_value
        207293.29
        207293.29
        etc.
        ```

        # Dataset

        train.csv
        ```
        longitude,latitude,median_house_value
        -122.0,37.5,100000.0
        ```

        test.csv
        ```
        longitude,latitude
        -122.0,37.5
        ```
        """,
        "train.csv": Sample.csv(
            "longitude,latitude,median_house_value", (1...40).map { "-1\($0).5,3\($0 % 7).25,\($0)000.0" }),
        "test.csv": Sample.csv("longitude,latitude", (1...12).map { "-1\($0).75,3\($0 % 5).25" }),
    ]

    @Test("the MLE-STAR sample without ids and without a sample submission")
    func mleStarSample() throws {
        let (_, task) = try Sample.task(Self.mleStar)
        #expect(task.specification.metric == .rootMeanSquaredError)
        #expect(task.specification.targets == ["median_house_value"])
        #expect(task.identity == .rowOrder(column: "row_id", isInSubmission: false))
        #expect(task.specification.submission.header == ["row_id", "median_house_value"])
        #expect(task.specification.description.contains("added column `row_id`"))
        #expect(task.hiddenEvaluation == .applicable)
        let submission = Table(names: ["row_id", "median_house_value"], columns: [["0", "1"], ["5", "6"]])
        #expect(task.deliverable(submission) == Table(names: ["median_house_value"], columns: [["5", "6"]]))
    }

    @Test("AIDE's example: a text beside a folder called input")
    func aide() throws {
        let (_, task) = try Sample.task([
            "house_prices.md": """
            ## Goal
            Predict the sales price for each house.
            ## Evaluation
            Submissions are evaluated on [Root-Mean-Squared-Error (RMSE)](https://en.wikipedia.org/wiki/RMSD) between the \
            logarithm of the predicted value and the logarithm of the observed sales price.
            ```
            Id,SalePrice
            1461,169000.1
            ```
            """,
            "input/train.csv": Sample.csv("Id,Lot,SalePrice", (1...20).map { "\($0),\($0 * 3),\($0)000" }),
            "input/test.csv": Sample.csv("Id,Lot", (21...32).map { "\($0),\($0 * 3)" }),
            "input/sample_submission.csv": Sample.csv("Id,SalePrice", (21...32).map { "\($0),1000" }),
            "input/data_description.txt": "Lot: size",
        ])
        #expect(task.specification.metric == .rootMeanSquaredLogarithmicError)
        #expect(task.specification.submission.columns[0].content == .nonNegativeNumber)
        #expect(task.identity == .column("Id"))
        #expect(task.files.first { $0.path == "input/data_description.txt" }?.role == .extra)
        #expect(task.notes.count == 1)
    }

    @Test("AIDE's example with the data beside the text, and no sample submission")
    func aideFlat() throws {
        let (_, task) = try Sample.task([
            "task.md": "## Evaluation metric\nRMSE\n```\nId,SalePrice\n1461,169000.1\n```\n",
            "data_description.txt": "Lot: size",
            "train.csv": Sample.csv("Id,Lot,SalePrice", (1...20).map { "\($0),\($0 * 3),\($0)000" }),
            "test.csv": Sample.csv("Id,Lot", (21...32).map { "\($0),\($0 * 3)" }),
        ])
        #expect(task.identity == .column("Id"))
        #expect(task.specification.submission.header == ["Id", "SalePrice"])
    }

    @Test("MLE-bench's public folder")
    func mleBench() throws {
        let files = Dictionary(uniqueKeysWithValues: Sample.churn().map { ("prepared/public/" + $0.key, $0.value) })
        #expect(try Sample.task(files).task.specification.metric == .auc)
    }

    @Test(
        "Kaggle's spellings of the sample submission",
        arguments: [
            "sampleSubmission.csv", "SampleSubmission.csv", "sample_submission_null.csv", "test_null.csv",
            "gender_submission.csv", "sample_submission_stage1.csv", "submission_format.csv",
        ])
    func sampleNames(name: String) throws {
        var files = Sample.churn()
        files[name] = files.removeValue(forKey: "sample_submission.csv")
        let (_, task) = try Sample.task(files)
        #expect(task.files.first { $0.path == name }?.role == .sampleSubmission)
    }

    @Test("rows named by the sample submission only, as in digit recognition")
    func numberedSample() throws {
        let (_, task) = try Sample.task([
            "description.md": Sample.description("Categorization accuracy"),
            "train.csv": Sample.csv("label,p0,p1", (1...40).map { "\($0 % 4),\($0),\($0 * 2)" }),
            "test.csv": Sample.csv("p0,p1", (1...12).map { "\($0 % 5),\($0 * 2)" }),
            "sample_submission.csv": Sample.csv("ImageId,Label", (1...12).map { "\($0),0" }),
        ])
        #expect(task.identity == .rowOrder(column: "ImageId", isInSubmission: true))
        #expect(task.specification.targets == ["label"])
        #expect(task.specification.submission.columns[0].name == "Label")
        #expect(task.specification.classes == ["0", "1", "2", "3"])
    }

    @Test("a column for each class, named as the class or with a prefix", arguments: ["", "Status_", "proba_of_"])
    func classColumns(prefix: String) throws {
        let names = ["C", "CL", "D"]
        let (_, task) = try Sample.task([
            "description.md": Sample.description("multi-class log loss"),
            "train.csv": Sample.csv("id,x,Status", (1...30).map { "\($0),\($0 % 5),\(names[$0 % 3])" }),
            "test.csv": Sample.csv("id,x", (31...42).map { "\($0),1" }),
            "sample_submission.csv": Sample.csv(
                (["id"] + ["D", "C", "CL"].map { prefix + $0 }).joined(separator: ","),
                (31...42).map { "\($0),0.3,0.3,0.4" }),
        ])
        #expect(task.specification.targets == ["Status"])
        #expect(task.specification.submission.columns.map(\.positiveClass) == ["D", "C", "CL"])
        #expect(
            task.specification.submission.columns.allSatisfy { $0.target == "Status" && $0.content == .probability })
        #expect(task.specification.kind == .multiclassClassification)
    }

    @Test("several yes-or-no targets are many labels, and AUC is the mean over columns")
    func multilabel() throws {
        let (_, task) = try Sample.task([
            "description.md": Sample.description("ROC AUC"),
            "train.csv": Sample.csv(
                "id,text,toxic,insult", (1...40).map { "\($0),word \($0),\($0 % 2),\($0 % 5 == 0 ? 1 : 0)" }),
            "test.csv": Sample.csv("id,text", (41...52).map { "\($0),word" }),
            "sample_submission.csv": Sample.csv("id,toxic,insult", (41...52).map { "\($0),0.5,0.5" }),
        ])
        #expect(task.specification.metric == .meanColumnAUC)
        #expect(task.specification.kind == .multilabelClassification)
        #expect(task.specification.targets == ["toxic", "insult"])
    }

    @Test("a predicted column with another name than the only column test lacks")
    func renamedTarget() throws {
        var files = Sample.prices()
        files["sample_submission.csv"] = Sample.csv("id,prediction", (51...70).map { "\($0),0" })
        let (_, task) = try Sample.task(files)
        #expect(
            task.specification.submission.columns[0] == .init(name: "prediction", target: "price", content: .number))
    }

    @Test(
        "of two classes the affirmative or the last is the positive one",
        arguments: [
            (["0", "1"], "1"), (["False", "True"], "True"), (["no", "yes"], "yes"), (["-1", "1"], "1"),
            (["1", "2"], "2"),
            (["9", "10"], "10"), (["e", "p"], "p"),
        ])
    func positiveClass(classes: [String], positive: String) {
        #expect(PredictionRules.positive(of: Set(classes)) == positive)
    }

    @Test("ids keep their leading zeros")
    func leadingZeros() throws {
        var files = Sample.churn()
        for name in ["train.csv", "test.csv", "sample_submission.csv"] {
            files[name] = files[name]?.replacing(/\n(\d)/) { "\n000\($0.output.1)" }
        }
        let (folder, task) = try Sample.task(files)
        let hidden = try HiddenEvaluation.prepare(task, settings: SplitSettings(seed: 1), in: folder.path + "/.run")
        #expect(hidden.testIDs.first == "00041")
    }

    @Test("equal folders have equal fingerprints, and every file counts")
    func fingerprint() throws {
        let first = try Sample.task(Sample.churn()).task.fingerprint
        #expect(try Sample.task(Sample.churn()).task.fingerprint == first)
        #expect(try Sample.task(Sample.replacing(Sample.churn(), ["more/x.txt": "y"])).task.fingerprint != first)
        #expect(
            try Sample.task(Sample.replacing(Sample.churn(), ["task.yaml": "hidden: true"])).task.fingerprint != first)
    }

    @Test("the summary says what was understood")
    func summary() throws {
        let text = try Sample.task(Sample.churn()).task.summary()
        for part in [
            "40 to train on, 12 to predict", "target:       churn; 2 classes: 0, 1", "auc, higher is better",
            "churn (probability that churn is '1')", "stratified by class", "hidden: held-out training rows",
        ] {
            #expect(text.contains(part), "\(part)\n\(text)")
        }
    }
}

import Testing

@testable import Tasks

@Suite("broken folders", .timeLimit(.minutes(5)))
struct BrokenFolderTests {
    private func churn(_ changes: [String: String?]) throws -> String {
        try fault(Sample.replacing(Sample.churn(), changes))
    }

    private func expect(_ message: String, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        for part in parts { #expect(message.contains(part), "\(part)\nin: \(message)", sourceLocation: sourceLocation) }
    }

    @Test("no folder")
    func noFolder() {
        let error = #expect(throws: TaskError.self) { try TaskFolder.read("/nowhere/at/all") }
        expect(error?.message ?? "", "/nowhere/at/all is no folder", "description.md and train.csv")
    }

    @Test("an empty folder")
    func empty() throws { expect(try fault([:]), "has no train.csv (it is empty)", "write 'files: {train: …") }

    @Test("a folder with tables of other names")
    func otherNames() throws {
        expect(
            try fault(["bitcoin.md": "RMSE", "BTC-USD.csv": "a\n1\n"]),
            "has no train.csv (it has: BTC-USD.csv, bitcoin.md)",
            "write 'files:")
    }

    @Test("no description")
    func noDescription() throws {
        expect(try churn(["description.md": nil]), "has no description", "'## Evaluation'")
    }

    @Test("an empty description")
    func emptyDescription() throws { expect(try churn(["description.md": " \n"]), "description.md is empty") }

    @Test("two descriptions")
    func twoDescriptions() throws {
        expect(
            try churn(["description.md": nil, "a.md": "AUC", "b.txt": "AUC"]), "a.md, b.txt could each be",
            "write 'description: FILE'")
    }

    @Test("packed tables")
    func packed() throws {
        expect(try churn(["train.csv": nil, "train.csv.zip": "PK"]), "train.csv.zip is packed", "unzip train.csv.zip")
        expect(try churn(["test.csv": nil, "test.csv.gz": "x"]), "test.csv.gz is packed", "gunzip test.csv.gz")
    }

    @Test("packed tables in a subfolder")
    func packedInside() throws {
        expect(
            try fault(["description.md": "AUC", "input/train.csv.7z": "7z"]), "input/train.csv.7z is packed",
            "7z x train.csv.7z")
    }

    @Test("labels and features in two tables")
    func labelsAlone() throws {
        expect(
            try churn([
                "train.csv": nil, "test.csv": nil, "train_labels.csv": Sample.csv("id,churn", ["1,0", "2,1"]),
                "train_values.csv": Sample.csv("id,tenure", ["1,3", "2,4"]),
                "test_values.csv": Sample.csv("id,tenure", (41...52).map { "\($0),1" }),
            ]), "train_values.csv has the training rows and train_labels.csv their labels",
            "Join them by their id into one table, train.csv, and rename test_values.csv to test.csv")
    }

    @Test("a path in task.yaml that leads out of the folder", arguments: ["../other/train.csv", "/etc/passwd"])
    func outsidePath(path: String) throws {
        expect(
            try churn(["task.yaml": "files: {train: \(path)}"]),
            "task.yaml: 'files.train' is '\(path)', which leads out of",
            "Put the file into that folder")
    }

    @Test("a sample submission without ids and with another number of rows")
    func shortSample() throws {
        expect(
            try churn(["sample_submission.csv": Sample.csv("churn", ["0", "1"])]),
            "sample_submission.csv has no column that names the rows, and 2 rows where test.csv has 12",
            "Give it a row for each row of test.csv")
    }

    @Test("a sample submission whose ids have no name")
    func unnamedID() throws {
        expect(
            try churn(["sample_submission.csv": Sample.csv(",churn", (41...52).map { "\($0),0.5" })]),
            "sample_submission.csv, line 1: column 1 has no name", "Give it the name of the column of test.csv")
    }

    @Test("two sample submissions")
    func twoSamples() throws {
        expect(
            try churn([
                "sample_submission.csv": nil, "sample_submission_stage1.csv": "id,churn\n41,0\n",
                "sample_submission_stage2.csv": "id,churn\n41,0\n",
            ]), "sample_submission_stage1.csv and sample_submission_stage2.csv", "files: {sample_submission:")
    }

    @Test("neither a test table nor a sample submission")
    func noTest() throws {
        expect(
            try churn(["test.csv": nil, "sample_submission.csv": nil]),
            "neither test.csv nor a sample submission", "files: {test: …}")
    }

    @Test("a table with a header only")
    func noRows() throws { expect(try churn(["test.csv": "id,tenure,plan\n"]), "test.csv has a header but no rows") }

    @Test("a ragged row")
    func ragged() throws {
        expect(
            try churn(["train.csv": "id,tenure,plan,churn\n1,2,a,0\n2,3,a\n"]),
            "train.csv, line 3: 3 fields where the header has 4", "double quotes, or complete the row")
    }

    @Test("a column twice")
    func doubleColumn() throws {
        expect(
            try churn(["test.csv": "id,plan,plan\n41,a,b\n"]), "test.csv, line 1: column 3 is called 'plan'",
            "Rename one")
    }

    @Test("text in another encoding")
    func encoding() throws {
        let folder = try TemporaryFolder(Sample.churn())
        try folder.write("test.csv", bytes: Array("id,tenure,plan\n41,1,caf".utf8) + [0xE9, 0x0A])
        let error = #expect(throws: TaskError.self) { try TaskFolder.read(folder.path) }
        expect(error?.message ?? "", "test.csv, line 2: bytes that are not UTF-8", "iconv")
    }

    @Test("a sample submission with ids that test lacks")
    func foreignID() throws {
        expect(
            try churn(["sample_submission.csv": Sample.csv("id,churn", (42...53).map { "\($0),0.5" })]),
            "sample_submission.csv, line 13, column 'id': test.csv has no row '53'", "same ids")
    }

    @Test("a sample submission without some of test's ids")
    func missingID() throws {
        expect(
            try churn(["sample_submission.csv": Sample.csv("id,churn", (41...51).map { "\($0),0.5" })]),
            "test.csv, line 13, column 'id': sample_submission.csv has no row '52'",
            "add the row to sample_submission.csv")
    }

    @Test("an id twice")
    func doubleID() throws {
        let ids = (41...52).map { $0 == 45 ? 44 : $0 }
        expect(
            try churn(["test.csv": Sample.csv("id,tenure,plan", ids.map { "\($0),1,a" })]),
            "test.csv, line 6, column 'id': '44' is the id of line 5 too", "Delete one of the rows")
        expect(
            try churn(["sample_submission.csv": Sample.csv("id,churn", (Array(41...52) + [41]).map { "\($0),0.5" })]),
            "sample_submission.csv, line 14, column 'id': '41' is the id of line 2 too", "Delete one of the rows")
    }

    @Test("an empty id")
    func emptyID() throws {
        expect(
            try churn(["test.csv": Sample.csv("id,tenure,plan", (41...52).map { $0 == 45 ? ",1,a" : "\($0),1,a" })]),
            "test.csv, line 6, column 'id': the id is empty", "Give every row an id")
    }

    @Test("a target that test has too")
    func targetInTest() throws {
        expect(
            try churn(["test.csv": Sample.csv("id,tenure,plan,churn", (41...52).map { "\($0),1,a,0" })]),
            "'churn' is a column of both sample_submission.csv and test.csv", "delete it from test.csv")
    }

    @Test("a sample submission with ids only")
    func noPrediction() throws {
        expect(
            try churn(["sample_submission.csv": Sample.csv("id", (41...52).map(String.init))]),
            "sample_submission.csv has only the id column 'id'", "Add a column")
    }

    @Test("a training table without labels")
    func noLabels() throws {
        expect(
            try churn(["train.csv": Sample.csv("id,tenure,plan", (1...40).map { "\($0),1,a" })]),
            "asks for 'churn', but train.csv has no column that test.csv lacks", "submission: {churn: {target: COLUMN}}"
        )
    }

    @Test("several columns that could be the target")
    func severalTargets() throws {
        expect(
            try churn([
                "train.csv": Sample.csv("id,tenure,plan,left,lost", (1...40).map { "\($0),1,a,\($0 % 2),\($0 % 3)" })
            ]), "asks for 'churn'; which of the training columns left, lost answers it?", "{churn: {target: left}}")
    }

    @Test("several columns that could be the target, and no sample submission")
    func severalTargetsWithoutSample() throws {
        expect(
            try churn([
                "sample_submission.csv": nil,
                "train.csv": Sample.csv("id,tenure,plan,left,lost", (1...40).map { "\($0),1,a,\($0 % 2),\($0 % 3)" }),
            ]), "There is no sample submission, and test.csv lacks several training columns: left, lost",
            "targets: [left]")
    }

    @Test("three classes for one probability")
    func threeClasses() throws {
        expect(
            try churn(["train.csv": Sample.csv("id,tenure,plan,churn", (1...40).map { "\($0),1,a,\($0 % 3)" })]),
            "train.csv, column 'churn'", "exactly two classes, but there are 3 ('0', '1', '2')",
            "'metric:' or 'targets:'")
    }

    @Test("one class only")
    func oneClass() throws {
        expect(
            try churn([
                "description.md": "Evaluation: accuracy",
                "train.csv": Sample.csv("id,tenure,plan,churn", (1...40).map { "\($0),1,a,1" }),
            ]), "train.csv, column 'churn'", "two classes or more", "only 1 ('1')")
    }

    @Test("a text where the metric needs a number")
    func textTarget() throws {
        expect(
            try fault(
                Sample.replacing(
                    Sample.prices(),
                    ["train.csv": Sample.csv("id,size,price", (1...50).map { "\($0),1,\($0 == 7 ? "cheap" : "5")" })])),
            "train.csv, line 8, column 'price': 'cheap' where the metric 'rmse' needs numbers", "Correct the field")
    }

    @Test("a negative number where logarithms are taken")
    func negativeTarget() throws {
        expect(
            try fault(
                Sample.replacing(
                    Sample.prices(),
                    [
                        "description.md": "RMSLE",
                        "train.csv": Sample.csv("id,size,price", (1...50).map { "\($0),1,\($0 - 3)" }),
                    ])),
            "train.csv, line 2, column 'price': '-2' where the metric 'rmsle' needs numbers that are not negative")
    }

    @Test("words where kappa needs grades")
    func kappa() throws {
        expect(
            try churn([
                "description.md": "quadratic weighted kappa",
                "train.csv": Sample.csv(
                    "id,tenure,plan,churn", (1...40).map { "\($0),1,a,\($0 % 2 == 0 ? "low" : "high")" }),
            ]), "train.csv, line 2, column 'churn'", "'qwk' needs whole-number grades, but there is 'high'",
            "Write another 'metric:' or 'targets:' in task.yaml")
    }

    @Test("several columns for a metric that takes one")
    func severalColumns() throws {
        expect(
            try fault([
                "description.md": "accuracy",
                "train.csv": Sample.csv("id,a,b", (1...20).map { "\($0),\($0 % 2),\($0 % 3)" }),
                "test.csv": Sample.csv("id", (21...30).map(String.init)),
                "sample_submission.csv": Sample.csv("id,a,b", (21...30).map { "\($0),0,0" }),
            ]), "The metric 'accuracy' takes one predicted column, but sample_submission.csv has 'a', 'b'",
            "Write another 'metric:' in task.yaml")
    }

    @Test("settings under another name")
    func otherSettingsName() throws {
        expect(try churn(["task.yml": "metric: auc"]), "must be in task.yaml: rename task.yml")
    }

    @Test("no metric")
    func noMetric() throws {
        expect(
            try churn(["description.md": "Predict churn."]), "description.md names no known metric", "task.yaml: auc")
    }

    @Test("hidden evaluation demanded where it cannot be")
    func demandedHidden() throws {
        expect(
            try churn(["task.yaml": "hidden: true", "test/41.png": "x"]),
            "'hidden' is 'true', but hidden evaluation does not work here", "the folder 'test' has a file for each row",
            "Leave the key out")
    }
}

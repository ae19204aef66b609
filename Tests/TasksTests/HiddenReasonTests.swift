import Testing
import Vocabulary

@testable import Tasks

@Suite("where labels cannot be hidden", .timeLimit(.minutes(5)))
struct HiddenReasonTests {
    @Test("a folder with a file for each row is understood but its labels are not hidden")
    func filesForRows() throws {
        var files = Sample.churn()
        for id in 1...52 { files[(id > 40 ? "test" : "train") + "/\(id).png"] = "x" }
        let (_, task) = try Sample.task(files)
        #expect(
            task.hiddenEvaluation
                == .notApplicable(reason: "the folder 'test' has a file for each row, such as 41.png"))
        #expect(task.specification.targets == ["churn"])
        #expect(task.files.first { $0.path == "train" }?.role == .folder(fileCount: 40))
    }

    @Test("a submission with rows of its own is understood but its labels are not hidden")
    func ownRows() throws {
        let (_, task) = try Sample.task([
            "description.md": Sample.description("RMSE"),
            "train.csv": Sample.csv("image", (1...20).map { "00\($0)" }),
            "test.csv": Sample.csv("image", (21...24).map { "00\($0)" }),
            "sample_submission.csv": Sample.csv("id,value", (21...24).flatMap { ["\($0)_1_1,0.5", "\($0)_1_2,0.5"] }),
        ])
        #expect(task.identity == .unrelated(column: "id"))
        #expect(task.specification.targets == ["value"])
        #expect(
            task.hiddenEvaluation
                == .notApplicable(reason: "the rows of a submission (column 'id') are not the rows of test.csv"))
    }

    @Test("other reasons not to hide labels are said")
    func otherReasons() throws {
        func reason(_ changes: [String: String?]) throws -> String {
            let (_, task) = try Sample.task(Sample.replacing(Sample.churn(), changes))
            if case .notApplicable(let reason) = task.hiddenEvaluation { return reason }
            return "applicable"
        }
        #expect(try reason(["task.yaml": "hidden: false\n"]) == "task.yaml says 'hidden: false'")
        #expect(
            try reason(["test.csv": Sample.csv("id,tenure,plan,late", (41...52).map { "\($0),1,a,2" })])
                == "test.csv has the column 'late', which train.csv lacks")
        #expect(
            try reason(["train.csv": Sample.csv("id,tenure,plan,churn", (1...8).map { "\($0),1,a,\($0 % 2)" })])
                == "train.csv has only 8 rows with a label; 10 are needed")
        #expect(
            try reason(["train.csv": Sample.csv("id,tenure,plan,churn", (1...20).map { "\($0 / 2),1,a,\($0 % 2)" })])
                == "train.csv has several rows with the same 'id'")
        #expect(
            try reason(["households.csv": Sample.csv("id,size", (30...45).map { "\($0),3" })])
                == "households.csv names rows by 'id', which changes when rows are mixed")
    }

    @Test("another table with the target stays out of search mounts")
    func withheld() throws {
        let (_, task) = try Sample.task(Sample.replacing(Sample.churn(), ["old_train.csv": "id,churn\n1,0\n"]))
        #expect(task.withheld == ["old_train.csv"])
        #expect(task.hiddenEvaluation == .applicable)
        #expect(task.notes.contains { $0.contains("old_train.csv has the target column 'churn'") })
    }
}

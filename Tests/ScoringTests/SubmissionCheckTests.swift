import Scoring
import Testing
import Vocabulary

@Suite("Submission check", .timeLimit(.minutes(5)))
struct SubmissionCheckTests {
    private let ids = ["007", "a", "b"]

    private func schema(_ content: PredictionContent) -> SubmissionSchema {
        SubmissionSchema(idColumn: "id", columns: [.init(name: "y", target: "t", content: content)])
    }

    private func align(
        _ submission: Table, _ content: PredictionContent = .number, classes: [String] = []
    ) throws(SubmissionDefect) -> Table {
        try SubmissionCheck.align(submission, to: ids, schema: schema(content), classes: classes)
    }

    private func submission(_ fields: [String]) -> Table { Table(names: ["id", "y"], columns: [ids, fields]) }

    private func defect(
        _ submission: Table, _ content: PredictionContent = .number, classes: [String] = []
    ) throws -> SubmissionDefect {
        try #require(throws: SubmissionDefect.self) { try align(submission, content, classes: classes) }
    }

    @Test("rows and columns are put in the order asked for")
    func reorders() throws {
        let schema = SubmissionSchema(
            idColumn: "id",
            columns: [
                .init(name: "y", target: "t", content: .number), .init(name: "z", target: "u", content: .text),
            ])
        let submitted = Table(
            names: ["z", "id", "y"], columns: [["zb", "z7", "za"], ["b", "007", "a"], ["2", "7", "1"]])
        let aligned = try SubmissionCheck.align(submitted, to: ids, schema: schema, classes: [])
        #expect(aligned == Table(names: ["id", "y", "z"], columns: [ids, ["7", "1", "2"], ["z7", "za", "zb"]]))
    }

    @Test("a missing column is named with the header expected")
    func missingColumn() throws {
        let defect = try defect(Table(names: ["id", "x"], columns: [ids, ["1", "2", "3"]]))
        #expect(defect.message == "Columns are missing: 'y'. The header must be 'id', 'y'.")
        #expect(defect.column == "y")
        #expect(defect.row == nil)
        #expect(defect.description == defect.message)
    }

    @Test("a missing id column is named")
    func missingIDColumn() throws {
        #expect(try defect(Table(names: ["y"], columns: [["1", "2", "3"]])).column == "id")
    }

    @Test("an extra column is refused, and a written index is recognised")
    func extraColumn() throws {
        let columns = [["0", "1", "2"], ids, ["1", "2", "3"]]
        let index = try defect(Table(names: ["Unnamed: 0", "id", "y"], columns: columns))
        #expect(index.column == "Unnamed: 0")
        #expect(index.message.hasSuffix("Write the file without its index."))
        let other = try defect(Table(names: ["x", "id", "y"], columns: columns))
        #expect(other.message == "Columns are not allowed: 'x'. The header must be 'id', 'y'.")
    }

    @Test("a duplicated id is told with both rows")
    func duplicate() throws {
        let defect = try defect(Table(names: ["id", "y"], columns: [["a", "b", "a"], ["1", "2", "3"]]))
        #expect(defect.message == "The id 'a' stands in row 1 and again in row 3. Each id must occur once.")
        #expect(defect.column == "id")
        #expect(defect.row == 3)
    }

    @Test("an unknown id is told with its row")
    func unknown() throws {
        let defect = try defect(Table(names: ["id", "y"], columns: [["a", "c", "b"], ["1", "2", "3"]]))
        #expect(defect.message == "Row 2 has the id 'c', which test.csv has not.")
        #expect(defect.row == 2)
    }

    @Test("an id that lost its zeros is recognised")
    func lostZeros() throws {
        let defect = try defect(Table(names: ["id", "y"], columns: [["7", "a", "b"], ["1", "2", "3"]]))
        #expect(defect.row == 1)
        #expect(defect.message.hasSuffix("test.csv writes '007': read the id column as text."))
    }

    @Test("too few rows are told with a missing id")
    func missingRow() throws {
        let defect = try defect(Table(names: ["id", "y"], columns: [["b", "007"], ["1", "2"]]))
        #expect(
            defect.message == "Ids of test.csv have no row: 'a'. The file has 2 rows, 3 are expected.")
        #expect(defect.column == "id")
        #expect(defect.row == nil)
    }

    @Test("too many rows are told with the row that is too many")
    func extraRow() throws {
        let defect = try defect(
            Table(names: ["id", "y"], columns: [["b", "007", "a", "d"], ["1", "2", "3", "4"]]))
        #expect(defect.row == 4)
        #expect(defect.message.hasSuffix("The file has 4 rows, 3 are expected."))
    }

    @Test("a file without rows misses all ids")
    func empty() throws {
        let defect = try defect(Table(names: ["id", "y"], columns: [[], []]))
        #expect(defect.message.hasSuffix("'007', 'a', 'b'. The file has 0 rows, 3 are expected."))
    }

    @Test("a submission for no ids may be empty")
    func nothingAsked() throws {
        let aligned = try SubmissionCheck.align(
            Table(names: ["id", "y"], columns: [[], []]), to: [], schema: schema(.number), classes: [])
        #expect(aligned.rowCount == 0)
        #expect(aligned.names == ["id", "y"])
    }

    @Test(
        "a field that is no finite number is refused in every column of numbers",
        arguments: ["", "nan", "NaN", "inf", "-inf", "1e999", "high"],
        [PredictionContent.probability, .number, .nonNegativeNumber])
    func notFinite(_ field: String, _ content: PredictionContent) throws {
        let defect = try defect(submission(["0.5", field, "0.5"]), content)
        #expect(defect.column == "y")
        #expect(defect.row == 2)
    }

    @Test("a wrong field is told with place, id, content and what is allowed")
    func fieldMessage() throws {
        let defect = try defect(submission(["0.5", "1.5", "-1"]), .probability)
        #expect(
            defect.message
                == "Column 'y', row 2 (id 'a'): '1.5' is not allowed; the field must be a number from 0 to 1. "
                + "1 more rows are wrong in this column.")
    }

    @Test("the row of a defect is the submission's, not the task's")
    func submittedRow() throws {
        let defect = try defect(
            Table(names: ["id", "y"], columns: [["b", "a", "007"], ["nan", "1", "2"]]))
        #expect(defect.row == 1)
        #expect(defect.message.contains("(id 'b')"))
    }

    @Test("a probability may miss its range by a rounding error and is put back into it")
    func probabilityRange() throws {
        let fields = ["1.0000001", "-1e-9", "0.25"]
        #expect(try align(submission(fields), .probability)["y"] == ["1.0", "0.0", "0.25"])
        #expect(try defect(submission(["1.00001", "0", "0"]), .probability).row == 1)
        #expect(try defect(submission(["0", "-0.001", "0"]), .probability).row == 2)
        #expect(try align(submission(["0", "1", "1.0"]), .probability)["y"] == ["0", "1", "1.0"])
    }

    @Test("a negative number is refused where numbers start at zero, and only there")
    func negative() throws {
        let fields = ["0", "-0.5", "3"]
        #expect(try defect(submission(fields), .nonNegativeNumber).row == 2)
        #expect(try align(submission(fields), .number)["y"] == fields)
    }

    @Test("an unknown label is refused with the list of classes")
    func unknownLabel() throws {
        let defect = try defect(submission(["cat", "cow", "dog"]), .label, classes: ["cat", "dog"])
        #expect(defect.row == 2)
        #expect(defect.message.contains("'cow' is not allowed; the field must be one of 'cat', 'dog'."))
    }

    @Test("labels come back as training writes them")
    func labelSpelling() throws {
        let aligned = try align(submission(["1.0", "2", "10.0"]), .label, classes: ["1", "10", "2"])
        #expect(aligned["y"] == ["1", "2", "10"])
    }

    @Test("any text is allowed where text is asked for")
    func text() throws {
        let fields = ["", " a b ", "nan"]
        #expect(try align(submission(fields), .text)["y"] == fields)
    }

    @Test("a long field is cut in the message")
    func longField() throws {
        let defect = try defect(submission([String(repeating: "x", count: 5000), "1", "2"]))
        #expect(defect.message.count < 250)
    }
}

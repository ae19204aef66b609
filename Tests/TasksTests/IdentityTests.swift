import Foundation
import Testing
import Vocabulary

@testable import Tasks

@Suite("how rows are named", .timeLimit(.minutes(5)))
struct IdentityTests {
    /// The churn task with a sample submission whose first column has the name given, in reverse order.
    private func renamed(_ name: String) -> [String: String] {
        Sample.replacing(
            Sample.churn(),
            ["sample_submission.csv": Sample.csv("\(name),churn", (41...52).reversed().map { "\($0),0.5" })])
    }

    @Test("an id that the sample submission spells differently is the id all the same", arguments: ["Id", "I_D", "ID"])
    func spelling(name: String) throws {
        let (_, task) = try Sample.task(renamed(name))
        #expect(task.identity == .renamedColumn(table: "id", submission: name))
        #expect(task.specification.submission.header == [name, "churn"])
        #expect(task.specification.targets == ["churn"])
        #expect(task.summary().contains("\(name), which the tables call 'id'"))
        #expect(
            task.specification.description.contains("the column `id` of `train.csv` and `test.csv` is called `\(name)`")
        )
    }

    @Test("an id of another name is known by its values")
    func values() throws {
        let (_, task) = try Sample.task(renamed("customer"))
        #expect(task.identity == .renamedColumn(table: "id", submission: "customer"))
        #expect(!task.profile.columns.contains { $0.name == "id" })
    }

    @Test("predictions for ids of another name reach their rows, and every mount has the sample submission's name")
    func predictions() throws {
        let run = try MountTests.prepare(renamed("customer"))
        #expect(try run.table("train.csv").names == ["customer", "tenure", "plan", "churn"])
        let test = try run.table("test.csv")
        #expect(test.names == ["customer", "tenure", "plan"])
        let submission = Table(names: ["customer", "churn"], columns: [test.columns[0], test.columns[1]])
        let real = run.hidden.realSubmission(from: submission, fold: 0)
        #expect(real["customer"] == (41...52).reversed().map(String.init))
        #expect(real["churn"] == (41...52).reversed().map { "\($0 * 7 % 31)" })
        let full = try CSVFile(path: run.hidden.fullMount.path + "/test.csv").table()
        #expect(full.names == ["customer", "tenure", "plan"])
        #expect(full["customer"] == (41...52).map(String.init))
        #expect(
            try CSVFile(path: run.hidden.fullMount.path + "/sample_submission.csv").names == ["customer", "churn"])
    }

    @Test("task.yaml may name such an id by either of its names", arguments: ["id", "customer"])
    func demanded(id: String) throws {
        let (_, task) = try Sample.task(Sample.replacing(renamed("customer"), ["task.yaml": "id: \(id)\n"]))
        #expect(task.identity == .renamedColumn(table: "id", submission: "customer"))
    }

    /// A sample submission with row numbers beside a test table that has names of its own.
    private func foreign(_ changes: [String: String?] = [:]) -> [String: String] {
        Sample.replacing(
            Sample.replacing(
                Sample.churn(), ["sample_submission.csv": Sample.csv("no,churn", (1...12).map { "\($0),0.5" })]),
            changes)
    }

    @Test("the order of rows does not count where test names its rows otherwise")
    func unclear() throws {
        let message = try fault(foreign())
        #expect(message.contains("sample_submission.csv names rows by 'no', test.csv by 'id'"))
        #expect(message.contains("write 'id: no' in task.yaml"))
    }

    @Test("where the order of rows counts, their names stay out of the tables that scripts see")
    func ordered() throws {
        let run = try MountTests.prepare(foreign(["task.yaml": "id: no\n"]))
        #expect(run.task.identity == .rowOrder(column: "no", isInSubmission: true))
        #expect(try run.table("test.csv").names == ["no", "tenure", "plan"])
        #expect(run.task.notes.contains { $0.contains("The column 'id' only names the rows") })
    }

    @Test(
        "without a sample submission a column whose name speaks of ids names the rows",
        arguments: ["PassengerNo", "Id"])
    func named(name: String) throws {
        var files = Sample.replacing(Sample.churn(), ["sample_submission.csv": nil])
        for file in ["train.csv", "test.csv"] { files[file] = files[file]?.replacing("id,", with: "\(name),") }
        #expect(try Sample.task(files).task.identity == .column(name))
    }

    @Test("a column that only counts rows is no feature", arguments: ["", "Unnamed: 0", "index"])
    func counting(name: String) throws {
        var files = Sample.churn()
        for file in ["train.csv", "test.csv"] {
            var place = -2
            files[file] = files[file]?.split(separator: "\n").map { line in
                place += 1
                return (place < 0 ? name : "\(place)") + ",\(line)\n"
            }.joined()
        }
        let run = try MountTests.prepare(files)
        #expect(run.task.notes.contains { $0.contains("The column '\(name)' only counts the rows") })
        #expect(!run.task.profile.columns.contains { $0.name == name })
        #expect(try run.table("train.csv").names == ["id", "tenure", "plan", "churn"])
        #expect(try CSVFile(path: run.hidden.fullMount.path + "/test.csv").names == ["id", "tenure", "plan"])
        #expect(run.task.specification.targets == ["churn"])
    }

    /// The churn task with a column without a name in front that numbers the rows in no order.
    private func shuffled() -> [String: String] {
        var files = Sample.churn()
        for file in ["train.csv", "test.csv"] {
            let lines = files[file]?.split(separator: "\n") ?? []
            let rows = lines.dropFirst().enumerated().map { "\($0.offset * 17 % 53),\($0.element)" }
            files[file] = Sample.csv(",\(lines[0])", rows)
        }
        return files
    }

    @Test("a column without a name is no feature, whatever it holds")
    func nameless() throws {
        let run = try MountTests.prepare(shuffled())
        #expect(run.task.notes.contains { $0.contains("The column '' has no name and is left out of the tables") })
        #expect(run.task.profile.columns.map(\.name) == ["id", "tenure", "plan", "churn"])
        for folder in [run.hidden.fullMount.path, run.hidden.searchMounts[0].path] {
            #expect(try CSVFile(path: folder + "/train.csv").names == ["id", "tenure", "plan", "churn"])
            #expect(try CSVFile(path: folder + "/test.csv").names == ["id", "tenure", "plan"])
        }
    }

    @Test("a column without a name is no feature where no other column names the rows", arguments: [true, false])
    func namelessAlone(isInTraining: Bool) throws {
        var files = shuffled()
        for (file, column) in [("train.csv", 1), ("test.csv", 1), ("sample_submission.csv", 0)] {
            files[file] = files[file]?.split(separator: "\n").map { line in
                var fields = line.split(separator: ",", omittingEmptySubsequences: false)
                fields.remove(at: column)
                if !isInTraining, file == "train.csv" { fields.removeFirst() }
                return fields.joined(separator: ",") + "\n"
            }.joined()
        }
        let run = try MountTests.prepare(files)
        #expect(run.task.identity == .rowOrder(column: "row_id", isInSubmission: false))
        #expect(run.task.profile.columns.map(\.name) == ["tenure", "plan", "churn"])
        #expect(try run.table("test.csv").names == ["row_id", "tenure", "plan"])
    }

    /// Ids with a group in front, as `0001_01`: three rows a group.
    static func grouped() -> [String: String] {
        func id(_ row: Int, from first: Int) -> String { "\(first + row / 3)_0\(row % 3 + 1)" }
        return [
            "description.md": Sample.description("RMSE"),
            "train.csv": Sample.csv("id,x,y", (0..<90).map { "\(id($0, from: 1000)),\($0 % 7),\($0)" }),
            "test.csv": Sample.csv("id,x", (0..<30).map { "\(id($0, from: 2000)),\($0 % 7)" }),
            "sample_submission.csv": Sample.csv("id,y", (0..<30).map { "\(id($0, from: 2000)),0" }),
        ]
    }

    @Test("ids that begin with a group keep the groups together")
    func identifierGroups() throws {
        let run = try MountTests.prepare(Self.grouped())
        #expect(run.task.split.kind == .grouped(column: "id"))
        #expect(run.task.notes.contains { $0.contains("Rows whose 'id' begins alike stay together") })
        // A target is the number of its row, so a third of it is the group.
        let trained = Set((try run.table("train.csv")["y"] ?? []).compactMap { Int($0) }.map { $0 / 3 })
        for part in HeldOutPart.allCases {
            let held = run.hidden.heldOut(part, fold: 0).truth.columns[0].compactMap { Int($0) }.map { $0 / 3 }
            #expect(!held.isEmpty && trained.isDisjoint(with: held))
        }
    }

    @Test("ids whose first part is the same in both tables are split as others are")
    func sharedPrefixes() throws {
        var files = Self.grouped()
        for name in ["test.csv", "sample_submission.csv"] {
            files[name] = files[name]?.replacing(/\n20(\d+)_0/) { "\n10\($0.output.1)_1" }
        }
        #expect(try Sample.task(files).task.split.kind == .plain)
    }
}

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

    /// The reason not to hide labels of the churn task with other files, or "applicable".
    private func reason(_ changes: [String: String?]) throws -> String {
        let (_, task) = try Sample.task(Sample.replacing(Sample.churn(), changes))
        if case .notApplicable(let reason) = task.hiddenEvaluation { return reason }
        return "applicable"
    }

    /// The churn task's training table with other fields between its columns.
    private static func labels(separator: String = ",", target: String = "churn") -> String {
        (Sample.churn()["train.csv"] ?? "").replacing("churn", with: target).replacing(",", with: separator)
    }

    /// More than is read of one file.
    private static let filling = String(repeating: "- mood: good\n", count: 90_000)

    /// A table in JSON, column by column, of which what is read ends within the first column.
    private static func longColumn(_ name: String) -> String {
        let values = (0..<90_000).map { "\"\($0)\":\($0 % 30)" }.joined(separator: ",")
        return "{\"\(name)\":{\(values)},\"churn\":{\"0\":1}}"
    }

    @Test("long files without columns of the tables are left to scripts")
    func longFiles() throws {
        let words = (0..<90_000).map { "\"word\($0)\": 1" }.joined(separator: ",")
        #expect(try Sample.task(Sample.replacing(Sample.churn(), ["v.json": "{\(words)}"])).task.withheld.isEmpty)
        #expect(try reason(["v.json": "{\(words)}", "moods.yaml": Self.filling]) == "applicable")
    }

    @Test(
        "labels stay out of search mounts wherever they lie",
        arguments: [
            ("old/train.csv", labels()), ("a/b/c.txt", labels(separator: "\t")), ("copy.tsv", labels(separator: "\t")),
            ("copy.csv", labels(separator: ";")), ("train.zip", "PK"), ("old/train.csv.gz", "x"), ("all.7z", "x"),
            ("train.json", #"[{"id": 1, "churn": 0}]"#), ("excel.csv", "sep=;\n" + labels(separator: ";")),
            ("made.csv", "# made by us\n\n" + labels()), ("renamed.csv", labels(target: "left")),
            ("renamed.dat", labels(separator: "|", target: "outcome")), ("sub.csv", "row,churn\n1,0\n"),
            ("a.yaml", "- id: 1\n  churn: 0\n"), ("a.yml", "- {'id': 1, 'churn': 0}\n"),
            ("a.xml", "<row><id>1</id><churn>0</churn></row>"), ("a.json", "[{'id': 1, 'churn': 0}]"),
            ("b.json", #"{"text": "5\" wide", "churn": 0}"#), ("c.json", longColumn("id")),
            ("d.json", longColumn("tenure")), ("e.yaml", "- tenure: 1\n  plan: a\n" + filling),
            ("best/submission.csv", "customer,CHURN\n41,0\n"),
        ])
    func hiddenLabels(path: String, text: String) throws {
        let run = try MountTests.prepare(Sample.replacing(Sample.churn(), [path: text]))
        #expect(run.task.withheld == [path])
        #expect(run.task.notes.contains { $0.hasPrefix("\(path) ") && $0.contains("kept from scripts") })
        #expect(!run.folder.has(".run/search-0/\(path)"))
        #expect(run.folder.has(".run/full/\(path)"))
    }

    @Test("names in JSON may be written with escapes")
    func escapedNames() throws {
        var files = Sample.churn().mapValues { $0.replacing("churn", with: "lost/café") }
        files["train.json"] = #"[{"id": 1, "lost\/caf\u00e9": 0}]"#
        #expect(try Sample.task(files).task.withheld == ["train.json"])
    }

    @Test("many files with labels are one note")
    func manyLabels() throws {
        var files = Sample.churn()
        for number in 1...9 { files["parts/x\(number).csv"] = Self.labels() }
        let (_, task) = try Sample.task(files)
        #expect(task.withheld.count == 9)
        #expect(task.notes.count == 6)
        #expect(task.notes.last == "4 more such files are kept from scripts while scores are hidden.")
    }

    @Test("what cannot be looked into forbids hiding, pictures and pages do not")
    func unreadable() throws {
        #expect(
            try reason(["x/train.parquet": "PAR1"])
                == "x/train.parquet cannot be looked into and may hold the labels: move it out of the folder")
        #expect(try reason(["model.bin": "a\0b"]).hasPrefix("model.bin cannot be looked into"))
        let harmless = ["plot.png": "\0", "doc/paper.pdf": "%PDF\0", "notes.txt": "churn is bad", "empty.pkl": ""]
        #expect(try reason(harmless.mapValues { Optional($0) }) == "applicable")
    }

    @Test("tables that add something to rows' features are left to scripts")
    func sideTables() throws {
        let plans = "plan,price,partner\na,1,0\nb,2,1\n"
        #expect(
            try reason(["plans.csv": "plan,price\na,10\nb,20\n", "x/days.csv": "tenure,mood\n3,good\n"]) == "applicable"
        )
        #expect(try Sample.task(Sample.replacing(Sample.churn(), ["plans.csv": plans])).task.withheld == ["plans.csv"])
    }

    @Test(
        "files named after rows are found by the beginning of their names, in any folder, for training rows too",
        arguments: [
            ["img/p5_left.png"], ["img/p45-2.jpg", "img/other.png"], ["41.png"], ["img/p5/0.dcm"], ["a/b/p30.scan.wav"],
        ])
    func namedFiles(paths: [String]) throws {
        let isNumber = paths == ["41.png"]
        var files = Sample.churn()
        if !isNumber {
            for name in files.keys { files[name] = files[name]?.replacing(/\n(\d)/) { "\np\($0.output.1)" } }
        }
        for path in paths { files[path] = "x" }
        let (_, task) = try Sample.task(files)
        guard case .notApplicable(let reason) = task.hiddenEvaluation else {
            Issue.record("labels would be hidden")
            return
        }
        #expect(reason.contains("a file for each row, such as "))
    }

    @Test("files for rows far down in either table are found", arguments: [[250], [550], [599]])
    func farFiles(rows: [Int]) throws {
        var files = [
            "description.md": Sample.description("accuracy"),
            "train.csv": Sample.csv("id,x,y", (0..<300).map { "\($0),\($0 % 4),\($0 % 2)" }),
            "test.csv": Sample.csv("id,x", (300..<600).map { "\($0),\($0 % 4)" }),
            "sample_submission.csv": Sample.csv("id,y", (300..<600).map { "\($0),0" }),
        ]
        for row in rows { files["img/\(row).png"] = "x" }
        let (_, task) = try Sample.task(files)
        #expect(
            task.hiddenEvaluation
                == .notApplicable(reason: "the folder 'img' has a file for each row, such as \(rows[0]).png"))
    }

    /// The reason not to hide labels of a task with 600 rows of seven towns beside other files, or "applicable".
    private func largeReason(_ extras: [String: String]) throws -> String {
        let towns = ["london", "paris", "rome", "oslo", "bonn", "bern", "riga"]
        let files = [
            "description.md": Sample.description("accuracy"),
            "train.csv": Sample.csv("id,town,y", (0..<300).map { "\($0),\(towns[$0 % 7]),\($0 % 2)" }),
            "test.csv": Sample.csv("id,town", (300..<600).map { "\($0),\(towns[$0 % 7])" }),
            "sample_submission.csv": Sample.csv("id,y", (300..<600).map { "\($0),0" }),
        ]
        let (_, task) = try Sample.task(files.merging(extras) { _, new in new })
        if case .notApplicable(let reason) = task.hiddenEvaluation { return reason }
        return "applicable"
    }

    @Test(
        "tables whose names only happen to be ids or values are left to scripts",
        arguments: [
            ["fold/1.csv"], ["fold/1.csv", "fold/2.csv", "fold/3.csv"], ["weather/london.csv"],
            ["weather/london.csv", "weather/paris.csv", "weather/rome.csv", "weather/oslo.csv"], ["12.csv"],
            ["logs/301.txt", "logs/about.txt"],
        ])
    func chanceNames(paths: [String]) throws {
        #expect(try largeReason(Dictionary(uniqueKeysWithValues: paths.map { ($0, "t,v\n1,2\n") })) == "applicable")
    }

    @Test("a folder with tables for many rows is one with a file for each row")
    func tablesForRows() throws {
        var files = ["series/about.csv": "t,v\n1,2\n", "other/a.csv": "t,v\n1,2\n"]
        for id in 300..<600 { files["series/\(id).csv"] = "t,v\n1,2\n" }
        #expect(try largeReason(files) == "the folder 'series' has a file for each row, such as 300.csv")
    }

    @Test("a small table with ids of its own is left to scripts, one for many rows is not")
    func tablesWithIDs() throws {
        let stores = { (ids: Range<Int>) in Sample.csv("id,area", ids.map { "\($0),\($0 * 7)" }) }
        #expect(try largeReason(["stores.csv": stores(1..<21)]) == "applicable")
        #expect(try largeReason(["stores.csv": stores(500..<5000)]) == "applicable")
        #expect(
            try largeReason(["stores.csv": stores(100..<140)])
                == "stores.csv names rows by 'id', which changes when rows are mixed")
    }

    @Test("numbers in the names of a few files are no ids")
    func chanceNumbers() throws {
        #expect(try reason(["docs/12_results.png": "x", "docs/plot.png": "x", "docs/7-up.png": "x"]) == "applicable")
    }

    @Test(
        "tables that name rows are found by their ids, whatever their place and header",
        arguments: [
            ("extra/payments.csv", "id,amount", 41...45), ("payments.csv", "id,amount", 1...5),
            ("payments.csv", "customer_id,amount", 1...52), ("more/x.tsv", "row\tlabel", 1...40),
        ])
    func rowTables(path: String, header: String, ids: ClosedRange<Int>) throws {
        let separator = header.contains("\t") ? "\t" : ","
        let name = header.split(separator: Character(separator))[0]
        #expect(
            try reason([path: Sample.csv(header, ids.map { "\($0)\(separator)3" })])
                == "\(path) names rows by '\(name)', which changes when rows are mixed")
    }

    @Test("numbers that only happen to be ids, such as those of shops, are left to scripts")
    func chanceIDs() throws {
        let shops = Sample.csv("shop,area", (1...9).map { "\($0),\($0 * 7)" })
        #expect(try reason(["shops.csv": shops]) == "applicable")
    }

    @Test("rows may be named in JSON")
    func jsonRows() throws {
        #expect(
            try reason(["households.json": #"{"41": 3, "42": 1}"#])
                == "households.json names rows by their ids, which change when rows are mixed")
        #expect(try reason(["vocabulary.json": #"{"a": 41, "b": "plan"}"#]) == "applicable")
    }
}

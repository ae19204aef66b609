import Foundation
import Testing
import Vocabulary

@testable import Tasks

@Suite("mounts that tell nothing", .timeLimit(.minutes(5)))
struct MountTests {
    struct Prepared {
        let folder: TemporaryFolder
        let task: TaskFolder
        let hidden: HiddenEvaluation

        func table(_ name: String, fold: Int = 0) throws -> Table {
            try CSVFile(path: hidden.searchMounts[fold].path + "/" + name).table()
        }
    }

    static func prepare(
        _ files: [String: String], _ settings: SplitSettings = SplitSettings(seed: 5)
    ) throws -> Prepared {
        let (folder, task) = try Sample.task(files)
        // A hidden folder is not part of the task.
        let hidden = try HiddenEvaluation.prepare(task, settings: settings, in: folder.path + "/.run")
        return Prepared(folder: folder, task: task, hidden: hidden)
    }

    @Test("the test table has the held-out rows and the real test rows under new ids, and no labels")
    func testTable() throws {
        let run = try Self.prepare(Sample.churn())
        let test = try run.table("test.csv")
        #expect(test.names == ["id", "tenure", "plan"])
        #expect(test.rowCount == 8 + 12)
        let train = try run.table("train.csv")
        #expect(train.names == ["id", "tenure", "plan", "churn"])
        #expect(train.rowCount == 32)
        let ids = (train["id"] ?? []) + (test["id"] ?? [])
        #expect(Set(ids) == Set((1...52).map(String.init)))
        #expect(Set(run.hidden.submissionIDs(fold: 0)) == Set(test["id"] ?? []))
        #expect(try run.table("sample_submission.csv")["id"] == run.hidden.submissionIDs(fold: 0))
        #expect(run.hidden.submissionIDs(fold: 0) != test["id"])
    }

    @Test("rows keep their fields, and the key gives labels and original ids back")
    func key() throws {
        let run = try Self.prepare(Sample.churn(), SplitSettings(seed: 5, folds: 3))
        for fold in 0..<3 {
            let test = try run.table("test.csv", fold: fold)
            let byID = Dictionary(uniqueKeysWithValues: zip(test["id"] ?? [], zip(test.columns[1], test.columns[2])))
            for part in HeldOutPart.allCases {
                let held = run.hidden.heldOut(part, fold: fold)
                #expect(held.truth.names == ["churn"] && held.truth.rowCount == held.ids.count && !held.ids.isEmpty)
                for (id, label) in zip(held.ids, held.truth.columns[0]) {
                    let row = try #require(byID[id])
                    // Of the sample task every row with this tenure and plan has one label or the other: look it up.
                    let matches = (1...40).filter { "\($0 * 7 % 31)" == row.0 && ($0 % 3 == 0 ? "a" : "b") == row.1 }
                    #expect(matches.contains { label == ($0 % 4 == 0 ? "1" : "0") })
                }
            }
        }
    }

    @Test("a submission is cut down to the real test rows under their own ids, in the order of the sample submission")
    func realSubmission() throws {
        var files = Sample.churn()
        files["sample_submission.csv"] = Sample.csv("id,churn", (41...52).reversed().map { "\($0),0.5" })
        let run = try Self.prepare(files, SplitSettings(seed: 5, folds: 2))
        for fold in 0..<2 {
            // Predict each row's tenure, which says which row it is.
            let test = try run.table("test.csv", fold: fold)
            let submission = Table(names: ["id", "churn"], columns: [test.columns[0], test.columns[1]])
            let real = run.hidden.realSubmission(from: submission, fold: fold)
            #expect(real["id"] == (41...52).reversed().map(String.init))
            #expect(real["churn"] == (41...52).reversed().map { "\($0 * 7 % 31)" })
        }
    }

    @Test("order and ids say nothing of the kind of row")
    func order() throws {
        let files = [
            "description.md": Sample.description("RMSE"),
            "train.csv": Sample.csv("id,x,y", (0..<2000).map { "\($0),\($0),\($0)" }),
            "test.csv": Sample.csv("id,x", (2000..<2400).map { "\($0),\($0)" }),
            "sample_submission.csv": Sample.csv("id,y", (2000..<2400).map { "\($0),0" }),
        ]
        let run = try Self.prepare(files)
        let held = Set(HeldOutPart.allCases.flatMap { run.hidden.heldOut($0, fold: 0).ids })
        let test = try run.table("test.csv")
        let ids = try #require(test["id"])
        func meanRank(_ ranks: [Int]) -> Double { Double(ranks.reduce(0, +)) / Double(ranks.count) }
        // 400 of 800 rows: the mean place has a standard deviation of about 8.2 around 399.5.
        #expect(abs(meanRank(ids.indices.filter { held.contains(ids[$0]) }) - 399.5) < 33)
        let submission = run.hidden.submissionIDs(fold: 0)
        #expect(abs(meanRank(submission.indices.filter { held.contains(submission[$0]) }) - 399.5) < 33)
        // Ids run from 0 to 2399; the mean of 400 of them has a standard deviation of about 32 around 1199.5.
        #expect(abs(meanRank(held.compactMap { Int($0) }) - 1199.5) < 130)
        let xs = (test["x"] ?? []).compactMap { Int($0) }
        #expect(zip(xs, xs.dropFirst()).filter { $0 < $1 }.count < 500)
    }

    @Test("the sample submission says the same of every row")
    func sample() throws {
        var files = Sample.churn()
        files["sample_submission.csv"] = Sample.csv("id,churn", (41...52).map { "\($0),\($0 % 4 == 0 ? 0.9 : 0.1)" })
        let run = try Self.prepare(files)
        #expect(Set(try run.table("sample_submission.csv").columns[1]) == ["0.1"])
    }

    @Test("numbers, truth values, missing values and quotes are written alike where the files differ")
    func formatting() throws {
        let files = [
            "description.md": Sample.description("RMSE"),
            "train.csv": Sample.csv(
                "id,a,b,c,d,e,y",
                (0..<40).map {
                    "\($0),\($0 % 9).0,\"q\($0 % 3)\",\($0 % 4 == 0 ? "NA" : "1.5"),\($0 % 2 == 0),\($0 % 5).50,1"
                }),
            "test.csv": Sample.csv(
                "id,a,b,c,d,e",
                (40..<60).map {
                    "\($0),\($0 % 9),q\($0 % 3),\($0 % 4 == 0 ? "" : "1.5"),\($0 % 2 == 0 ? "TRUE" : "FALSE"),\($0 % 5).50"
                }),
            "sample_submission.csv": Sample.csv("id,y", (40..<60).map { "\($0),0" }),
        ]
        let run = try Self.prepare(files)
        for name in ["train.csv", "test.csv"] {
            let table = try run.table(name)
            #expect(Set(table["a"] ?? []) == Set((0..<9).map(String.init)))
            #expect(Set(table["c"] ?? []) == ["", "1.5"])
            #expect(Set(table["d"] ?? []) == ["True", "False"])
            #expect(Set(table["e"] ?? []) == Set((0..<5).map { "\($0).50" }), "equal styles stay as they are")
            #expect(!(try text(run, name)).contains("\""))
        }
    }

    private func text(_ run: Prepared, _ name: String) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: run.hidden.searchMounts[0].path + "/" + name), encoding: .utf8)
    }

    @Test(
        "numbers are rewritten without loss",
        arguments: [
            ("1.0", "1"), ("+01.50", "1.5"), ("-0.10", "-0.1"), (".5", "0.5"), ("5.", "5"), ("1.20e05", "1.2e05"),
            (" 7 ", "7"), ("000", "0"),
        ])
    func numbers(text: String, plain: String) {
        var text = text
        #expect(text.withUTF8 { String(decoding: FieldRewriting.number.rewritten($0), as: UTF8.self) } == plain)
    }

    @Test("columns that are written alike stay untouched, byte by byte")
    func untouched() throws {
        let files = [
            "description.md": Sample.description("RMSE"),
            "train.csv": Sample.csv("id,t,y", (0..<20).map { "\($0),\" a, \"\"b\"\"\nc \($0 % 3)\",1" }),
            "test.csv": Sample.csv("id,t", (20..<32).map { "\($0),\" a, \"\"b\"\"\nc \($0 % 3)\"" }),
            "sample_submission.csv": Sample.csv("id,y", (20..<32).map { "\($0),0" }),
        ]
        let table = try Self.prepare(files).table("test.csv")
        #expect(Set(table["t"] ?? []) == Set((0..<3).map { " a, \"b\"\nc \($0)" }))
    }

    @Test("files of a mount bear one date and one mode, and the key is for its owner only")
    func marks() throws {
        let run = try Self.prepare(Sample.replacing(Sample.churn(), ["extra.txt": "x", "more/a.bin": "y"]))
        let mount = run.hidden.searchMounts[0].path
        let names = ["train.csv", "test.csv", "sample_submission.csv", "description.md", "extra.txt", "more/a.bin"]
        let marks = try names.map { name in
            let attributes = try FileManager.default.attributesOfItem(atPath: mount + "/" + name)
            return "\(attributes[.modificationDate] ?? "") \(attributes[.posixPermissions] ?? "")"
        }
        #expect(Set(marks).count == 1)
        func mode(_ name: String) throws -> Int? {
            let attributes = try FileManager.default.attributesOfItem(atPath: run.folder.path + "/.run/" + name)
            return (attributes[.posixPermissions] as? NSNumber)?.intValue
        }
        #expect(try mode("key") == 0o700)
        #expect(try mode("key/fold-0.csv") == 0o600)
        #expect(try mode("key/state.json") == 0o600)
        #expect(try mode("search-0") == 0o755)
        #expect(try mode("search-0/test.csv") == 0o444)
    }

    @Test("task.yaml and tables with labels stay out of search mounts; the full mount has the tables as they are")
    func contents() throws {
        var files = Sample.replacing(Sample.churn(), ["old.csv": "id,churn\n1,0\n", "task.yaml": "metric: auc\n"])
        files["Train.csv"] = files.removeValue(forKey: "train.csv")
        files["sampleSubmission.csv"] = files.removeValue(forKey: "sample_submission.csv")
        let run = try Self.prepare(files)
        func names(_ mount: Mount) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: mount.path).sorted()
        }
        let both = [
            "Train.csv", "description.md", "sampleSubmission.csv", "sample_submission.csv", "test.csv", "train.csv",
        ]
        #expect(try names(run.hidden.searchMounts[0]) == both)
        #expect(try names(run.hidden.fullMount) == (both + ["old.csv"]).sorted())
        let full = URL(fileURLWithPath: run.hidden.fullMount.path + "/train.csv")
        #expect(try String(contentsOf: full, encoding: .utf8) == files["Train.csv"])
        #expect(try text(run, "sampleSubmission.csv") == text(run, "sample_submission.csv"))
    }

    @Test("rows without names get a column of ids in every mount, and submissions can lose it")
    func rowOrder() throws {
        let run = try Self.prepare(LayoutTests.mleStar)
        let test = try run.table("test.csv")
        #expect(test.names == ["row_id", "longitude", "latitude"])
        #expect(try run.table("train.csv").names == ["row_id", "longitude", "latitude", "median_house_value"])
        #expect(try run.table("sample_submission.csv").names == ["row_id", "median_house_value"])
        let submission = Table(names: ["row_id", "median_house_value"], columns: [test.columns[0], test.columns[1]])
        let real = run.hidden.realSubmission(from: submission, fold: 0)
        #expect(real["row_id"] == (0..<12).map(String.init))
        #expect(run.task.deliverable(real).columns == [(1...12).map { "-1\($0).75" }])
        let full = try CSVFile(path: run.hidden.fullMount.path + "/train.csv").table()
        #expect(full["row_id"].map(Set.init)?.isDisjoint(with: run.hidden.testIDs) == true)
        #expect(try CSVFile(path: run.hidden.fullMount.path + "/test.csv").table()["row_id"] == run.hidden.testIDs)
        #expect(
            try CSVFile(path: run.hidden.fullMount.path + "/sample_submission.csv").column("row_id")
                == run.hidden.testIDs)
    }

    @Test("the training table of a search mount has at most so many rows, the full mount has all")
    func cappedTraining() throws {
        let run = try Self.prepare(Sample.prices(), SplitSettings(seed: 5, maximumTrainingRows: 15, folds: 2))
        for fold in 0..<2 {
            let train = try run.table("train.csv", fold: fold)
            #expect(train.rowCount == 15)
            let known = Set((1...50).map { "\($0 % 9).5,\(100 + $0)" })
            #expect(zip(train["size"] ?? [], train["price"] ?? []).allSatisfy { known.contains("\($0),\($1)") })
            #expect(try run.table("test.csv", fold: fold).rowCount == 10 + 20)
        }
        #expect(try CSVFile(path: run.hidden.fullMount.path + "/train.csv").rowCount == 50)
    }

    @Test("a task whose labels are not hidden has one mount with its own files")
    func originalMount() throws {
        let (folder, task) = try Sample.task(Sample.replacing(Sample.churn(), ["test/41.png": "x"]))
        let mount = try task.originalMount(in: folder.path + "/.run")
        #expect(mount.path == folder.path + "/.run/full")
        #expect(try folder.read(".run/full/test/41.png") == "x")
        #expect(try folder.read(".run/full/train.csv") == folder.read("train.csv"))
        #expect(try task.originalMount(in: folder.path + "/.run") == mount)
    }
}

import Foundation
import Testing
import Vocabulary

@testable import Tasks

@Suite("preparing a directory", .timeLimit(.minutes(5)))
struct PreparationTests {
    private let settings = SplitSettings(seed: 5, folds: 2)

    @Test("a prepared directory opens as it was left")
    func reopening() throws {
        let run = try MountTests.prepare(Sample.churn(), settings)
        let test = run.hidden.searchMounts[0].path + "/test.csv"
        let before = try FileManager.default.attributesOfItem(atPath: test)[.systemFileNumber] as? NSNumber
        let again = try HiddenEvaluation.prepare(run.task, settings: settings, in: run.folder.path + "/.run")
        #expect(again == run.hidden)
        #expect(try FileManager.default.attributesOfItem(atPath: test)[.systemFileNumber] as? NSNumber == before)
    }

    @Test("labels with commas, quotes and line breaks survive reopening")
    func oddLabels() throws {
        let labels = ["a,b", "say \"\"x\"\"", "two\nlines", "plain"]
        let files = [
            "description.md": Sample.description("accuracy"),
            "train.csv": Sample.csv("id,x,y", (0..<80).map { "\($0),1,\"\(labels[$0 % 4])\"" }),
            "test.csv": Sample.csv("id,x", (80..<90).map { "\($0),1" }),
            "sample_submission.csv": Sample.csv("id,y", (80..<90).map { "\($0),plain" }),
        ]
        let run = try MountTests.prepare(files, settings)
        #expect(try HiddenEvaluation.prepare(run.task, settings: settings, in: run.folder.path + "/.run") == run.hidden)
        #expect(run.hidden.heldOut(.search, fold: 0).truth.columns[0].contains("two\nlines"))
    }

    @Test("a half-written directory is written again", arguments: ["key/state.json", "key"])
    func halfWritten(lost: String) throws {
        let run = try MountTests.prepare(Sample.churn(), settings)
        let clean = try run.folder.read(".run/search-1/test.csv")
        try run.folder.remove(".run/" + lost)
        try run.folder.remove(".run/search-1/test.csv")
        try run.folder.write(".run/partial/search-0/train.csv", "rubbish")
        let again = try HiddenEvaluation.prepare(run.task, settings: settings, in: run.folder.path + "/.run")
        #expect(again == run.hidden)
        #expect(try run.folder.read(".run/search-1/test.csv") == clean)
        #expect(!run.folder.has(".run/partial"))
    }

    @Test("a mount that was deleted is written again, and a directory that was moved opens where it is")
    func deletedOrMoved() throws {
        let run = try MountTests.prepare(Sample.churn(), settings)
        try run.folder.remove(".run/search-0")
        #expect(try HiddenEvaluation.prepare(run.task, settings: settings, in: run.folder.path + "/.run") == run.hidden)
        try FileManager.default.moveItem(atPath: run.folder.path + "/.run", toPath: run.folder.path + "/.moved")
        let moved = try HiddenEvaluation.prepare(run.task, settings: settings, in: run.folder.path + "/.moved")
        #expect(moved.searchMounts[0].path == run.folder.path + "/.moved/search-0")
        #expect(moved.keys == run.hidden.keys)
    }

    @Test("mounts of an earlier version that show what is withheld now are written again")
    func earlierVersion() throws {
        let run = try MountTests.prepare(Sample.replacing(Sample.churn(), ["old.csv": "id,churn\n1,0\n"]), settings)
        let state = try run.folder.read(".run/key/state.json")
        #expect(state.contains("\"view\" : \"old.csv\""))
        try run.folder.write(".run/key/state.json", state.replacing(",\n  \"view\" : \"old.csv\"", with: ""))
        try run.folder.write(".run/search-0/old.csv", "id,churn\n1,0\n")
        #expect(try HiddenEvaluation.prepare(run.task, settings: settings, in: run.folder.path + "/.run") == run.hidden)
        #expect(!run.folder.has(".run/search-0/old.csv"))
    }

    @Test("other files in the directory are left alone")
    func neighbours() throws {
        let (folder, task) = try Sample.task(Sample.churn())
        try folder.write(".run/journal.sqlite", "x")
        _ = try HiddenEvaluation.prepare(task, settings: settings, in: folder.path + "/.run")
        #expect(try folder.read(".run/journal.sqlite") == "x")
    }

    @Test("a directory of another split is refused, not mixed")
    func mismatch() throws {
        let run = try MountTests.prepare(Sample.churn(), settings)
        let error = #expect(throws: TaskError.self) {
            try HiddenEvaluation.prepare(run.task, settings: SplitSettings(seed: 6), in: run.folder.path + "/.run")
        }
        #expect(error?.code == .impossibleSplit)
        #expect(error?.message.contains("seed 5) than asked now") == true)
        #expect(error?.message.contains("Use a new directory") == true)
        try run.folder.write("train.csv", (Sample.churn()["train.csv"] ?? "") + "99,1,a,0\n")
        let changed = try TaskFolder.read(run.folder.path)
        #expect(throws: TaskError.self) {
            try HiddenEvaluation.prepare(changed, settings: settings, in: run.folder.path + "/.run")
        }
    }

    @Test("equal seeds on equal files give equal mounts, other seeds others, anywhere")
    func determinism() throws {
        let first = try MountTests.prepare(Sample.churn(), settings).hidden
        let second = try MountTests.prepare(Sample.churn(), settings).hidden
        let third = try MountTests.prepare(Sample.churn(), SplitSettings(seed: 6, folds: 2)).hidden
        #expect(first.searchMounts.map(\.manifest) == second.searchMounts.map(\.manifest))
        #expect(first.keys == second.keys)
        #expect(first.fullMount.manifest == second.fullMount.manifest)
        #expect(first.searchMounts[0].manifest != first.searchMounts[1].manifest)
        #expect(first.searchMounts[0].manifest != third.searchMounts[0].manifest)
        #expect(first.fullMount.manifest == third.fullMount.manifest)
    }

    @Test("folds hold out different rows")
    func folds() throws {
        let run = try MountTests.prepare(Sample.prices(), SplitSettings(seed: 1, folds: 5))
        var held: [String] = []
        for fold in 0..<5 {
            for part in HeldOutPart.allCases { held += run.hidden.heldOut(part, fold: fold).truth["price"] ?? [] }
        }
        #expect(held.count == 50)
        #expect(Set(held).count == 50)
    }

    @Test("rows without a label are in the training table only, and numbers that are missing count as no label")
    func unlabelled() throws {
        var files = Sample.prices()
        files["train.csv"] = Sample.csv(
            "id,size,price", (1...50).map { "\($0),\($0),\($0 <= 20 ? "" : $0 <= 30 ? "NaN" : "7")" })
        let run = try MountTests.prepare(files)
        for part in HeldOutPart.allCases { #expect(Set(run.hidden.heldOut(part, fold: 0).truth.columns[0]) == ["7"]) }
        #expect(try run.table("train.csv")["price"]?.filter { $0 != "7" }.count == 30)
    }

    @Test("a task whose labels cannot be hidden is refused with the reason")
    func notApplicable() throws {
        let (folder, task) = try Sample.task(Sample.replacing(Sample.churn(), ["task.yaml": "hidden: false"]))
        let error = #expect(throws: TaskError.self) {
            try HiddenEvaluation.prepare(task, settings: settings, in: folder.path + "/.run")
        }
        #expect(error?.message.contains("labels cannot be hidden, because task.yaml says 'hidden: false'") == true)
    }

    @Test("a part with one class only is refused")
    func oneClass() throws {
        var files = Sample.churn()
        files["train.csv"] = Sample.csv("id,tenure,plan,churn", (1...40).map { "\($0),1,a,\($0 == 7 ? 1 : 0)" })
        let (folder, task) = try Sample.task(files)
        let error = #expect(throws: TaskError.self) {
            try HiddenEvaluation.prepare(task, settings: settings, in: folder.path + "/.run")
        }
        #expect(error?.message.contains("train.csv, column 'churn': the search part of fold 0") == true)
    }

    @Test("a directory that cannot be written is said")
    func unwritable() throws {
        let (folder, task) = try Sample.task(Sample.churn())
        try folder.write(".run", "a file")
        let error = #expect(throws: TaskError.self) {
            try HiddenEvaluation.prepare(task, settings: settings, in: folder.path + "/.run")
        }
        #expect(error?.code == .inaccessibleFile)
    }
}

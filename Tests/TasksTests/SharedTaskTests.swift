import Foundation
import Testing
import Vocabulary

@testable import Tasks

/// The example tasks that lie beside the repository, where there are any.
enum SharedTasks {
    static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/tasks").path

    static let arePresent = FileManager.default.fileExists(atPath: path + "/telco-churn/train.csv")
}

@Suite(
    "the example tasks", .enabled(if: SharedTasks.arePresent, "the example tasks lie beside the repository"),
    .serialized, .timeLimit(.minutes(5)))
struct SharedTaskTests {
    struct Expected: Sendable {
        let name: String
        let metric: Metric
        let kind: TaskKind
        let header: [String]
        let content: PredictionContent
        let rows: [Int]
        var classes = 0
        var reason: String?
        var split: SplitAdvice.Kind = .stratified
    }

    static let expected = [
        Expected(
            name: "diamond-prices", metric: .rootMeanSquaredLogarithmicError, kind: .regression,
            header: ["id", "price"],
            content: .nonNegativeNumber, rows: [37758, 16182], split: .plain),
        Expected(
            name: "food-reviews", metric: .auc, kind: .binaryClassification, header: ["id", "great"],
            content: .probability, rows: [3500, 1500], classes: 2),
        Expected(
            name: "image-regions", metric: .macroF1, kind: .multiclassClassification, header: ["id", "category"],
            content: .label, rows: [1617, 693], classes: 7),
        Expected(
            name: "photo-denoising", metric: .rootMeanSquaredError, kind: .regression, header: ["id", "value"],
            content: .number, rows: [600, 60],
            reason: "the rows of a submission (column 'id') are not the rows of test.csv", split: .plain),
        Expected(
            name: "spelling-to-sound", metric: .phonemeErrorRate, kind: .textGeneration, header: ["id", "phonemes"],
            content: .text, rows: [27000, 3000], split: .plain),
        Expected(
            name: "spoken-language", metric: .accuracy, kind: .multiclassClassification, header: ["id", "language"],
            content: .label, rows: [1196, 491], classes: 5,
            reason: "the folder 'test' has a file for each row, such as 00001.wav"),
        Expected(
            name: "telco-churn", metric: .auc, kind: .binaryClassification, header: ["id", "churn"],
            content: .probability, rows: [4930, 2113], classes: 2),
        Expected(
            name: "tiny-digits", metric: .accuracy, kind: .multiclassClassification, header: ["id", "label"],
            content: .label, rows: [1258, 539], classes: 10,
            reason: "the folder 'test' has a file for each row, such as 00001.png"),
    ]

    @Test("are understood", arguments: expected)
    func understood(expected: Expected) throws {
        let task = try TaskFolder.read(SharedTasks.path + "/" + expected.name)
        #expect(task.specification.name == expected.name)
        #expect(task.specification.metric == expected.metric)
        #expect(task.specification.kind == expected.kind)
        #expect(task.specification.submission.header == expected.header)
        #expect(task.specification.submission.columns[0].content == expected.content)
        #expect(task.specification.classes.count == expected.classes)
        #expect([task.profile.trainingRowCount, task.profile.testRowCount] == expected.rows)
        #expect(task.split.kind == expected.split)
        #expect(task.hiddenEvaluation == expected.reason.map { .notApplicable(reason: $0) } ?? .applicable)
        #expect(task.notes.isEmpty)
    }

    @Test("with tables are prepared", arguments: expected.filter { $0.reason == nil })
    func prepared(expected: Expected) throws {
        let task = try TaskFolder.read(SharedTasks.path + "/" + expected.name)
        let folder = try TemporaryFolder()
        let hidden = try HiddenEvaluation.prepare(task, settings: SplitSettings(seed: 1), in: folder.path + "/run")
        let held = HeldOutPart.allCases.map { hidden.heldOut($0, fold: 0) }
        #expect(abs(held[0].ids.count + held[1].ids.count - expected.rows[0] / 5) <= 1)
        #expect(hidden.testIDs.count == expected.rows[1])
        let test = try CSVFile(path: hidden.searchMounts[0].path + "/test.csv")
        let original = try CSVFile(path: SharedTasks.path + "/" + expected.name + "/test.csv")
        #expect(test.names == original.names)
        let ids = try #require(test.column("id"))
        #expect(Set(ids) == Set(hidden.submissionIDs(fold: 0)))
        // Each real test row is in the mount with all its fields.
        let feature = try #require(test.names.last)
        let aligned = Table(names: ["id", "f"], columns: [ids, try #require(test.column(feature))])
        let real = hidden.realSubmission(from: aligned, fold: 0)
        let wanted = Dictionary(uniqueKeysWithValues: zip(original.column("id") ?? [], original.column(feature) ?? []))
        #expect(real["id"] == hidden.testIDs)
        #expect(zip(real.columns[0], real.columns[1]).allSatisfy { wanted[$0] == $1 })
        #expect(
            try HiddenEvaluation.prepare(task, settings: SplitSettings(seed: 1), in: folder.path + "/run") == hidden)
    }
}

import Foundation
import Scoring
import Tasks
import TestKit
import Testing
import Vocabulary

@testable import Laboratory

@Suite("The script of an ensemble of ranks", .timeLimit(.minutes(5)), .enabled(if: interpreter != nil))
struct RankedEnsembleScriptTests {
    private let folder: TemporaryFolder
    private let task = TaskSpecification(
        name: "ranks", description: "", kind: .binaryClassification, metric: .auc, targets: ["y"], classes: ["0", "1"],
        submission: SubmissionSchema(
            idColumn: "id", columns: [.init(name: "y", target: "y", positiveClass: "1", content: .probability)]))

    /// Predictions of two members for 23 rows, some of them equal; members are on different scales.
    private static let predictions = (0..<23).map { row -> [Double] in
        let one = Double(row * 7 % 19), two = Double(row * 11 % 23)
        return [one / 19, two / 2300]
    }
    private static let weights = [0.7, 0.3]

    init() throws { folder = try TemporaryFolder() }

    /// A script that answers with a column of test.csv.
    private static func member(_ column: String) -> Script {
        Script(
            """
            import csv, os
            os.makedirs('final', exist_ok=True)
            rows = [[row['id'], row['\(column)']] for row in csv.DictReader(open('input/test.csv'))]
            csv.writer(open('final/submission.csv', 'w', newline='')).writerows([['id', 'y']] + rows)

            """)
    }

    /// What the ensemble's script answers for some rows, with the model that lies in the folder.
    private func answer(_ rows: [Int], keepsModel: Bool = false) throws -> Table {
        let members = zip(["a", "b"], Self.weights).map { column, weight in
            EnsembleScript.Member(name: StepPath(column), script: Self.member(column), weight: weight)
        }
        let lines = rows.map { "\($0),\(Self.predictions[$0][0]),\(Self.predictions[$0][1])" }
        try folder.write((["id,a,b"] + lines).joined(separator: "\n") + "\n", to: "input/test.csv")
        try folder.write(EnsembleScript(members: members, task: task).script.text, to: "solution.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(interpreter))
        process.arguments = ["-W", "error", "solution.py"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = keepsModel ? ["MLESTAR_KEEP_MODEL": "1"] : [:]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try CSVFile(path: "\(folder.path)/final/submission.csv").table()
    }

    @Test("it answers as Blend does, whether or not it keeps a model, and as the model that was kept says")
    func agrees() throws {
        let all = Array(Self.predictions.indices)
        let tables = [0, 1].map { member in
            Table(names: ["id", "y"], columns: [all.map(String.init), all.map { "\(Self.predictions[$0][member])" }])
        }
        let scorer = Scorer(metric: task.metric, schema: task.submission, classes: task.classes)
        let blend = try Blend.combine(members: tables, weights: Self.weights, scorer: scorer)
        let plain = try answer(all)
        #expect(plain["id"] == blend["id"])
        let numbers = [plain, blend].map { ($0["y"] ?? []).compactMap(Double.init) }
        let differences = zip(numbers[0], numbers[1]).map { abs($0 - $1) }
        #expect(differences.count == 23 && differences.allSatisfy { $0 < 1e-12 })
        #expect(try answer(all, keepsModel: true) == plain)
        #expect(try answer(all) == plain)
    }

    @Test("a few rows of test.csv, or a single one, are answered as among all of them")
    func subset() throws {
        let whole = try answer(Array(Self.predictions.indices), keepsModel: true)
        #expect(try answer(Array(4..<11)) == whole.selecting(rows: Array(4..<11)))
        for row in [0, 13, 22] { #expect(try answer([row]) == whole.selecting(rows: [row])) }
    }
}

private let interpreter = ProcessInfo.processInfo.environment["MLESTAR_PYTHON"]

import Foundation
import Scoring
import Tasks
import TestKit
import Testing
import Vocabulary

@testable import Laboratory

@Suite("The script of an ensemble of labels", .timeLimit(.minutes(5)))
struct EnsembleScriptTests {
    private static let interpreter = ProcessInfo.processInfo.environment["MLESTAR_PYTHON"]

    private let task = TaskSpecification(
        name: "labels", description: "", kind: .multiclassClassification, metric: .macroF1, targets: ["kind"],
        classes: ["1", "b c", "d'\""],
        submission: SubmissionSchema(
            idColumn: "id", columns: [.init(name: "kind", target: "kind", content: .label)]))

    private var scorer: Scorer { Scorer(metric: task.metric, schema: task.submission, classes: task.classes) }

    /// Rows whose largest number, or one of the largest, is that of the label.
    private static func member(_ seed: Int, of classes: [String]) -> (labels: [String], numbers: [[Double]]) {
        let numbers = (0..<60).map { row in
            classes.indices.map { place -> Double in
                let draw = (row * 7 + seed * 5 + place * 11) * 13
                return Double(draw % 4) + 0.5
            }
        }
        let labels = numbers.map { row in classes[row.firstIndex(of: row.max() ?? 0) ?? 0] }
        return (labels, numbers)
    }

    private func script(_ labels: [String], _ numbers: [[Double]]?) throws -> Script {
        let bytes = try JSONEncoder().encode(labels.enumerated().map { ["\($0)", $1] })
        let shares = try numbers.map { numbers in
            try JSONEncoder().encode(numbers.enumerated().map { ["\($0)"] + $1.map { "\($0)" } })
        }
        let header = try String(decoding: JSONEncoder().encode([task.classes]), as: UTF8.self)
        var lines = [
            "import csv, os", "os.makedirs('final', exist_ok=True)",
            "def keep(name, rows): csv.writer(open('final/' + name, 'w', newline='')).writerows(rows)",
            "keep('submission.csv', [['id', 'kind']] + \(String(decoding: bytes, as: UTF8.self)))",
        ]
        if let shares {
            lines.append(
                "keep('probabilities.csv', [['id'] + \(header)[0]] + \(String(decoding: shares, as: UTF8.self)))")
        }
        return Script(lines.joined(separator: "\n") + "\n")
    }

    private func run(_ script: Script) throws -> Table {
        let folder = try TemporaryFolder()
        try folder.write(script.text, to: "solution.py")
        try folder.write("", to: "input/empty")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.interpreter))
        process.arguments = ["-W", "error", "solution.py"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try CSVFile(path: "\(folder.path)/final/submission.csv").table()
    }

    @Test(
        "it names the classes that Blend names, with class probabilities, without, and with some",
        .enabled(if: interpreter != nil),
        arguments: [[true, true, true], [true, false, true], [false, false, false]])
    func agrees(saying: [Bool]) throws {
        let weights = [0.5, 0.3, 0.2]
        let members = saying.indices.map { Self.member($0, of: task.classes) }
        let tables = members.map { member in
            Table(names: ["id", "kind"], columns: [member.labels.indices.map { "\($0)" }, member.labels])
        }
        let shares = try zip(members, saying).enumerated().map { index, member -> ClassShares? in
            guard member.1 else { return nil }
            let columns = task.classes.indices.map { place in member.0.numbers.map { "\($0[place])" } }
            let file = Table(names: ["id"] + task.classes, columns: [tables[index].columns[0]] + columns)
            return try ClassShares(file, beside: tables[index], scorer: scorer)
        }
        let ensemble = EnsembleScript(
            members: try members.enumerated().map { index, member in
                EnsembleScript.Member(
                    name: StepPath("s") / "\(index)",
                    script: try script(member.labels, saying[index] ? member.numbers : nil), weight: weights[index])
            }, task: task)
        let blend = try Blend.combine(members: tables, weights: weights, scorer: scorer, shares: shares)
        #expect(try run(ensemble.script) == blend)
        #expect(Set(blend["kind"] ?? []).count == 3)
    }

    @Test(
        "numbers are combined to the last digit as Blend combines them", .enabled(if: interpreter != nil),
        arguments: [Metric.auc, .logLoss, .rootMeanSquaredError])
    func digits(metric: Metric) throws {
        let content: PredictionContent = metric == .rootMeanSquaredError ? .number : .probability
        let column = SubmissionSchema.Column(
            name: "kind", target: "kind", positiveClass: content == .probability ? "1" : nil, content: content)
        let numeric = TaskSpecification(
            name: "numbers", description: "", kind: content == .number ? .regression : .binaryClassification,
            metric: metric, targets: ["kind"], classes: content == .number ? [] : ["0", "1"],
            submission: SubmissionSchema(idColumn: "id", columns: [column]))
        let weights = [0.19355, 0.45161, 0.11828, 0.12903, 0.10753]
        let fields = weights.indices.map { member in
            (0..<200).map { row -> String in
                let draw = (row * 37 + member * 91) % 199
                return "\(row % 50 == 0 ? 1 : Double(draw) / 198.7)"
            }
        }
        let tables = fields.map { Table(names: ["id", "kind"], columns: [$0.indices.map { "\($0)" }, $0]) }
        let ensemble = EnsembleScript(
            members: try fields.enumerated().map { index, fields in
                EnsembleScript.Member(
                    name: StepPath("s") / "\(index)", script: try script(fields, nil), weight: weights[index])
            }, task: numeric)
        let scorer = Scorer(metric: metric, schema: numeric.submission, classes: numeric.classes)
        let blend = try Blend.combine(members: tables, weights: weights, scorer: scorer)
        let numbers = { (table: Table) in (table["kind"] ?? []).map { Double($0) } }
        #expect(try numbers(run(ensemble.script)) == numbers(blend))
    }
}

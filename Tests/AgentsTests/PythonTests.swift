import Foundation
import Scoring
import Search
import Tasks
import Testing
import Vocabulary

@testable import Agents

@Suite("Scripts as Python", .timeLimit(.minutes(10)), .serialized)
struct PythonTests {
    /// An interpreter with the packages of the recipes; `nil` when the environment names none.
    static let interpreter = ProcessInfo.processInfo.environment["MLESTAR_PYTHON"]

    static var hasPython: Bool { run(["python3", "--version"], in: ".").status == 0 }

    @Test("every script, merged script and changed script compiles", .enabled(if: hasPython))
    func compiles() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var count = 0
        for task in Samples.all {
            let playbook = Samples.playbook(task, Samples.profile(Samples.textColumns))
            for script in try await Self.variants(by: playbook) {
                count += 1
                try script.text.write(toFile: "\(folder)/script\(count).py", atomically: true, encoding: .utf8)
            }
        }
        #expect(count > 300)
        let check = "import glob\nfor f in glob.glob('*.py'): compile(open(f, encoding='utf-8').read(), f, 'exec')"
        let result = Self.run(["python3", "-W", "error", "-c", check], in: folder)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test(
        "scripts run on a small, awkward table and answer every row", .enabled(if: interpreter != nil),
        arguments: [Samples.threshold, Samples.multiclass, Samples.logLoss, Samples.positive, Samples.guesses])
    func runs(task: TaskSpecification) async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: "\(folder)/input", withIntermediateDirectories: true)
        let tables = Self.tables(for: task)
        for (name, text) in tables {
            try text.write(toFile: "\(folder)/input/\(name)", atomically: true, encoding: .utf8)
        }
        let playbook = Samples.playbook(task)
        let trees = try #require(try await Samples.script("Histogram gradient boosting", by: playbook))
        let linear = try #require(try await Samples.script("Linear model", by: playbook))
        let merging = MergeSolutions(base: trees, reference: linear)
        let merged = try #require(try await playbook.mergeSolutions(merging).answer)
        try merged.text.write(toFile: "\(folder)/script.py", atomically: true, encoding: .utf8)
        let command = [try #require(Self.interpreter), "-W", "error", "script.py"]
        let result = Self.run(command, in: folder)
        try #require(result.status == 0, "\(result.output)")
        #expect(result.output.split(separator: "\n").last?.hasPrefix("Final Validation Performance: ") == true)
        let submission = try String(contentsOfFile: "\(folder)/final/submission.csv", encoding: .utf8)
        let lines = submission.split(separator: "\n")
        #expect(lines.count == 21)
        #expect(lines.first.map(String.init) == task.submission.header.joined(separator: ","))
        #expect(lines.dropFirst().enumerated().allSatisfy { $0.element.hasPrefix("0\(100 + $0.offset),") })
        if task.submission.columns[0].content == .label {
            #expect(lines.dropFirst().allSatisfy { line in task.classes.contains { line.hasSuffix(",\($0)") } })
            try Self.expectShares(in: folder, of: task, beside: lines.map(String.init))
        }
        // Where the line may be left out, only what is chosen on held-out rows needs any; the answers are the same.
        let silent = Self.run(["MLESTAR_SCORE_LINE=optional"] + command, in: folder)
        try #require(silent.status == 0, "\(silent.output)")
        let choosesThreshold = task.kind == .binaryClassification && task.submission.columns[0].content == .label
        #expect(silent.output.contains("Final Validation Performance: ") == choosesThreshold, "\(silent.output)")
        #expect(try String(contentsOfFile: "\(folder)/final/submission.csv", encoding: .utf8) == submission)
    }

    @Test(
        "a kept model answers a few rows as it did among all, where ranks are blended", .enabled(if: interpreter != nil)
    )
    func ranksOfFewRows() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["input", "model"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        for (name, text) in Self.tables(for: Samples.binary) {
            try text.write(toFile: "\(folder)/input/\(name)", atomically: true, encoding: .utf8)
        }
        let playbook = Samples.playbook(Samples.binary)
        let trees = try #require(try await Samples.script("Histogram gradient boosting", by: playbook))
        let linear = try #require(try await Samples.script("Linear model", by: playbook))
        let merging = MergeSolutions(base: trees, reference: linear)
        let merged = try #require(try await playbook.mergeSolutions(merging).answer)
        try merged.text.write(toFile: "\(folder)/script.py", atomically: true, encoding: .utf8)
        func answers(_ settings: String...) throws -> [String] {
            let result = Self.run(settings + [try #require(Self.interpreter), "-W", "error", "script.py"], in: folder)
            try #require(result.status == 0, "\(result.output)")
            let submission = try String(contentsOfFile: "\(folder)/final/submission.csv", encoding: .utf8)
            return submission.split(separator: "\n").map(String.init)
        }
        let plain = try answers()
        #expect(try answers("MLESTAR_KEEP_MODEL=1") == plain)
        let test = try String(contentsOfFile: "\(folder)/input/test.csv", encoding: .utf8).split(separator: "\n")
        for count in [1, 7] {
            try test.prefix(1 + count).joined(separator: "\n")
                .write(toFile: "\(folder)/input/test.csv", atomically: true, encoding: .utf8)
            #expect(try answers() == Array(plain.prefix(1 + count)))
        }
    }

    /// Of one label a row the class with the largest number is named.
    private static func expectShares(in folder: String, of task: TaskSpecification, beside lines: [String]) throws {
        let scorer = Scorer(metric: task.metric, schema: task.submission, classes: task.classes)
        guard ClassShares.apply(to: scorer) else { return }
        let file = try CSVFile(path: "\(folder)/final/probabilities.csv").table()
        let submission = try CSVFile(path: "\(folder)/final/submission.csv").table()
        #expect(try ClassShares(file, beside: submission, scorer: scorer).rowCount == lines.count - 1)
    }

    /// First scripts, one merge, and the first script with every change made.
    private static func variants(by playbook: Playbook) async throws -> [Script] {
        let first = try await Samples.scripts(of: playbook).map(\.script)
        let merging = MergeSolutions(base: first[0], reference: first[1])
        let merged = try #require(try await playbook.mergeSolutions(merging).answer)
        var scripts = first + [merged]
        for script in [merged] + first {
            let parts = try #require(BlockScript(script))
            for block in parts.blocks where script == merged || block.name.hasPrefix("model ") {
                for purpose in [Change.Purpose.plan, .ablation] {
                    for change in playbook.changes(of: block, for: purpose) {
                        guard let changed = playbook.result(of: change, on: block) else { continue }
                        var variant = parts
                        variant.replace(changed)
                        scripts.append(variant.script)
                    }
                }
            }
        }
        return scripts
    }

    /// Sixty rows to learn from and twenty to answer: gaps, words for gaps, a class of one row, unseen categories.
    private static func tables(for task: TaskSpecification) -> [(name: String, text: String)] {
        func fields(_ row: Int) -> String {
            let size = row % 9 == 0 ? "" : "\(Double(row * 37 % 101) / 10)"
            let other = row % 11 == 0 ? "NA" : "\(row * 53 % 17)"
            let colour = row >= 100 && row < 103 ? "unseen" : ["red", "nan", ""][row * 29 % 3]
            return "\(size),\(other),\(colour),2024-0\(1 + row % 9)-1\(row % 10),k"
        }
        func answer(_ row: Int) -> String {
            guard task.kind != .regression else { return "\(row * 37 % 101 + 1)" }
            return row == 5
                ? task.classes[task.classes.count - 1] : task.classes[row * 37 % 101 % (task.classes.count - 1)]
        }
        let header = "size [mm],\"a-b, \"\"c\"\"\",colour,seen,same"
        let isBinary = task.kind == .binaryClassification
        let train = (0..<60).map { row in
            "0\(row),\(isBinary ? task.classes[row * 37 % 101 / 51] : answer(row)),\(fields(row))"
        }
        let test = (100..<120).map { "0\($0),\(fields($0))" }
        let sample = (100..<120).map { "0\($0)" + String(repeating: ",0", count: task.submission.columns.count) }
        return [
            ("train.csv", (["id,answer,\(header)"] + train).joined(separator: "\n") + "\n"),
            ("test.csv", (["id,\(header)"] + test).joined(separator: "\n") + "\n"),
            (
                "sample_submission.csv",
                ([task.submission.header.joined(separator: ",")] + sample).joined(separator: "\n") + "\n"
            ),
        ]
    }

    private static func folder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scripts-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Runs a program found by the environment and waits; its output and errors together.
    private static func run(_ command: [String], in folder: String) -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        do { try process.run() } catch { return (-1, "\(error)") }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}

import Foundation
import Testing

@testable import Configuration

@Suite("Configuration files", .timeLimit(.minutes(5)))
struct ConfigurationFileTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("configs").path

    /// Tables about language models have tests of their own.
    private static let tables = ["prices.yaml", "capabilities.yaml"]

    static var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".yaml") && !tables.contains($0) }.sorted()
    }

    @Test("every file in configs can be read", arguments: files)
    func everyFile(_ name: String) throws { _ = try ConfigurationFile.read("\(Self.folder)/\(name)") }

    @Test("default.yaml says what the program does without a file")
    func defaults() throws {
        #expect(try ConfigurationFile.read("\(Self.folder)/default.yaml") == RunConfiguration())
        let text = try String(contentsOfFile: "\(Self.folder)/default.yaml", encoding: .utf8)
        #expect(text == ConfigurationFile.documented())
    }

    @Test("every key can be written and read back")
    func everyKey() throws {
        let text = ConfigurationFile.documented()
        #expect(try ConfigurationFile.parse(text, name: "f") == RunConfiguration())
        for key in ConfigurationFile.keys { #expect(!key.documentation.isEmpty && !key.allowed.isEmpty) }
    }

    @Test("all problems are told at once, each with file, key, value and what is allowed")
    func problems() throws {
        let text = "search:\n  solutions: many\n  solutons: 2\nbudget: [1]\nexecution:\n  wall_limit: 0s\n"
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationFile.parse(text, name: "my.yaml") }
        let problems = try #require(error).problems
        #expect(problems.count == 4)
        #expect(problems.allSatisfy { $0.hasPrefix("my.yaml: ") })
        #expect(problems.contains("my.yaml: search.solutions is 'many'; allowed: a whole number from 1 to 64"))
        #expect(problems.contains { $0.contains("unknown key 'search.solutons'") && $0.contains("search.solutions") })
        #expect(problems.contains { $0.contains("'budget' must be one value") })
        #expect(problems.contains { $0.contains("execution.wall_limit is '0s'") })
    }

    @Test("a file that is not there or not YAML is an error that names it", arguments: ["{", "- 1", "just text"])
    func notYAML(_ text: String) {
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationFile.parse(text, name: "x.yaml") }
        #expect(error?.description.contains("x.yaml") == true)
        #expect(throws: ConfigurationError.self) { try ConfigurationFile.read("/nowhere/x.yaml") }
    }

    @Test("an empty file means the defaults")
    func empty() throws { #expect(try ConfigurationFile.parse("# nothing\n", name: "f") == RunConfiguration()) }

    @Test(
        "times are read as people write them",
        arguments: [("90s", 90.0), ("5m", 300), ("1h30m", 5400), ("12", 12), ("2h", 7200)])
    func times(_ text: String, _ seconds: Double) {
        #expect(TimeText.duration(text) == .seconds(seconds))
    }

    @Test("what is no time is none", arguments: ["", "m", "5 m", "-1s", "5x", "nan", "1m1h"])
    func noTimes(_ text: String) { #expect(TimeText.duration(text) == nil) }
}

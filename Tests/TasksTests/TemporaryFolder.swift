import Foundation
import Testing

@testable import Tasks

/// A folder that vanishes with the test that made it.
final class TemporaryFolder: Sendable {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        path = NSTemporaryDirectory() + "tasks-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try write(name, text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws { try write(name, bytes: Array(text.utf8)) }

    func write(_ name: String, bytes: [UInt8]) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: path + "/" + name), encoding: .utf8)
    }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }
}

/// Small tasks as file texts.
enum Sample {
    static func description(_ evaluation: String) -> String {
        "# A task\n\n## Overview\nSomething happens.\n\n## Evaluation\n\(evaluation)\n\n## Files\nThe usual ones.\n"
    }

    static func csv(_ header: String, _ rows: some Sequence<String>) -> String {
        ([header] + rows).joined(separator: "\n") + "\n"
    }

    /// Binary classification, scored with AUC: 40 training rows of which every fourth is positive, 12 test rows.
    static func churn() -> [String: String] {
        [
            "description.md": description("Submissions are scored by **AUC**. Higher is better."),
            "train.csv": csv(
                "id,tenure,plan,churn",
                (1...40).map { "\($0),\($0 * 7 % 31),\($0 % 3 == 0 ? "a" : "b"),\($0 % 4 == 0 ? 1 : 0)" }),
            "test.csv": csv("id,tenure,plan", (41...52).map { "\($0),\($0 * 7 % 31),\($0 % 3 == 0 ? "a" : "b")" }),
            "sample_submission.csv": csv("id,churn", (41...52).map { "\($0),0.5" }),
        ]
    }

    /// Regression, scored with RMSE: 50 training rows, 20 test rows.
    static func prices() -> [String: String] {
        [
            "description.md": description("Root mean squared error (RMSE)."),
            "train.csv": csv("id,size,price", (1...50).map { "\($0),\($0 % 9).5,\(100 + $0)" }),
            "test.csv": csv("id,size", (51...70).map { "\($0),\($0 % 9).5" }),
            "sample_submission.csv": csv("id,price", (51...70).map { "\($0),0" }),
        ]
    }

    static func replacing(_ files: [String: String], _ changes: [String: String?]) -> [String: String] {
        var files = files
        for (name, text) in changes { files[name] = text }
        return files
    }

    /// Reads a folder with these files.
    static func task(_ files: [String: String]) throws -> (folder: TemporaryFolder, task: TaskFolder) {
        let folder = try TemporaryFolder(files)
        return (folder, try TaskFolder.read(folder.path))
    }
}

/// The error that reading these files gives.
func fault(_ files: [String: String], sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    let folder = try TemporaryFolder(files)
    do {
        let task = try TaskFolder.read(folder.path)
        Issue.record("the folder was accepted:\n\(task.summary())", sourceLocation: sourceLocation)
        return ""
    } catch {
        return error.message
    }
}

import Foundation
import Subprocess
import TestKit
import Testing

/// Competition folders as they are downloaded.
@Suite("Packed tables", .timeLimit(.minutes(5)))
struct ArchiveTests {
    private let program: Program

    init() throws { program = try Program() }

    /// Packs files of the task into an archive of the task and removes them.
    private func pack(_ files: [String], into archive: String, in folder: String = "") async throws {
        let place = URL(fileURLWithPath: "\(program.task)/\(folder)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let paths = files.map { "\(program.task)/\($0)" }
        let script =
            archive.hasSuffix(".gz") ? "gzip -c $2 > $1" : #"archive=$1; shift; python3 -m zipfile -c "$archive" "$@""#
        let result = try await Program.run(
            at: "/bin/sh", ["-c", script, "sh", place.appendingPathComponent(archive).path] + paths)
        #expect(result.exitCode == 0, "\(result.errors)")
        for path in paths { try FileManager.default.removeItem(atPath: path) }
    }

    private func check() async throws -> Program.Result {
        try await program.mlestar("task", "check", program.task, "--state", program.state)
    }

    private func expectUnderstood(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let result = try await check()
        #expect(result.exitCode == 0, "\(result.errors)", sourceLocation: sourceLocation)
        for part in ["220 to train on, 80 to predict", "label; 2 classes", "scores:       hidden"] {
            #expect(result.output.contains(part), "\(result.output)", sourceLocation: sourceLocation)
        }
    }

    @Test("tables packed one by one are unpacked, in the folder itself and in a subfolder", arguments: ["", "input"])
    func single(folder: String) async throws {
        try await pack(["train.csv"], into: "train.csv.zip", in: folder)
        try await pack(["test.csv"], into: "test.csv.gz", in: folder)
        try await pack(["sample_submission.csv"], into: "sample_submission.zip", in: folder)
        try await expectUnderstood()
        try await expectUnderstood()
    }

    @Test("an archive of pictures that is called like a table is left as it is")
    func pictures() async throws {
        try program.folder.write("x", to: "task/1.png")
        try await pack(["1.png"], into: "test.zip")
        try await expectUnderstood()
        let other = try Program()
        try FileManager.default.copyItem(atPath: "\(program.task)/test.zip", toPath: "\(other.task)/train.zip")
        try FileManager.default.removeItem(atPath: "\(other.task)/train.csv")
        let result = try await other.mlestar("task", "check", other.task, "--state", other.state)
        #expect(result.exitCode != 0 && result.errors.contains("train.zip is packed"), "\(result.errors)")
    }

    @Test("a damaged archive is named with what is wrong and what to do", arguments: ["train.csv.zip", "train.csv.gz"])
    func damaged(archive: String) async throws {
        try FileManager.default.removeItem(atPath: "\(program.task)/train.csv")
        try program.folder.write("PKxxxxx", to: "task/\(archive)")
        let result = try await check()
        #expect(result.exitCode != 0)
        #expect(result.errors.contains("cannot unpack \(program.task)/\(archive): "), "\(result.errors)")
        #expect(
            result.errors.contains(archive.hasSuffix("gz") ? "not in gzip format" : "not found"), "\(result.errors)")
        #expect(result.errors.contains("Fetch it again"))
    }
}

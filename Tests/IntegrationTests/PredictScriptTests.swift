import Foundation
import Laboratory
import Search
import Tasks
import TestKit
import Testing
import Vocabulary

@testable import CoordinatorMain

@Suite("predict.sh", .timeLimit(.minutes(5)))
struct PredictScriptTests {
    private let folder: TemporaryFolder
    private static let later = "id,x\n901,0.5\n"

    init() throws { folder = try TemporaryFolder() }

    /// What a script reads under a name in its folder, where the owner calls the rows to predict `test`.
    private func seen(
        as name: String, ownerCalls test: String = "test.csv", models: KeptModels = .none
    ) async throws -> String {
        try folder.write("id,x,y\n1,0.1,a\n2,0.2,b\n3,0.3,a\n4,0.4,b\n", to: "task/train.csv")
        try folder.write("id,x\n5,0.3\n6,0.4\n", to: "task/\(test)")
        try folder.write("id,y\n5,a\n6,b\n", to: "task/sample_submission.csv")
        try folder.write("# T\n## Evaluation\nAccuracy. Higher is better.\n", to: "task/description.md")
        try folder.write("files: {train: train.csv, test: \"\(test)\"}\n", to: "task/task.yaml")
        try folder.write("what else there is\n", to: "task/rows of mine/notes.txt")
        let task = try TaskFolder.read("\(folder.path)/task")
        let mount = try task.originalMount(in: "\(folder.path)/mount")
        let settings = RunSettings(
            plan: SearchPlan(), split: SplitSettings(seed: 1), seed: 0, model: "playbook", cores: 1,
            limits: Limits(wall: .seconds(1), memoryBytes: 1 << 20, outputBytes: 1 << 20), reusesOutcomes: false)
        let out = RunFolder(path: "\(folder.path)/out")
        let script = Script("open('final/submission.csv', 'w').write(open('\(name)').read())\n")
        try out.write(submission: [], solution: script)
        try out.write(PredictScript(mount: mount, settings: settings, testNames: task.testNames), models: models)
        try folder.write(Self.later, to: "later.csv")
        let answer = "\(folder.path)/answer.csv"
        let result = try await Program.run(
            at: "/bin/sh", ["\(out.path)/predict.sh", "\(folder.path)/later.csv", answer],
            ["MLESTAR_PYTHON": "python3"])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try String(contentsOfFile: "\(mount.path)/\(test)", encoding: .utf8).contains("5,0.3"))
        return try String(contentsOfFile: answer, encoding: .utf8)
    }

    @Test(
        "rows that came later are found under every name that scripts know, in the place of the task's own",
        arguments: ["test.csv", "test_set.csv", "it's a test.csv", "rows of mine/test set.csv"])
    func names(test: String) async throws {
        for name in Set([test, "test.csv"]) {
            let read = name.replacing("'", with: "\\'")
            #expect(try await seen(as: "input/\(read)", ownerCalls: test) == Self.later, "\(name)")
            try FileManager.default.removeItem(atPath: "\(folder.path)/mount")
        }
    }

    @Test("what else lies beside the rows in a folder of the owner's is still there")
    func neighbours() async throws {
        let read = try await seen(as: "input/rows of mine/notes.txt", ownerCalls: "rows of mine/test set.csv")
        #expect(read == "what else there is\n")
    }

    @Test("what an ensemble's members left is where its script looks for it, and another run's is not left over")
    func memberModels() async throws {
        try folder.write("what the second one learned", to: "learned/model.txt")
        let archive = "\(folder.path)/learned.tar.gz"
        let packed = try await Program.run(
            at: "/usr/bin/env", ["tar", "-czf", archive, "-C", "\(folder.path)/learned", "."])
        #expect(packed.exitCode == 0, "\(packed.errors)")
        let model = Array(try Data(contentsOf: URL(fileURLWithPath: archive)))
        let read = try await seen(as: "model/member-2/model.txt", models: .members([model, model]))
        #expect(read == "what the second one learned")
        #expect(try await seen(as: "model/model.txt", models: .whole(model)) == "what the second one learned")
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/out")
        #expect(left.filter { $0.hasPrefix("model") } == ["model.tar.gz"])
    }
}

import Foundation
import Scoring
import Tasks
import TestKit
import Testing
import Vocabulary

@testable import Execution

/// The workshops of the suite, made once for all scripts, with what the scripts look for.
private actor Workshops {
    static let shared = Workshops()
    private var made: [HostileTests.Setting: Task<Workshop, any Error>] = [:]

    func workshop(_ setting: HostileTests.Setting) async throws -> Workshop {
        if let known = made[setting] { return try await known.value }
        let task = Task { try await Self.make(setting) }
        made[setting] = task
        return try await task.value
    }

    private static func make(_ setting: HostileTests.Setting) async throws -> Workshop {
        setenv("MLESTAR_TEST_SECRET", "hunter2", 1)
        var policy = SandboxPolicy()
        policy.sandbox = setting == .secondTier || setting == .secondTierOwnUser ? .landlock : .bubblewrap
        policy.usesGroups = setting != .withoutGroups
        policy.diskBytes = 48 << 20
        policy.diskEntries = 3000
        policy.processes = 80
        policy.slots = 4
        // A script gets a user of its own in the second tier where its files and its interpreter can be reached.
        let workshop = try await Workshop(
            policy: policy,
            python: setting == .secondTierOwnUser
                ? "/usr/bin/python3" : setting == .warm ? Workshop.trainingPython : nil,
            isClosed: setting == .secondTier)
        let folder = workshop.folder
        try folder.write("id,label\n1,1\n", to: "secrets/labels.csv")
        try folder.write("\(folder.path)/secrets/labels.csv", to: "data/labels_path.txt")
        try folder.write("gold", to: "worker/elsewhere/box/treasure")
        try folder.write("\(try LocalSockets.listenOnLoopback())", to: "data/port.txt")
        try folder.write(try LocalSockets.listen(below: "\(folder.path)/secrets"), to: "data/sockets.txt")
        return workshop
    }
}

/// Every script of `Tests/Fixtures/hostile`: the right ending, nothing reached, nothing left, the next job unharmed.
@Suite("Hostile scripts", .timeLimit(.minutes(8)))
struct HostileTests {
    enum Setting: String, Hashable, CaseIterable, CustomTestStringConvertible {
        case firstTier = "first tier"
        case withoutGroups = "first tier, without control groups"
        case secondTier = "second tier"
        case secondTierOwnUser = "second tier, with a user of its own"
        /// A sample only.
        case warm = "first tier, from a warm interpreter"

        var testDescription: String { rawValue }
    }

    static let seeds = 1_000_000...2_000_000_000

    @Test("a hostile script is contained", arguments: HostileScript.all, Setting.allCases.filter { $0 != .warm })
    func contained(_ script: HostileScript, _ setting: Setting) async throws {
        guard script.isHeld(in: setting) else { return }
        let workshop = try await Workshops.shared.workshop(setting)
        var bounds = Workshop.Bounds()
        bounds.wall = .seconds(script.wallSeconds)
        bounds.memory = 192 << 20
        bounds.seed = Int.random(in: Self.seeds)
        let outcome = await workshop.run(script.text, bounds)

        #expect(script.endings.contains("\(outcome.ending)"), "\(outcome.message)\n\(outcome.log.suffix(2_000))")
        #expect(!outcome.log.contains("REACHED") && !outcome.log.contains("hunter2"), "\(outcome.log.suffix(2_000))")
        #expect(outcome.log.utf8.count <= Outcome.logLimit)
        #expect(Workshop.processes(withSeed: bounds.seed) == [])
        #expect(Self.leftInTheMachinesMemory(seed: bounds.seed) == [])
        #expect(try Self.data(of: workshop) == "id\n1\n")
        if script.hasNoScore { #expect(outcome.selfReported == nil) }
        if script.isRefusedByCoordinator {
            let bytes = try #require(outcome.submission)
            #expect(throws: SubmissionDefect.self) { try Self.check(bytes) }
        }
        try await expectNextJobUnharmed(workshop)
    }

    /// What `left_memory` and others might have left where all programs of the machine find it.
    private static func leftInTheMachinesMemory(seed: Int) -> [String] {
        let key = String(0x6D4C)
        let segments = ["shm", "sem", "msg"].filter { kind in
            let text = (try? String(contentsOfFile: "/proc/sysvipc/\(kind)", encoding: .utf8)) ?? ""
            return text.split(separator: "\n").contains { $0.split(separator: " ").first == Substring(key) }
        }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/shm")) ?? []
        return segments + files.filter { $0.hasPrefix("mlestar-left-\(seed)") }
    }

    private func expectNextJobUnharmed(_ workshop: Workshop) async throws {
        let outcome = await workshop.run(
            Workshop.submit + """
                import json, os, tempfile
                print(sorted(os.listdir(".")), os.listdir("working"), os.listdir("/tmp") if os.getcwd() == "/job" else [])
                """)
        #expect(outcome.ending == .succeeded, "\(outcome.message)")
        #expect(!outcome.log.contains("POISON"))
        #expect(outcome.log.contains("['checkpoint', 'final', 'input', 'model', 'solution.py', 'working'] [] []"))
    }

    private static func data(of workshop: Workshop) throws -> String {
        try String(contentsOfFile: "\(workshop.folder.path)/data/test.csv", encoding: .utf8)
    }

    /// What the coordinator does with a submission.
    private static func check(_ bytes: [UInt8]) throws {
        let schema = SubmissionSchema(
            idColumn: "id", columns: [.init(name: "p", target: "y", content: .probability)])
        _ = try SubmissionCheck.align(
            try CSVFile(bytes: bytes, name: "submission.csv").table(), to: ["1"], schema: schema, classes: [])
    }

    private static let sampled = [
        "become_root", "closed_streams", "connect_out", "daemon_deaf", "environment_keys", "fork_bomb",
        "kernel_settings",
        "kill_parent", "local_sockets", "memory_hog", "other_processes", "poison_home", "trace", "unshare",
        "write_interpreter",
    ]

    @Test(
        "a hostile script is contained that starts from an interpreter with its imports done",
        .enabled(if: Workshop.trainingPython != nil, "MLESTAR_PYTHON is not set"),
        arguments: HostileScript.all.filter { sampled.contains($0.name) })
    func containedWarm(_ script: HostileScript) async throws {
        let workshop = try await Workshops.shared.workshop(.warm)
        let text = "import numpy\n" + script.text
        let bounds = Workshop.Bounds(wall: .seconds(script.wallSeconds), memory: 192 << 20)
        await workshop.runner.prepare(workshop.job(text, bounds))
        let outcome = await workshop.run(text, bounds)
        #expect(script.endings.contains("\(outcome.ending)"), "\(outcome.message)\n\(outcome.log.suffix(2_000))")
        #expect(!outcome.log.contains("REACHED") && !outcome.log.contains("hunter2"), "\(outcome.log.suffix(2_000))")
        #expect(try Self.data(of: workshop) == "id\n1\n")
        try await expectNextJobUnharmed(workshop)
    }

    @Test("there are at least forty, and the threat model names each with what stops it")
    func documented() throws {
        #expect(HostileScript.all.count >= 40)
        let page = HostileScript.folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/threat-model.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for script in HostileScript.all {
            let row =
                "| `\(script.name)` | \(script.what) | \(script.endings.joined(separator: " or ")) | \(script.stoppedBy) |"
            #expect(text.contains(row), "docs/threat-model.md lacks the row:\n\(row)")
        }
    }
}

import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Execution

/// A script of `Tests/Fixtures/equal`, by name.
private struct EqualScript: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/equal")

    /// Sections of the files: `# --- name ---`, then the script.
    static let all: [EqualScript] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []
        return files.filter { $0.hasSuffix(".txt") }.flatMap { file -> [EqualScript] in
            let data = FileManager.default.contents(atPath: folder.appendingPathComponent(file).path) ?? Data()
            return String(decoding: data, as: UTF8.self).components(separatedBy: "\n# --- ").dropFirst().compactMap {
                section in
                guard let end = section.range(of: " ---\n") else { return nil }
                return EqualScript(name: String(section[..<end.lowerBound]), text: String(section[end.upperBound...]))
            }
        }
    }()

    var testDescription: String { name }
}

/// Each script is run by a fresh `python solution.py` and by an interpreter that has its imports done already.
@Suite("Warm and fresh", .timeLimit(.minutes(8)))
struct EqualityTests {
    private static let imports = "import numpy\n"

    private actor Pair {
        static let shared = Pair()
        private var made: Task<(fresh: Workshop, warm: Workshop), any Error>?

        func workshops(_ python: String) async throws -> (fresh: Workshop, warm: Workshop) {
            let task =
                made
                ?? Task {
                    var policy = SandboxPolicy()
                    policy.slots = 4
                    let warm = try await Workshop(policy: policy, python: python)
                    policy.isWarm = false
                    return (try await Workshop(policy: policy, python: python), warm)
                }
            made = task
            return try await task.value
        }
    }

    @Test("there are at least sixty")
    func enough() { #expect(EqualScript.all.count >= 60) }

    @Test(
        "a script sees no difference", .enabled(if: Workshop.trainingPython != nil, "MLESTAR_PYTHON is not set"),
        arguments: EqualScript.all)
    private func equal(_ script: EqualScript) async throws {
        let python = try #require(Workshop.trainingPython)
        let (fresh, warm) = try await Pair.shared.workshops(python)
        let text = Self.imports + script.text
        let bounds = Workshop.Bounds(wall: .seconds(60), deliverable: .scoreLine)
        let (one, (other, wasWarm)) = (await fresh.run(text, bounds), await warm.runWarm(text, bounds))
        #expect(wasWarm)
        #expect(!one.log.isEmpty, "a script that prints nothing shows nothing")
        #expect(one.log == other.log)
        #expect(one.ending == other.ending && one.message == other.message)
        #expect(one.submission == other.submission && one.selfReported == other.selfReported)
    }

    @Test(
        "generators are seeded anew, and nothing one script does reaches the next",
        .enabled(if: Workshop.trainingPython != nil))
    func poison() async throws {
        let python = try #require(Workshop.trainingPython)
        let (_, warm) = try await Pair.shared.workshops(python)
        let look = """
            import random
            print(numpy.random.rand(), random.random(), numpy.mean([2, 4]), hasattr(numpy, "planted"), "planted" in open("/proc/self/comm").read())
            """
        let spoil = """
            import ctypes, gc, os, sys
            numpy.planted = True
            numpy.mean = lambda *_: "POISON"
            sys.modules["json"] = None
            for thing in gc.get_objects()[:2000]:
                if isinstance(thing, dict): thing["planted"] = 1
            libc = ctypes.CDLL(None)
            libc.mprotect(ctypes.c_void_p(id(numpy) & ~4095), 4096, 7)
            ctypes.memset(id(3), 0, 1)
            for process in range(1, 40):
                try: os.kill(process, 9) if process != os.getpid() else None
                except OSError: pass
            """
        let bounds = Workshop.Bounds(deliverable: .scoreLine)
        let (before, beforeIsWarm) = await warm.runWarm(Self.imports + look, bounds)
        #expect(await warm.runWarm(Self.imports + spoil, bounds).wasWarm)
        let (after, afterIsWarm) = await warm.runWarm(Self.imports + look, bounds)
        #expect(beforeIsWarm && afterIsWarm)
        for outcome in [before, after] {
            #expect(outcome.ending == .noScore && outcome.log.hasSuffix(" 3.0 False False\n"), "\(outcome.log)")
        }
        #expect(before.log != after.log, "two scripts drew the same numbers")
    }

    @Test(
        "what a warm script starts ends with it", .enabled(if: Workshop.trainingPython != nil),
        arguments: HostileScript.all.filter { ["daemon", "daemon_deaf"].contains($0.name) })
    func leavesNothing(_ script: HostileScript) async throws {
        let python = try #require(Workshop.trainingPython)
        let (_, warm) = try await Pair.shared.workshops(python)
        // By the variables it was started with a warm script cannot be told from its parent, by what it sees it can.
        let look = "print(open('/proc/self/mountinfo').read())\n"
        let (outcome, wasWarm) = await warm.runWarm(Self.imports + look + script.text)
        #expect(wasWarm && script.endings.contains("\(outcome.ending)"), "\(outcome.message)")
        let name = try #require(outcome.log.firstMatch(of: #/\/jobs\/([^\/]+)\//#)).1
        #expect(Workshop.processes(seeing: String(name)) == [])
    }

    @Test("warm start is used and spares the imports", .enabled(if: Workshop.trainingPython != nil))
    func isWarm() async throws {
        let python = try #require(Workshop.trainingPython)
        let (_, warm) = try await Pair.shared.workshops(python)
        let script = Self.imports + "import pandas\nimport time; print(time.process_time())"
        let bounds = Workshop.Bounds(deliverable: .scoreLine)
        var least = Double.infinity
        // Scripts of other tests share the interpreters, and theirs may take this one's place before it is used.
        for _ in 0..<20 where least >= 0.2 {
            await warm.runner.prepare(warm.job(script, bounds))
            let outcome = await warm.run(script, bounds)
            least = min(least, try #require(Double(outcome.log.dropLast())))
        }
        // Processor time, not time on a clock: pandas alone takes a fresh interpreter more than this.
        #expect(least < 0.2)
    }

    @Test(
        "the first script of a kind waits for its imports, unless it is stopped",
        .enabled(if: Workshop.trainingPython != nil))
    func firstOfItsKind() async throws {
        let workshop = try await Workshop(python: Workshop.trainingPython)
        let (outcome, wasWarm) = await workshop.attempt(Self.imports + Workshop.submit)
        #expect(wasWarm && outcome.ending == .succeeded, "\(outcome.message)")
        let pulled = StopLine()
        pulled.pull()
        let stopped = await workshop.attempt("import pandas\n" + Workshop.submit, stopLine: pulled)
        #expect(!stopped.wasWarm && stopped.outcome.ending == .interrupted, "\(stopped.outcome.message)")
    }

    @Test("the same training twice hands in the same bytes", .enabled(if: Workshop.trainingPython != nil))
    func fidelity() async throws {
        let python = try #require(Workshop.trainingPython)
        let (fresh, warm) = try await Pair.shared.workshops(python)
        let script =
            Self.imports + """
                import pandas
                import lightgbm
                import os
                seed = int(os.environ["MLESTAR_SEED"])
                chance = numpy.random.default_rng(seed)
                table = chance.normal(size=(2000, 8))
                answers = (table[:, 0] * table[:, 1] + chance.normal(size=2000) > 0).astype(int)
                model = lightgbm.LGBMClassifier(n_estimators=60, subsample=0.7, subsample_freq=1, random_state=seed, verbose=-1,
                                                num_threads=int(os.environ["MLESTAR_CORES"]))
                model.fit(table, answers)
                pandas.DataFrame({"id": range(2000), "p": model.predict_proba(table)[:, 1]}).to_csv("final/submission.csv", index=False)
                """
        let started = [await warm.runWarm(script), await warm.runWarm(script)]
        #expect(started.allSatisfy { $0.wasWarm })
        let outcomes = [await fresh.run(script), await fresh.run(script)] + started.map(\.outcome)
        #expect(outcomes.allSatisfy { $0.ending == .succeeded }, "\(outcomes.map(\.message))")
        #expect(Set(outcomes.map(\.submission)).count == 1)
        var other = Workshop.Bounds()
        other.seed = 8
        #expect(await fresh.run(script, other).submission != outcomes[0].submission)
    }
}

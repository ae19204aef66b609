import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Execution

/// What the launcher counts, walks and ends, and what becomes of scripts that make that hard.
@Suite("Limits of the launcher", .timeLimit(.minutes(5)))
struct LauncherLimitTests {
    @Test("scores that are too large for numbers cost neither the outcome nor the next script its start")
    func largeScores() async throws {
        let workshop = try await Workshop()
        let rule = EarlyStop(direction: .higherIsBetter, others: 2, warmUp: 0)
        for score in ["1e999", "1.7e308", "1.7e308", "1.7e308"] {
            let outcome = await workshop.run(
                Workshop.submit + "print('Intermediate Validation Performance: \(score)')", .init(earlyStop: rule))
            #expect(outcome.ending == .succeeded, "\(outcome.message)")
        }
        #expect(MedianRule.bounds([[1.5e308], [1.5e308]], rule: rule) == [1.5e308])
        #expect(MedianRule.bounds([[2], [5]], rule: rule) == [3.5])
    }

    @Test("what an interrupted removal has left of a checkpoint is deleted when the worker starts")
    func interruptedRemoval() async throws {
        let root = try TemporaryFolder()
        try root.write("x", to: "worker/checkpoints/a.gone/3/file")
        try root.write("x", to: "worker/checkpoints/b/file")
        let interpreter = PythonEnvironment.locate(
            named: "python3", environment: ProcessInfo.processInfo.environment)
        let environment = try await PythonEnvironment.inspect(interpreter: interpreter, requiring: [])
        let runner = try await JobRunner(environment: environment, root: "\(root.path)/worker")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(root.path)/worker/checkpoints") == ["b"])
        await runner.end()
    }
}

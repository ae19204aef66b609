import Foundation
import Journal
import Laboratory
import Logging
import Search
import Tasks
import TestKit
import Vocabulary

/// A small real task with its journal: labels follow column `x` with some noise.
struct Bench {
    let folder: TemporaryFolder
    let journal: Journal
    let task: TaskFolder
    let evaluation: HiddenEvaluation
    let run = RunID("r")

    init() throws {
        folder = try TemporaryFolder()
        let rows = (1...200).map { row -> (Int, Double, Int) in
            let x = Double(row * 61 % 200) / 200
            return (row, x, Double(row * 17 % 100) / 100 < 0.15 + 0.7 * x ? 1 : 0)
        }
        let train = rows.map { "\($0.0),\($0.1),\($0.2)" }
        let test = (201...240).map { "\($0),\(Double($0 % 40) / 40)" }
        try folder.write((["id,x,y"] + train).joined(separator: "\n") + "\n", to: "task/train.csv")
        try folder.write((["id,x"] + test).joined(separator: "\n") + "\n", to: "task/test.csv")
        let sample = (201...240).map { "\($0),0.5" }
        try folder.write((["id,y"] + sample).joined(separator: "\n") + "\n", to: "task/sample_submission.csv")
        try folder.write("# Small\n## Evaluation\nAUC. Higher is better.\n", to: "task/description.md")
        task = try TaskFolder.read("\(folder.path)/task")
        evaluation = try HiddenEvaluation.prepare(task, settings: SplitSettings(seed: 1), in: "\(folder.path)/mounts")
        journal = try Journal(folder: "\(folder.path)/state")
        try enter(run)
    }

    func enter(_ run: RunID) throws {
        try journal.enter(
            NewRun(
                id: run, taskName: "small", taskPath: task.path, taskFingerprint: task.fingerprint, settings: "{}",
                strategy: "s", budget: .seconds(600), outPath: "/out"), as: .running)
    }

    /// A run beside the first one, with nothing in it.
    func anotherRun() throws -> RunID {
        let run = RunID("another")
        try enter(run)
        return run
    }

    static let settings = RunSettings(
        plan: SearchPlan(solutions: 2, candidates: 2, outerSteps: 2, innerSteps: 2, ablationVariants: 1),
        split: SplitSettings(seed: 1), seed: 0, model: "stub", cores: 1,
        limits: Limits(wall: .seconds(10), memoryBytes: 1 << 30, outputBytes: 1 << 20), reusesOutcomes: false)

    func lab(
        _ jobs: any JobRunning, run: RunID? = nil, budget: Budget = Budget(total: .seconds(600), spent: .zero),
        reuses: Bool = false, basis: Examiner.Basis? = nil, settings: RunSettings = Self.settings
    ) -> JournaledLab {
        var settings = settings
        settings.reusesOutcomes = reuses
        return JournaledLab(
            run: run ?? self.run, journal: journal, agents: StubAgents(),
            examiner: Examiner(
                task: task.specification, basis: basis ?? .hidden(evaluation, isProtected: false)), jobs: jobs,
            budget: budget, settings: settings, environment: ContentHash(String(repeating: "ab", count: 32)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func search(_ lab: JournaledLab) -> MLEStar {
        MLEStar(lab: lab, plan: Self.settings.plan, direction: task.specification.direction)
    }
}

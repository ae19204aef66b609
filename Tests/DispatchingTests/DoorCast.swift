import Journal
import Vocabulary

/// A run with its jobs and their outcomes, for suites that knock at a door.
protocol DoorCast {}

extension DoorCast {
    static var hash: ContentHash { ContentHash(String(repeating: "ab", count: 32)) }
    static var run: RunID { RunID("r") }

    /// A journal that knows the run.
    static func journal(in folder: String) throws -> Journal {
        let journal = try Journal(folder: folder)
        try journal.enter(
            NewRun(
                id: run, taskName: "t", taskPath: "/t", taskFingerprint: hash, settings: "{}", strategy: "s",
                budget: .seconds(60), outPath: "/out"), as: .running)
        return journal
    }

    func job(_ name: String, _ kind: JobKind = .ablation) -> Job {
        Job(
            id: JobID(run: Self.run, path: StepPath(name)), kind: kind, script: Script("print()"),
            mount: Mount(manifest: Self.hash, path: "/m"), seed: 0, cores: 1,
            limits: Limits(wall: .seconds(1), memoryBytes: 1, outputBytes: 1))
    }

    func outcome(_ attempt: Attempt) -> Outcome {
        Outcome(
            job: attempt.job, term: attempt.term, ending: .succeeded, usage: .none, message: "", log: "",
            selfReported: nil, submission: Array("id\n".utf8), environment: Self.hash)
    }
}

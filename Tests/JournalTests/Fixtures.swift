import Journal
import TestKit
import Vocabulary

/// Values that journal tests share.
enum Sample {
    static let run = RunID("r")
    static let hash = ContentHash(String(repeating: "ab", count: 32))

    static func newRun(_ id: RunID = run, budget: Duration = .seconds(60)) -> NewRun {
        NewRun(
            id: id, taskName: "t", taskPath: "/t", taskFingerprint: hash, settings: "{}", strategy: "s/1",
            budget: budget, outPath: "/out")
    }

    static func job(_ path: String, script: String = "print()") -> Job {
        Job(
            id: JobID(run: run, path: StepPath(path)), kind: .candidateEvaluation, script: Script(script),
            mount: Mount(manifest: hash, path: "/m"), seed: 1, cores: 1,
            limits: Limits(wall: .seconds(10), memoryBytes: 1 << 30, outputBytes: 1 << 20))
    }

    static func outcome(
        of job: Job, term: Int = 1, ending: Ending = .succeeded, submission: String? = "id,p\n1,0.5\n"
    ) -> Outcome {
        Outcome(
            job: job.id, term: LeaseTerm(rawValue: term), ending: ending,
            usage: Usage(wall: .milliseconds(1500), cpu: .seconds(1), peakMemoryBytes: 100), message: "m", log: "l",
            selfReported: 0.25, submission: submission.map { Array($0.utf8) }, environment: hash)
    }
}

extension Journal {
    /// A journal on disk in a folder, with one run entered.
    static func withRun(in folder: TemporaryFolder) throws -> Journal {
        let journal = try Journal(folder: folder.path)
        try journal.enter(Sample.newRun(), as: .running)
        return journal
    }
}

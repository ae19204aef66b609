public import Journal
public import Search
import Synchronization
import Tasks
public import Vocabulary

/// What a run step ends with: what the strategy sees, and where the submission lies.
public struct FinishedRun: Codable, Sendable {
    /// What the strategy sees.
    public let report: RunReport
    /// The submission as the script wrote it.
    public let submission: ContentHash?
    /// Whether the outcome of an equal job was used.
    public let isReused: Bool
}

extension JournaledLab {
    func execute(_ request: RunRequest, at path: StepPath) async throws -> FinishedRun {
        let job = Job(
            id: JobID(run: run, path: path), kind: request.kind, script: request.script,
            mount: examiner.mount(request.mount), seed: settings.seed, cores: settings.cores, limits: settings.limits)
        let (outcome, isReused) = try await outcome(of: job, at: path)
        let submission = try outcome.submission.map(journal.keep)
        let report = conclude(outcome, request, at: path)
        return FinishedRun(report: report, submission: submission, isReused: isReused)
    }

    private func outcome(of job: Job, at path: StepPath) async throws -> (Outcome, isReused: Bool) {
        if settings.reusesOutcomes, let environment, try journal.settlingOutcome(of: job.id) == nil,
            let known = try journal.reusableOutcome(for: job, environment: environment)
        {
            // What this run has trained itself was paid for when it ran.
            if known.job.run != run { budget.charge(known.usage.wall) }
            return (known, true)
        }
        let jobs = self.jobs
        switch try await budget.race(phase(of: path), { try await jobs.outcome(of: job) }) {
        case .success(let outcome): return (outcome, false)
        case .failure(let abandoned):
            let message = "no worker could run the script: \(abandoned.story.suffix(6).joined(separator: "; "))"
            let outcome = Outcome(
                job: job.id, term: .first, ending: .unavailable, usage: .none, message: message, log: "",
                selfReported: nil, submission: nil, environment: environment ?? job.mount.manifest)
            return (outcome, false)
        }
    }

    private func conclude(_ outcome: Outcome, _ request: RunRequest, at path: StepPath) -> RunReport {
        func report(score: Score?, failure: Failure?) -> RunReport {
            RunReport(
                score: score, failure: failure, wall: outcome.usage.wall, selfReported: outcome.selfReported)
        }
        guard outcome.ending == .succeeded, let bytes = outcome.submission else {
            return report(score: nil, failure: Failure(ending: outcome.ending, message: outcome.message))
        }
        do {
            let predictions = try examiner.check(bytes, from: request.mount)
            checked.withLock { $0[path] = predictions }
            guard case .search(let fold) = request.mount else { return report(score: nil, failure: nil) }
            return report(score: try examiner.score(predictions, on: .search, fold: fold), failure: nil)
        } catch {
            return report(score: nil, failure: Failure(ending: .invalidSubmission, message: "\(error)"))
        }
    }

    /// The checked predictions of a finished run step.
    func predictions(of path: StepPath, _ choice: MountChoice) throws -> Table {
        if let known = checked.withLock({ $0[path] }) { return known }
        guard let submission = try journal.finishedRun(at: path, of: run)?.submission,
            let bytes = try journal.blob(submission)
        else { throw LabError("step \(path) has no stored submission") }
        let predictions = try examiner.check(bytes, from: choice)
        checked.withLock { $0[path] = predictions }
        return predictions
    }

    /// The bytes of the submission to hand in: the refit's as checked, or the scored run's cut to the real test rows.
    public func deliverable(at path: StepPath) throws -> Table {
        guard phase(of: path) == .search else { return try predictions(of: path, .full) }
        return examiner.realSubmission(try predictions(of: path, .search(fold: 0)), fold: 0)
    }
}

extension Journal {
    /// What a run step ended with; `nil` while it is under way.
    public func finishedRun(at path: StepPath, of run: RunID) throws -> FinishedRun? {
        try storedAnswer(at: path, of: run, kind: .run)
    }
}

/// What the lab could not do, though it should have been able to.
struct LabError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

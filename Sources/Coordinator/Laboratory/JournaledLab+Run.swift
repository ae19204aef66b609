public import Journal
import Logging
public import Search
import Synchronization
import Tasks
public import Vocabulary

/// What a run step ends with: what the strategy sees, and where the submissions lie.
public struct FinishedRun: Codable, Sendable {
    /// What the strategy sees.
    public let report: RunReport
    /// The submission as the script wrote it, one per fold; `nil` where none was written.
    public let submissions: [ContentHash?]
    /// Whether the outcome of an equal job was used.
    public let isReused: Bool
    /// What it printed, where the request keeps that.
    public let output: String?
    /// The weakest sandbox that its attempts ran in; absent from runs of earlier versions.
    public let sandbox: Sandbox?
    /// What it left in `./model`, a gzipped tar archive; absent where nothing was kept.
    public let model: ContentHash?
    /// Its class probabilities beside labels, one per fold; absent from runs of earlier versions.
    public let probabilities: [ContentHash?]?
    /// Wall time charged to the run for outcomes of other runs; absent where it trained itself.
    public let charged: Duration?
    /// How long each of its jobs ran, those left out whose outcome was known; absent from runs of earlier versions.
    public let walls: [Duration]?
}

/// How a job ended, and where that is known from.
private struct EndedJob: Sendable {
    let outcome: Outcome
    /// Whether the outcome of an equal job was used.
    let isReused: Bool
    /// Whether another run trained it.
    let isOfOtherRun: Bool
}

extension JournaledLab {
    func execute(_ request: RunRequest, at path: StepPath) async throws -> FinishedRun {
        let jobs = self.jobs(for: request, at: path)
        let phase = phase(of: path)
        let ended = try await withThrowingTaskGroup(of: (Int, EndedJob).self) { group in
            for (fold, job) in jobs.enumerated() {
                group.addTask {
                    let ended = try await self.end(of: job, phase)
                    try self.witness?.ended(ended.outcome, of: job.id)
                    return (fold, ended)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        let outcomes = ended.map(\.outcome)
        let charged = charge(for: ended, of: request.kind, phase)
        return FinishedRun(
            report: conclude(outcomes, request, at: path),
            submissions: try outcomes.map { try $0.submission.map(journal.keep) },
            isReused: ended.allSatisfy(\.isReused), output: request.keepsOutput ? outcomes.first?.log : nil,
            sandbox: outcomes.map(\.sandbox).min(), model: try outcomes.first?.model.map(journal.keep),
            probabilities: try outcomes.map { try $0.probabilities.map(journal.keep) }, charged: charged,
            walls: ended.filter { !$0.isReused }.map(\.outcome.usage.wall))
    }

    /// Charges what other runs have trained; `nil` where there is nothing to charge.
    ///
    /// The final steps are free: their time was kept back to hand in what the search found.
    private func charge(for ended: [EndedJob], of kind: JobKind, _ phase: Budget.Phase) -> Duration? {
        let walls = ended.filter(\.isOfOtherRun).map(\.outcome.usage.wall)
        guard phase == .search, !walls.isEmpty else { return nil }
        let time = ChargedTime(plan: settings.plan, slots: settings.slots).time(of: kind, walls: walls)
        budget.charge(time)
        return time
    }

    /// One job per fold; a single one has the step's own name.
    private func jobs(for request: RunRequest, at path: StepPath) -> [Job] {
        let mounts = examiner.mounts(request.mount)
        return mounts.enumerated().map { fold, mount in
            let name = mounts.count == 1 ? path : path / "fold-\(fold + 1)"
            return Job(
                id: JobID(run: run, path: name), kind: request.kind, script: request.script, mount: mount,
                deliverable: examiner.deliverable(request.mount), seed: settings.seed, cores: settings.cores,
                limits: settings.limits,
                earlyStop: settings.stopsEarly == true ? EarlyStop(direction: examiner.task.direction) : nil,
                needs: settings.needs ?? Needs())
        }
    }

    private func end(of job: Job, _ phase: Budget.Phase) async throws -> EndedJob {
        if settings.reusesOutcomes, let environment, try journal.settlingOutcome(of: job.id) == nil,
            let known = try journal.reusableOutcome(for: job, environment: environment)
        {
            return EndedJob(
                outcome: known, isReused: known.job != job.id.backup, isOfOtherRun: known.job.run != run)
        }
        let jobs = self.jobs
        switch try await budget.race(phase, { try await jobs.outcome(of: job) }) {
        case .success(let outcome): return EndedJob(outcome: outcome, isReused: false, isOfOtherRun: false)
        case .failure(let abandoned):
            let story = abandoned.story.suffix(6).joined(separator: "; ")
            let message =
                abandoned.isQuarantined
                ? "worker after worker was lost while the script ran, so it is not run again: \(story)"
                : "no worker could run the script: \(story)"
            let ending: Ending = abandoned.isQuarantined ? .quarantined : .unavailable
            let outcome = Outcome(
                job: job.id, term: .first, ending: ending, usage: .none, message: message, log: "",
                selfReported: nil, submission: nil, environment: environment ?? job.mount.manifest)
            return EndedJob(outcome: outcome, isReused: false, isOfOtherRun: false)
        }
    }

    /// What the strategy sees: the score over all folds, or the first fold's failure.
    private func conclude(_ outcomes: [Outcome], _ request: RunRequest, at path: StepPath) -> RunReport {
        let wall = outcomes.map(\.usage.wall).max() ?? .zero
        let reported = outcomes.compactMap(\.selfReported)
        let selfReported = reported.count == outcomes.count ? reported.reduce(0, +) / Double(reported.count) : nil
        func report(_ score: Score?, _ failure: Failure?, _ suspicion: String? = nil) -> RunReport {
            RunReport(
                score: score, failure: failure, wall: wall, selfReported: selfReported, suspicion: suspicion)
        }
        let isGood: (Outcome) -> Bool = { $0.ending == .succeeded || (request.keepsOutput && $0.ending == .noScore) }
        if let failed = outcomes.first(where: { !isGood($0) }) {
            return report(nil, Failure(ending: failed.ending, message: failed.message))
        }
        do {
            guard examiner.deliverable(request.mount) == .submission else {
                return report(
                    selfReported.flatMap { Score($0, rowCount: 0, evaluation: .selfReported) }, nil)
            }
            let predictions = try outcomes.enumerated().map { fold, outcome in
                try examiner.check(outcome.submission ?? [], request.mount, fold: fold)
            }
            for (outcome, table) in zip(outcomes, predictions) {
                do { _ = try examiner.classShares(outcome.probabilities, beside: table) } catch {
                    logger.warning(
                        "final/probabilities.csv is not used, the labels count: \(error)", metadata: ["step": "\(path)"]
                    )
                }
            }
            let sandbox = outcomes.map(\.sandbox).min() ?? .none
            submissions.keep(.init(tables: predictions, mount: request.mount, sandbox: sandbox), of: path)
            guard request.mount == .search else { return report(nil, nil) }
            let score = try examiner.score(predictions, on: .search, sandbox: sandbox)
            let suspicion = examiner.suspicion(selfReported: selfReported, score)
            if let suspicion { logger.warning("\(suspicion)", metadata: ["step": "\(path)"]) }
            return report(score, nil, suspicion)
        } catch {
            return report(nil, Failure(ending: .invalidSubmission, message: "\(error)"))
        }
    }
}

extension Journal {
    /// What a run step ended with; `nil` while it is under way.
    public func finishedRun(at path: StepPath, of run: RunID) throws -> FinishedRun? {
        try storedAnswer(at: path, of: run, kind: .run)
    }
}

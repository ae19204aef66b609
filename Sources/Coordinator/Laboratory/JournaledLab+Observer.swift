import Journal
public import Search
import Tasks
public import Vocabulary

extension JournaledLab: Observer {
    /// Compares two scored runs; where scores are self-reported, by their scores alone.
    public func compare(_ observation: CompareRuns) async throws -> PairedComparison {
        if case .selfReported = examiner.basis { return try compareReported(observation) }
        let candidate = try submissions.predictions(of: observation.candidate).tables
        let base = try submissions.predictions(of: observation.base).tables
        guard let comparison = try examiner.compare(candidate, with: base, on: observation.parts) else {
            throw LabError("\(observation.candidate) and \(observation.base) have no rows to compare")
        }
        return comparison
    }

    /// Scores runs on the judge part; one that cannot be scored there is a failure. Where scores are self-reported there
    /// is no judge part, and the reported scores stand.
    public func judge(_ observation: JudgeRuns) async throws -> [Standing] {
        observation.finalists.map { path in
            do {
                return .scored(try judgeScore(of: path))
            } catch {
                return .failed(Failure(ending: .noScore, message: "\(error)"))
            }
        }
    }

    /// Measures how far a refit and its scored run agree on the real test rows.
    public func agreement(_ observation: MeasureAgreement) async throws -> Double? {
        let refit = try submissions.predictions(of: observation.refit).tables[0]
        return examiner.agreement(refit, try submissions.deliverable(at: observation.scored))
    }

    /// What a run that keeps its output printed.
    public func output(_ observation: ReadOutput) async throws -> String {
        try journal.finishedRun(at: observation.run, of: run)?.output ?? ""
    }

    /// Chooses the shares of stored predictions and scores the ensemble.
    public func combine(_ observation: CombineRuns) async throws -> Combination {
        let members = try submissions.members(observation.runs)
        let weights = try examiner.weights(of: members, by: observation.method, limit: observation.limit)
        let tables = try examiner.combined(members, by: weights)
        return Combination(
            runs: observation.runs, weights: weights.weights, crossFitted: weights.crossFitted,
            standing: standing(of: tables, sandbox: try submissions.weakestSandbox(of: observation.runs)),
            script: try ensembleScript(of: observation.runs, weights: weights.weights))
    }

    /// Chooses the shares of an ensemble's members on all held-out rows.
    public func reweigh(_ observation: ReweighMembers) async throws -> MemberShares {
        let weights = try examiner.finalWeights(of: try submissions.members(observation.members))
        return MemberShares(
            weights: weights, script: try ensembleScript(of: observation.members, weights: weights))
    }

    private func ensembleScript(of runs: [StepPath], weights: [Double]) throws -> Script {
        let members = try zip(runs, weights).filter { $0.1 > 0 }.map { path, weight in
            guard let request: RunRequest = try journal.storedRequest(at: path, of: run) else {
                throw LabError("step \(path) ran no script")
            }
            return EnsembleScript.Member(name: path, script: request.script, weight: weight)
        }
        return EnsembleScript(members: members, task: examiner.task).script
    }

    /// Combines the predictions of runs on all rows, to see that it can be done; they are combined again when asked for.
    public func blend(_ observation: BlendRefits) async throws -> Blending {
        let refits = try submissions.members(observation.blending.members)
        _ = try examiner.blended(refits, weights: observation.blending.weights)
        return observation.blending
    }

    private func standing(of tables: [Table], sandbox: Sandbox) -> Standing {
        do {
            if let score = try examiner.score(tables, on: .search, sandbox: sandbox) { return .scored(score) }
            return .failed(Failure(ending: .noScore, message: "scores are self-reported"))
        } catch {
            return .failed(Failure(ending: .invalidSubmission, message: "\(error)"))
        }
    }

    func judgeScore(of path: StepPath) throws -> Score {
        if case .selfReported = examiner.basis { return try reportedScore(of: path) }
        let predictions = try submissions.predictions(of: path)
        guard let score = try examiner.score(predictions.tables, on: .judge, sandbox: predictions.sandbox) else {
            throw LabError("step \(path) cannot be judged")
        }
        return score
    }

    private func compareReported(_ observation: CompareRuns) throws -> PairedComparison {
        let candidate = try reportedScore(of: observation.candidate)
        let base = try reportedScore(of: observation.base)
        let improvement = examiner.task.direction.improvement(of: candidate.value, over: base.value)
        return PairedComparison(
            probabilityBetter: improvement > 0 ? 1 : (improvement < 0 ? 0 : 0.5), improvement: improvement,
            standardError: 0, rowCount: 0)
    }

    private func reportedScore(of path: StepPath) throws -> Score {
        guard let score = try journal.finishedRun(at: path, of: run)?.report.score else {
            throw LabError("step \(path) has no score")
        }
        return score
    }
}

import Journal
public import Search
import Tasks
public import Vocabulary

extension JournaledLab: Observer {
    /// Compares two scored runs on the search part; where scores are self-reported, by their scores alone.
    public func compare(_ observation: CompareRuns) async throws -> PairedComparison {
        if case .selfReported = examiner.basis { return try compareReported(observation) }
        let candidate = try submissions.predictions(of: observation.candidate)
        let base = try submissions.predictions(of: observation.base)
        guard let comparison = try examiner.compare(candidate, with: base) else {
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
        let refit = try submissions.predictions(of: observation.refit)[0]
        guard let scored = try? submissions.deliverable(at: observation.scored) else { return nil }
        return examiner.agreement(refit, scored)
    }

    func judgeScore(of path: StepPath) throws -> Score {
        if case .selfReported = examiner.basis { return try reportedScore(of: path) }
        guard let score = try examiner.score(try submissions.predictions(of: path), on: .judge) else {
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

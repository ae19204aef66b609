public import Search
import Tasks
public import Vocabulary

extension JournaledLab: Observer {
    /// Compares two scored runs on the search part.
    public func compare(_ observation: CompareRuns) async throws -> PairedComparison {
        let candidate = try predictions(of: observation.candidate, .search(fold: 0))
        let base = try predictions(of: observation.base, .search(fold: 0))
        return try examiner.compare(candidate, with: base, fold: 0)
    }

    /// Scores runs on the judge part; one that cannot be scored there is a failure.
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
        let refit = try predictions(of: observation.refit, .full)
        return examiner.agreement(refit, try deliverable(at: observation.scored))
    }

    func judgeScore(of path: StepPath) throws -> Score {
        try examiner.score(try predictions(of: path, .search(fold: 0)), on: .judge, fold: 0)
    }
}

public import Vocabulary

/// What a search ends with.
public struct Finish: Codable, Hashable, Sendable {
    /// The winner, as it was scored.
    public let solution: Solution
    /// Its score on the judge part, when it could be had.
    public let judged: Standing?
    /// The step whose submission is handed in: the refit's or the scored run's.
    public let submission: StepPath
    /// Why that one, in a sentence.
    public let reason: String

    /// An end.
    public init(solution: Solution, judged: Standing?, submission: StepPath, reason: String) {
        self.solution = solution
        self.judged = judged
        self.submission = submission
        self.reason = reason
    }
}

extension MLEStar {
    /// Chooses among the finalists on the judge part and refits the winner on all rows.
    ///
    /// - Parameter solutions: with a score, best first.
    func finish(_ solutions: [Solution]) async throws -> Finish? {
        let finalists = Array(solutions.filter { $0.standing.score != nil }.prefix(plan.finalists))
        guard let first = finalists.first else { return nil }
        let here = try await lab.finishPath(for: finalists.map(\.path))
        guard finalists.count > 1 else { return try await submit(first, judged: nil, at: here) }
        let judged = try await lab.observe(JudgeRuns(finalists: finalists.map(\.path)), at: here / "judge")
        let winner = judged.indices.reduce(0) { judged[$1].isBetter(than: judged[$0], by: direction) ? $1 : $0 }
        let reason = "best of \(finalists.count) finalists on the judge part"
        try await lab.note(Decision(.chosen, reason: reason), at: here / "choice")
        return try await submit(finalists[winner], judged: judged[winner], at: here)
    }

    /// Refits the winner on all rows; the scored run's submission stands when that fails or disagrees.
    private func submit(_ winner: Solution, judged: Standing?, at here: StepPath) async throws -> Finish {
        func end(_ submission: StepPath, _ reason: String) -> Finish {
            Finish(solution: winner, judged: judged, submission: submission, reason: reason)
        }
        let request = RunRequest(kind: .submission, script: winner.script, mount: .full)
        let path = here / "refit"
        guard let refit = try await withinBudget({ try await lab.run(request, at: path) }) else {
            return end(winner.path, "no time was left to refit the winner on all rows")
        }
        if let failure = refit.failure {
            return end(winner.path, "the refit on all rows failed (\(failure.ending))")
        }
        let observation = MeasureAgreement(refit: path, scored: winner.path)
        guard let agreement = try await lab.observe(observation, at: here / "agreement") else {
            return end(path, "the winner was refitted on all rows; agreement could not be measured")
        }
        guard agreement >= plan.refitAgreement else {
            return end(winner.path, "the refit on all rows disagrees with the scored run (\(agreement))")
        }
        return end(path, "the winner was refitted on all rows and agrees with the scored run (\(agreement))")
    }
}

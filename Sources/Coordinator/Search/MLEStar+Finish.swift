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
        guard let first = finalists.first(where: { $0.suspicion == nil }) ?? finalists.first else { return nil }
        let paths = finalists.map(\.path)
        let seen = try await withinBudget {
            let here = try await lab.finishPath(for: paths)
            return (here, try await lab.observe(JudgeRuns(finalists: paths), at: here / "judge"))
        }
        guard let (here, judged) = seen else {
            let reason = "no time was left to judge the finalists: best of \(finalists.count) on the search part"
            return Finish(solution: first, judged: nil, submission: first.path, reason: reason)
        }
        let confirmed = judged.indices.filter { isConfirmed(finalists[$0], by: judged[$0]) }
        // Where nothing is confirmed, the best of what there is wins, and the reason says so.
        let eligible = confirmed.isEmpty ? Array(judged.indices) : confirmed
        let winner = eligible.dropFirst().reduce(eligible[0]) {
            judged[$1].isBetter(than: judged[$0], by: direction) ? $1 : $0
        }
        let doubt = finalists[winner].suspicion.map { "; beware: \($0)" } ?? ""
        let reason = "best of \(finalists.count) finalists on the judge part\(confirmed.isEmpty ? doubt : "")"
        try await withinBudget { try await lab.note(Decision(.chosen, reason: reason), at: here / "choice") }
        return try await submit(finalists[winner], judged: judged[winner], at: here)
    }

    /// A solution under suspicion counts only when the judge part bears its score out, within three standard errors.
    private func isConfirmed(_ solution: Solution, by judged: Standing) -> Bool {
        guard solution.suspicion != nil else { return true }
        guard let seen = solution.standing.score, let score = judged.score else { return false }
        let shortfall = direction.improvement(of: seen.value, over: score.value)
        return shortfall <= 3 * (score.standardError ?? 0)
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
        let measured = try await withinBudget { try await lab.observe(observation, at: here / "agreement") }
        guard let measured else {
            return end(winner.path, "no time was left to compare the refit on all rows with the scored run")
        }
        guard let agreement = measured else {
            return end(path, "the winner was refitted on all rows; agreement could not be measured")
        }
        guard agreement >= plan.refitAgreement else {
            return end(winner.path, "the refit on all rows disagrees with the scored run (\(toThreeDigits(agreement)))")
        }
        return end(
            path, "the winner was refitted on all rows and agrees with the scored run (\(toThreeDigits(agreement)))")
    }
}

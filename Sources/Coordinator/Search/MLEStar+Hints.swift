import Vocabulary

extension MLEStar {
    /// Tries models that people named while the search ran: a first script each, merged into the best one where that helps.
    func adopt(_ cards: [ModelCard], on branch: inout Branch, at here: StepPath) async throws {
        for (index, card) in cards.enumerated() {
            guard let candidate = try await candidate(of: card, at: here / "hinted-\(index + 1)"),
                candidate.standing.score != nil
            else { continue }
            branch.enter([candidate])
            guard let base = branch.best else {
                branch.best = candidate
                continue
            }
            let step = here / "hinted-merge-\(index + 1)"
            let merged = try await merge(base, with: candidate, at: step)
            branch.enter([merged].compactMap { $0 })
            _ = try await adopt(merged, over: base, from: plan.mergeAcceptance, on: &branch, at: step)
        }
    }

    /// Makes a changed script the best one if it is no worse with this probability; says whether it is.
    func adopt(
        _ changed: Solution?, over base: Solution, from acceptance: Double, on branch: inout Branch, at here: StepPath
    ) async throws -> Bool {
        branch.waiting = Branch.Waiting(scripts: [changed].compactMap { $0 }, acceptance: acceptance)
        let accepted = try await accept(changed, over: base, from: acceptance, at: here)
        branch.waiting = nil
        if let accepted { branch.best = accepted }
        return accepted != nil
    }
}

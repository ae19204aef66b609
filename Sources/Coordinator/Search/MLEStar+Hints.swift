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
            _ = try await adopt(merged, over: base, on: &branch, at: step)
        }
    }

    /// Makes a merge the best script if it is no worse; says whether it is.
    func adopt(
        _ merged: Solution?, over base: Solution, on branch: inout Branch, at here: StepPath
    ) async throws -> Bool {
        branch.waiting = Branch.Waiting(scripts: [merged].compactMap { $0 }, acceptance: plan.mergeAcceptance)
        let accepted = try await accept(merged, over: base, from: plan.mergeAcceptance, at: here)
        branch.waiting = nil
        if let accepted { branch.best = accepted }
        return accepted != nil
    }
}

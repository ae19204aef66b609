import Vocabulary

extension MLEStar {
    /// Algorithm 1: a first script per model card, the best one merged with the others as long as that helps.
    ///
    /// - Parameter branch: its `best` stays `nil` when no first script got a score.
    func initial(
        _ number: Int, knowing summary: String?, on branch: inout Branch, at here: StepPath
    ) async throws {
        let request = RetrieveModels(count: plan.candidates, solution: number, summary: summary)
        let retrieved = try await lab.ask(request, at: here / "cards").answer ?? []
        let added = guidance.cards(for: number, of: plan.solutions)
        // A person's recipe is in the playbook's catalogue, too: it is not tried twice.
        let cards = retrieved.filter { card in !added.contains { $0.name == card.name } } + added
        let first = await together(cards) { index, card in
            try await candidate(of: card, at: here / "candidate-\(index + 1)")
        }
        let (scripts, isComplete) = try first.finished()
        let candidates = scripts.compactMap { $0 }.filter { $0.standing.score != nil }.ranked(by: direction)
        branch.enter(candidates)
        branch.best = candidates.first
        guard isComplete else { throw Signal.outOfBudget }
        for (index, reference) in candidates.dropFirst().enumerated() {
            guard let base = branch.best else { return }
            let step = here / "merge-\(index + 1)"
            let merged = try await merge(base, with: reference, at: step)
            branch.enter([merged].compactMap { $0 })
            // The paper stops at the first merge that does not help.
            guard try await adopt(merged, over: base, from: plan.mergeAcceptance, on: &branch, at: step) else { return }
        }
    }

    /// The data-usage step: a script that leaves something unused is replaced by one that uses it, if that is no worse
    /// (MLE-STAR A_data; the paper does not compare). Equal scores pass, whatever merges need: that given data is used is
    /// the purpose of the step.
    func checkDataUsage(of solution: Solution, on branch: inout Branch, at here: StepPath) async throws {
        let request = CheckDataUsage(script: solution.script)
        guard case .revised(let script)? = try await lab.ask(request, at: here / "answer").answer else { return }
        let revised = try await evaluate(script, as: .parallelSolution, at: here)
        branch.enter([revised])
        _ = try await adopt(revised, over: solution, from: 0.5, on: &branch, at: here)
    }

    func candidate(of card: ModelCard, at here: StepPath) async throws -> Solution? {
        guard let script = try await lab.ask(WriteCandidate(card: card), at: here / "script").answer else { return nil }
        return try await evaluate(script, as: .candidateEvaluation, at: here)
    }

    func merge(_ base: Solution, with reference: Solution, at here: StepPath) async throws -> Solution? {
        let request = MergeSolutions(base: base.script, reference: reference.script)
        guard let script = try await lab.ask(request, at: here / "script").answer else { return nil }
        return try await evaluate(script, as: .parallelSolution, at: here)
    }
}

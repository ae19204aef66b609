import Vocabulary

extension MLEStar {
    /// Algorithm 1: a first script per model card, the best one merged with the others as long as that helps.
    ///
    /// - Returns: the best script with a score; `nil` when no first script got one.
    func initial(_ number: Int, at here: StepPath) async throws -> Solution? {
        let request = RetrieveModels(count: plan.candidates, solution: number)
        guard let cards = try await lab.ask(request, at: here / "cards").answer else { return nil }
        let first = await together(cards) { index, card in
            try await candidate(of: card, at: here / "candidate-\(index + 1)")
        }
        let candidates = try first.finished().filter { $0.standing.score != nil }.ranked(by: direction)
        guard var best = candidates.first else { return nil }
        for (index, reference) in candidates.dropFirst().enumerated() {
            let step = here / "merge-\(index + 1)"
            let accepted = try await withinBudget {
                let merged = try await merge(best, with: reference, at: step)
                return try await accept(merged, over: best, at: step)
            }
            // The paper stops at the first merge that does not help.
            guard let accepted = accepted ?? nil else { break }
            best = accepted
        }
        return best
    }

    /// The data-usage step: a script that leaves something unused is replaced by one that uses it, if that is not worse.
    func checkDataUsage(_ solution: Solution, at here: StepPath) async throws -> Solution {
        let revised = try await withinBudget { () async throws -> Solution? in
            guard
                case .revised(let script)? = try await lab.ask(
                    CheckDataUsage(script: solution.script), at: here / "answer"
                ).answer
            else { return nil }
            return try await evaluate(script, as: .parallelSolution, at: here)
        }
        guard let revised = revised ?? nil, !solution.standing.isBetter(than: revised.standing, by: direction) else {
            return solution
        }
        return revised
    }

    private func candidate(of card: ModelCard, at here: StepPath) async throws -> Solution? {
        guard let script = try await lab.ask(WriteCandidate(card: card), at: here / "script").answer else { return nil }
        return try await evaluate(script, as: .candidateEvaluation, at: here)
    }

    private func merge(_ base: Solution, with reference: Solution, at here: StepPath) async throws -> Solution? {
        let request = MergeSolutions(base: base.script, reference: reference.script)
        guard let script = try await lab.ask(request, at: here / "script").answer else { return nil }
        return try await evaluate(script, as: .parallelSolution, at: here)
    }
}

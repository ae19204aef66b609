import Vocabulary

extension MLEStar {
    /// Algorithm 3: scripts that combine the solutions, each made from what the plans before it came to.
    ///
    /// - Returns: those with a score, in the order they were made; none with fewer than two solutions.
    func ensembles(of branches: [Branch]) async throws -> [Solution] {
        let solutions = branches.compactMap(\.best).filter { $0.standing.score != nil }.ranked(by: direction)
        guard plan.ensemble == .agent, solutions.count > 1 else { return [] }
        let scripts = solutions.map(\.script)
        var made: [Solution] = []
        try await withinBudget {
            var history: [EnsembleTry] = []
            for round in 0..<plan.ensembleRounds {
                let here = StepPath.root / "ensemble" / "round-\(round + 1)"
                let request = PlanEnsemble(scripts: scripts, history: history, direction: direction)
                guard let idea = try await lab.ask(request, at: here / "plan").answer else { return }
                let script = try await lab.ask(WriteEnsemble(scripts: scripts, plan: idea), at: here / "script").answer
                guard let script else {
                    history.append(EnsembleTry(plan: idea, score: nil, failure: "the plan was not carried out"))
                    continue
                }
                let solution = try await evaluate(script, as: .ensemble, at: here)
                made.append(solution)
                history.append(remembered(idea, solution))
            }
        }
        return made.filter { $0.standing.score != nil }
    }

    private func remembered(_ idea: String, _ solution: Solution) -> EnsembleTry {
        switch solution.standing {
        case .scored(let score): EnsembleTry(plan: idea, score: score.value, failure: nil)
        case .failed(let failure): EnsembleTry(plan: idea, score: nil, failure: "\(failure.ending)")
        }
    }
}

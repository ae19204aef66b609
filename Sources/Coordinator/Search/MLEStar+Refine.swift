import Vocabulary

extension MLEStar {
    /// Algorithm 2: find by ablation the block that matters, refine it again and again, keep what helps.
    func refine(_ start: Solution, at here: StepPath) async throws -> Solution {
        var best = start
        var studies: [AblationStudy] = []
        var refined: [String] = []
        for outer in 0..<plan.outerSteps {
            let step = here / "outer-\(outer + 1)"
            let next = try await withinBudget { () async throws -> OuterStep? in
                let study = try await ablate(best, knowing: studies, at: step / "ablation")
                let request = ExtractTarget(script: best.script, study: study, refined: refined)
                guard let target = try await lab.ask(request, at: step / "target").answer else { return nil }
                return OuterStep(study: study, target: target)
            }
            guard let next else { return best }
            guard let next else {
                try await lab.note(Decision(.skipped, reason: "no block to refine was found"), at: step / "decision")
                continue
            }
            best = try await improve(best, target: next.target, at: step)
            studies += [next.study].compactMap { $0 }
            refined.append(next.target.block)
        }
        return best
    }

    /// The inner loop: plans for one block, each carried out on the script the outer step began with.
    private func improve(_ base: Solution, target: TargetBlock, at here: StepPath) async throws -> Solution {
        var history: [RefinementTry] = []
        var tried: [Solution] = []
        for inner in 0..<plan.innerSteps {
            let step = here / "inner-\(inner + 1)"
            let made = try await withinBudget {
                let plans = try await plans(for: target, after: history, at: step / "plan")
                let attempts = await together(plans) { index, plan in
                    try await attempt(plan, on: target, of: base, at: step / "try-\(index + 1)")
                }
                return (plans, try attempts.finished(), attempts)
            }
            guard let (plans, solutions, attempts) = made, !plans.isEmpty else { break }
            tried += solutions
            history += zip(plans, attempts).map { plan, attempt in remembered(plan, attempt, over: base) }
        }
        guard let winner = tried.ranked(by: direction).first else { return base }
        return (try await withinBudget { try await accept(winner, over: base, at: here) ?? base }) ?? base
    }

    /// The first plan comes with the target, later ones from what was tried.
    private func plans(
        for target: TargetBlock, after history: [RefinementTry], at here: StepPath
    ) async throws -> [String] {
        let first = history.isEmpty ? [target.plan] : []
        let wanted = plan.plansAtOnce - first.count
        guard wanted > 0 else { return first }
        let known = history + first.map { RefinementTry(plan: $0, improvement: nil, failure: nil, wall: .zero) }
        let request = PlanRefinement(block: target.block, history: known, count: wanted)
        return first + (try await lab.ask(request, at: here).answer ?? [])
    }

    /// One try; `nil` when the plan could not be carried out or changes nothing.
    private func attempt(
        _ plan: String, on target: TargetBlock, of base: Solution, at here: StepPath
    ) async throws -> Solution? {
        let request = RefineBlock(block: target.block, plan: plan)
        guard let block = try await lab.ask(request, at: here / "block").answer else { return nil }
        switch base.script.edited(target.block, to: block) {
        case .edited(let script):
            return try await evaluate(script, as: .parallelSolution, at: here)
        case .unchanged:
            return nil
        case .impossible(let reason):
            try await lab.note(Decision(.skipped, reason: reason), at: here / "decision")
            return nil
        }
    }

    private func remembered(
        _ plan: String, _ attempt: Result<Solution?, any Error>, over base: Solution
    ) -> RefinementTry {
        guard case .success(let solution?) = attempt else {
            return RefinementTry(plan: plan, improvement: nil, failure: "the plan was not carried out", wall: .zero)
        }
        switch (solution.standing, base.standing) {
        case (.scored(let score), .scored(let before)):
            let improvement = direction.improvement(of: score.value, over: before.value)
            return RefinementTry(plan: plan, improvement: improvement, failure: nil, wall: solution.wall)
        case (.failed(let failure), _):
            return RefinementTry(plan: plan, improvement: nil, failure: "\(failure.ending)", wall: solution.wall)
        case (.scored, .failed):
            return RefinementTry(plan: plan, improvement: nil, failure: nil, wall: solution.wall)
        }
    }
}

/// What an outer step begins with.
private struct OuterStep {
    let study: AblationStudy?
    let target: TargetBlock
}

import Vocabulary

extension MLEStar {
    /// Algorithm 2: find by ablation the block that matters, refine it again and again, keep what helps.
    ///
    /// - Parameter branch: has a best script, which is kept up to date from outer step to outer step.
    func refine(_ number: Int, on branch: inout Branch, at here: StepPath) async throws {
        var studies: [AblationStudy] = []
        var refined: [String] = []
        for outer in 0..<plan.outerSteps {
            let step = here / "outer-\(outer + 1)"
            try await branch.hints.look(in: lab, at: step / "hints")
            try await adopt(branch.hints.takeCards(), on: &branch, at: step)
            guard let base = branch.best else { return }
            let wanted = branch.hints.takeTarget() ?? guidance.target
            guard let target = try await target(in: base, wanted, knowing: &studies, avoiding: refined, at: step)
            else {
                try await lab.note(Decision(.skipped, reason: "no block to refine was found"), at: step / "decision")
                continue
            }
            branch.best = try await improve(base, of: number, target: target, on: &branch, at: step)
            refined.append(target.block)
        }
    }

    /// The block to refine next: where a person says so, else where an ablation does.
    private func target(
        in base: Solution, _ instruction: String?, knowing studies: inout [AblationStudy], avoiding refined: [String],
        at here: StepPath
    ) async throws -> TargetBlock? {
        if let instruction {
            let request = ExtractTarget(
                script: base.script, study: nil, refined: refined, instruction: instruction)
            if let target = try await lab.ask(request, at: here / "instructed-target").answer { return target }
        }
        let study = try await ablate(base, knowing: studies, at: here / "ablation")
        studies += [study].compactMap { $0 }
        let request = ExtractTarget(script: base.script, study: study, refined: refined)
        return try await lab.ask(request, at: here / "target").answer
    }

    /// The inner loop: plans for one block, each carried out on the script the outer step began with.
    private func improve(
        _ base: Solution, of number: Int, target: TargetBlock, on branch: inout Branch, at here: StepPath
    ) async throws -> Solution {
        let findings =
            plan.solutions > 1 && plan.innerSteps * plan.plansAtOnce > 1
            ? try await lab.observe(GatherFindings(solution: number), at: here / "findings") : []
        var history: [RefinementTry] = []
        branch.waiting = Branch.Waiting(scripts: [], acceptance: plan.acceptance)
        for inner in 0..<plan.innerSteps {
            let step = here / "inner-\(inner + 1)"
            try await branch.hints.look(in: lab, at: step / "hints")
            let plans =
                branch.hints.takePlans()
                + (try await plans(for: target, after: history, knowing: findings, at: step / "plan"))
            guard !plans.isEmpty else { break }
            let (attempts, isComplete) = try await together(plans) { index, plan in
                try await attempt(plan, on: target, of: base, at: step / "try-\(index + 1)")
            }.finished()
            let ran = attempts.compactMap(\.solution)
            branch.enter(ran)
            branch.waiting?.scripts += ran
            guard isComplete else { throw Signal.outOfBudget }
            history += zip(plans, attempts).map { plan, attempt in remembered(plan, attempt, over: base) }
        }
        let winner = branch.waiting?.scripts.ranked(by: direction).first
        let better = winner == nil ? nil : try await accept(winner, over: base, from: plan.acceptance, at: here)
        branch.waiting = nil
        return better ?? base
    }

    /// The first plan comes with the target, later ones from what was tried.
    private func plans(
        for target: TargetBlock, after history: [RefinementTry], knowing findings: [Finding], at here: StepPath
    ) async throws -> [String] {
        let first = history.isEmpty ? [target.plan] : []
        let wanted = plan.plansAtOnce - first.count
        guard wanted > 0 else { return first }
        let known = history + first.map { RefinementTry(plan: $0, improvement: nil, failure: nil, wall: .zero) }
        let request = PlanRefinement(block: target.block, history: known, count: wanted, findings: findings)
        return first + (try await lab.ask(request, at: here).answer ?? [])
    }

    /// What came of a plan.
    private enum Attempt: Sendable {
        case ran(Solution)
        /// The script stayed as it was, so its score stands and nothing was run.
        case unchanged
        case notCarriedOut

        var solution: Solution? { if case .ran(let solution) = self { solution } else { nil } }
    }

    private func attempt(
        _ plan: String, on target: TargetBlock, of base: Solution, at here: StepPath
    ) async throws -> Attempt {
        let request = RefineBlock(block: target.block, plan: plan)
        guard let block = try await lab.ask(request, at: here / "block").answer else { return .notCarriedOut }
        let edit = base.script.edited(target.block, to: block)
        if case .edited(let script) = edit {
            return .ran(try await evaluate(script, as: .parallelSolution, at: here))
        }
        try await lab.note(Decision(.skipped, reason: edit.defect ?? ""), at: here / "decision")
        return edit == .unchanged ? .unchanged : .notCarriedOut
    }

    private func remembered(_ plan: String, _ attempt: Attempt, over base: Solution) -> RefinementTry {
        switch attempt {
        case .ran(let solution): remembered(plan, solution, over: base)
        case .unchanged: RefinementTry(plan: plan, improvement: 0, failure: nil, wall: .zero)
        case .notCarriedOut:
            RefinementTry(plan: plan, improvement: nil, failure: "the plan was not carried out", wall: .zero)
        }
    }

    private func remembered(_ plan: String, _ solution: Solution, over base: Solution) -> RefinementTry {
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

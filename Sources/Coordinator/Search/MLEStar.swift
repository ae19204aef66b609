public import Vocabulary

/// The search of MLE-STAR (arXiv 2506.15692): candidates from model cards, merged, refined block by block where an
/// ablation says it matters, on several solutions side by side; then combined, and trained once more on all rows.
///
/// Straight-line code: whatever it learns of the world comes through its `Lab`, so that the same answers give the same
/// steps, whichever run finishes first.
public struct MLEStar: Sendable {
    let lab: any Lab
    let plan: SearchPlan
    let direction: Direction
    let mode: EvaluationMode
    let guidance: Guidance

    /// A search by `plan` for scores that get better in `direction`.
    public init(
        lab: any Lab, plan: SearchPlan, direction: Direction, mode: EvaluationMode = .hidden,
        guidance: Guidance = Guidance()
    ) {
        self.lab = lab
        self.plan = plan
        self.direction = direction
        self.mode = mode
        self.guidance = guidance
    }

    /// Searches until the plan is done or the budget ends.
    ///
    /// - Returns: the winner; `nil` when no script got a score.
    /// - Throws: `Signal.cancelled`, or what the lab throws when the journal fails. A failed branch is no error.
    public func search() async throws -> Finish? {
        let asked = try await withinBudget { try await lab.ask(SummarizeTask(), at: .root / "task-summary") }
        guard let summary = asked else { return nil }
        let branches = try await together(Array(1...plan.solutions)) { _, number in
            try await solve(number, knowing: summary.answer, at: .root / "solution-\(number)")
        }.complete()
        // What an ensemble is asked depends on every solution: a search that is resumed would ask something else.
        let ensembles = branches.allSatisfy(\.isComplete) ? try await ensembles(of: branches) : []
        return try await finish(branches, ensembles: ensembles)
    }

    /// One of the parallel solutions: the best of its first scripts and merges, refined.
    ///
    /// Whatever step the budget ends at, nothing more is asked here, even if there is room again a moment later: what
    /// would be asked without that step's answer is not what a resumed search asks.
    private func solve(_ number: Int, knowing summary: String?, at here: StepPath) async throws -> Branch {
        var branch = Branch()
        let end: Void? = try await withinBudget {
            try await initial(number, knowing: summary, on: &branch, at: here)
            guard let start = branch.best else { return }
            try await checkDataUsage(of: start, on: &branch, at: here / "data-usage")
            try await refine(number, on: &branch, at: here)
        }
        branch.isComplete = end != nil
        return branch
    }
}

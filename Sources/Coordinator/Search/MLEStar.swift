public import Vocabulary

/// The search of MLE-STAR (arXiv 2506.15692): candidates from model cards, merged, refined block by block where an
/// ablation says it matters, on several solutions side by side; the best one is refitted on all rows.
///
/// Straight-line code: whatever it learns of the world comes through its `Lab`, so that the same answers give the same
/// steps, whichever run finishes first.
public struct MLEStar: Sendable {
    let lab: any Lab
    let plan: SearchPlan
    let direction: Direction

    /// A search by `plan` for scores that get better in `direction`.
    public init(lab: any Lab, plan: SearchPlan, direction: Direction) {
        self.lab = lab
        self.plan = plan
        self.direction = direction
    }

    /// Searches until the plan is done or the budget ends.
    ///
    /// - Returns: the winner; `nil` when no script got a score.
    /// - Throws: `Signal.cancelled`, or what the lab throws when the journal fails. A failed branch is no error.
    public func search() async throws -> Finish? {
        let branches = await together(Array(1...plan.solutions)) { _, number in
            try await solve(number, at: .root / "solution-\(number)")
        }
        return try await finish(try branches.complete().compactMap { $0 }.ranked(by: direction))
    }

    /// One of the parallel solutions: the best of its first scripts and merges, refined.
    ///
    /// Whatever step the budget ends at, nothing more is asked here, even if there is room again a moment later: what
    /// would be asked without that step's answer is not what a resumed search asks.
    private func solve(_ number: Int, at here: StepPath) async throws -> Solution? {
        var best: Solution?
        try await withinBudget {
            try await initial(number, keeping: &best, at: here)
            guard let start = best else { return }
            let whole = try await checkDataUsage(start, at: here / "data-usage")
            best = whole
            try await refine(whole, keeping: &best, at: here)
        }
        return best
    }
}

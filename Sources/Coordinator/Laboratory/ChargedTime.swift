public import Journal
import Search
public import Vocabulary

/// What outcomes that are used again cost a run: the wall time it would have taken to get them.
struct ChargedTime {
    let plan: SearchPlan
    /// Jobs that run at once.
    let slots: Int

    /// The time of one step of the search.
    ///
    /// A step that takes 30 s on each of three folds costs 45 s on two slots, where it runs alone; with six steps of its
    /// kind at once it costs 45 s, too, as slots are short then; on 18 slots these six cost 5 s each.
    ///
    /// - Parameter walls: recorded wall times of the outcomes used again, one per fold.
    func time(of kind: JobKind, walls: [Duration]) -> Duration {
        let work = walls.reduce(.zero, +) / Double(max(1, slots))
        // Folds run side by side, so alone the step takes as long as its longest.
        return max(work, (walls.max() ?? .zero) / Double(stepsAtOnce(of: kind)))
    }

    /// Steps of a kind that the search has under way at once.
    private func stepsAtOnce(of kind: JobKind) -> Int {
        switch kind {
        case .candidateEvaluation: max(1, plan.solutions * plan.candidates)
        case .ablation: max(1, plan.solutions * plan.ablationVariants)
        case .parallelSolution: max(1, plan.solutions * plan.plansAtOnce)
        case .ensemble, .submission: 1
        }
    }
}

/// The one field of a run step's answer that is summed up.
private struct ChargedStep: Decodable {
    let charged: Duration?
}

extension Journal {
    /// Wall time charged to a run, over all sittings, for outcomes of earlier runs that it used.
    public func chargedTime(of run: RunID) throws -> Duration {
        let finished = try steps(of: run).filter { $0.kind == .run && $0.answer != nil }
        return try finished.reduce(.zero) { sum, step in
            let answer: ChargedStep? = try storedAnswer(at: step.path, of: run, kind: .run)
            return sum + (answer?.charged ?? .zero)
        }
    }
}

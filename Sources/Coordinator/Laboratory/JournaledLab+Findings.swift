import Journal
public import Search
import Vocabulary

extension JournaledLab {
    /// The refinements that other solutions have accepted so far, in tree order; what was decided for a last choice is left
    /// out, since a run that goes on decides it anew.
    public func findings(_ observation: GatherFindings) async throws -> [Finding] {
        let own = "solution-\(observation.solution)"
        let decisions = try journal.steps(of: run).filter {
            $0.kind == .note && $0.path.name == "decision" && $0.path.parts.first != own && !$0.path.isFinal
        }
        return try decisions.compactMap { step in
            let here = step.path.parent
            guard let decision: Decision = try journal.storedRequest(at: step.path, of: run),
                decision.verdict == .accepted, let improvement = decision.evidence?.improvement,
                let comparison: CompareRuns = try journal.storedRequest(at: here / "comparison", of: run),
                let attempt = comparison.candidate.attempt,
                let asked: JournaledRequest<RefineBlock> = try journal.storedRequest(at: attempt / "block", of: run)
            else { return nil }
            return Finding(block: asked.request.block, plan: asked.request.plan, improvement: improvement)
        }
    }
}

/// A role's request as the journal holds it.
private struct JournaledRequest<Request: Decodable>: Decodable {
    let request: Request
}

extension StepPath {
    /// The try of a refinement that a run belongs to: `…/try-2` for `…/try-2/debug-1/evaluate`.
    fileprivate var attempt: StepPath? {
        parts.lastIndex { $0.hasPrefix("try-") }.map { StepPath(parts: Array(parts[...$0])) }
    }
}

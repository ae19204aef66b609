import Vocabulary

extension MLEStar {
    /// Runs a script and has it mended while that may help (MLE-STAR §3.4, bounded).
    ///
    /// Limits that passed are not bugs: such a script goes back to the planner as too slow or too big.
    func evaluate(_ script: Script, as kind: JobKind, at here: StepPath) async throws -> Solution {
        var solution = try await run(script, as: kind, at: here / "evaluate")
        for round in 0..<plan.debugRounds {
            guard case .failed(let failure) = solution.standing, failure.ending.isBug else { break }
            let request = DebugScript(script: solution.script, failure: failure)
            let step = here / "debug-\(round + 1)"
            guard let mended = try await lab.ask(request, at: step / "script").answer else { break }
            solution = try await run(mended, as: kind, at: step / "evaluate")
        }
        return solution
    }

    /// The one rule by which a change replaces what it was made from: a better score that holds on paired rows.
    ///
    /// - Parameter candidate: `nil` when the role had no answer.
    /// - Returns: the candidate when it is accepted, else `nil`.
    func accept(_ candidate: Solution?, over base: Solution, at here: StepPath) async throws -> Solution? {
        guard let candidate, let score = candidate.standing.score, base.standing.score != nil else {
            try await lab.note(Decision(.rejected, reason: "there is no score"), at: here / "decision")
            return nil
        }
        let comparison = CompareRuns(candidate: candidate.path, base: base.path)
        let evidence = try await lab.observe(comparison, at: here / "comparison")
        let isAccepted =
            candidate.standing.isBetter(than: base.standing, by: direction)
            && evidence.probabilityBetter >= plan.acceptance
        let reason = "scores \(score.value) and is better with probability \(toThreeDigits(evidence.probabilityBetter))"
        let decision = Decision(isAccepted ? .accepted : .rejected, reason: reason, evidence: evidence)
        try await lab.note(decision, at: here / "decision")
        return isAccepted ? candidate : nil
    }

    private func run(_ script: Script, as kind: JobKind, at path: StepPath) async throws -> Solution {
        let report = try await lab.run(RunRequest(kind: kind, script: script), at: path)
        return Solution(
            script: script, standing: report.standing, path: path, wall: report.wall, suspicion: report.suspicion)
    }
}

/// A share for a sentence: three digits behind the point.
func toThreeDigits(_ share: Double) -> Double { (share * 1000).rounded() / 1000 }

extension Ending {
    /// Whether a debugger may mend what happened.
    var isBug: Bool {
        switch self {
        case .exception, .missingPackage, .noScore, .missingSubmission, .invalidSubmission: true
        case .succeeded, .timeout, .outOfMemory, .killed, .outputLimit, .interrupted, .unavailable: false
        }
    }
}

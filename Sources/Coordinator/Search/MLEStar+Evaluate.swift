import Vocabulary

extension MLEStar {
    /// Checks a script for leakage, runs it and has it mended while that may help (MLE-STAR §3.4, bounded).
    func evaluate(_ script: Script, as kind: JobKind, at here: StepPath) async throws -> Solution {
        let (solution, _) = try await runAndDebug(RunRequest(kind: kind, script: script), at: here)
        return solution
    }

    /// The same for any run: the last version that ran, and why it failed, if it did.
    ///
    /// Limits that passed are not bugs: such a script goes back to the planner as too slow or too big.
    func runAndDebug(
        _ request: RunRequest, at here: StepPath
    ) async throws -> (solution: Solution, failure: Failure?) {
        var ended = try await checkAndRun(request, at: here)
        for round in 0..<plan.debugRounds {
            guard let failure = ended.failure, failure.ending.isBug else { break }
            let step = here / "debug-\(round + 1)"
            let script = ended.solution.script
            let debug = DebugScript(script: script, failure: try await shortened(failure, of: script, at: step))
            guard let mended = try await lab.ask(debug, at: step / "script").answer else { break }
            ended = try await checkAndRun(request.running(mended), at: step)
        }
        return ended
    }

    /// The one rule by which a change replaces what it was made from: it is not worse (a merge, as published, and what uses
    /// data left unused) or better (everything else), and that holds on paired rows with some probability.
    ///
    /// - Parameters:
    ///   - candidate: `nil` when the role had no answer.
    ///   - probability: what must be reached; where it is a half, equal scores pass too.
    /// - Returns: the candidate when it is accepted, else `nil`.
    func accept(
        _ candidate: Solution?, over base: Solution, from probability: Double, at here: StepPath
    ) async throws -> Solution? {
        guard let candidate, let score = candidate.standing.score, base.standing.score != nil else {
            try await lab.note(Decision(.rejected, reason: "there is no score"), at: here / "decision")
            return nil
        }
        let comparison = CompareRuns(candidate: candidate.path, base: base.path)
        let evidence = try await lab.observe(comparison, at: here / "comparison")
        let isGood =
            probability > 0.5
            ? candidate.standing.isBetter(than: base.standing, by: direction)
            : !base.standing.isBetter(than: candidate.standing, by: direction)
        let isAccepted = isGood && evidence.probabilityBetter >= probability
        let reason = "scores \(score.value) and is better with probability \(toThreeDigits(evidence.probabilityBetter))"
        let decision = Decision(isAccepted ? .accepted : .rejected, reason: reason, evidence: evidence)
        try await lab.note(decision, at: here / "decision")
        return isAccepted ? candidate : nil
    }

    private func checkAndRun(
        _ request: RunRequest, at here: StepPath
    ) async throws -> (solution: Solution, failure: Failure?) {
        let request = request.running(try await withoutLeakage(request.script, at: here / "leakage"))
        let path = here / "evaluate"
        let report = try await lab.run(request, at: path)
        let solution = Solution(
            script: request.script, standing: report.standing, path: path, wall: report.wall,
            suspicion: report.suspicion)
        // A run on all rows has no score: one without failure is good.
        if request.mount == .full || request.keepsOutput { return (solution, report.failure) }
        if case .failed(let failure) = report.standing { return (solution, failure) }
        return (solution, nil)
    }

    /// The script with the block that leaks rewritten; itself when nothing was found or could be mended.
    private func withoutLeakage(_ script: Script, at here: StepPath) async throws -> Script {
        guard plan.checksLeakage,
            case .leaks(let block)? = try await lab.ask(DetectLeakage(script: script), at: here / "finding").answer,
            let mended = try await lab.ask(FixLeakage(script: script, block: block), at: here / "block").answer,
            case .edited(let edited) = script.edited(block, to: mended)
        else { return script }
        return edited
    }

    /// A failure whose report is short enough for a debugger to read.
    private func shortened(_ failure: Failure, of script: Script, at here: StepPath) async throws -> Failure {
        guard failure.message.utf8.count > 1_500 else { return failure }
        let request = SummarizeFailure(script: script, failure: failure)
        guard let summary = try await lab.ask(request, at: here / "report").answer else { return failure }
        return Failure(ending: failure.ending, message: summary)
    }
}

/// A share for a sentence: three digits behind the point.
func toThreeDigits(_ share: Double) -> Double { (share * 1000).rounded() / 1000 }

extension Ending {
    /// Whether a debugger may mend what happened.
    var isBug: Bool {
        switch self {
        case .exception, .missingPackage, .noScore, .missingSubmission, .invalidSubmission: true
        case .succeeded, .timeout, .outOfMemory, .killed, .outputLimit, .diskLimit, .stoppedEarly, .interrupted,
            .unavailable, .sandboxUnavailable, .quarantined:
            false
        }
    }
}

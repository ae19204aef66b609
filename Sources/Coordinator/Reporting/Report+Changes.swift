import Journal
import Search
import Vocabulary

/// Changes of whole scripts, and what was decided of any change.
extension Report {
    /// Scripts that were merged, also for hints, with what came of each.
    var merges: [String] {
        let asked = story.steps.filter { story.role(asked: $0) == .merger }
        guard !asked.isEmpty else { return [] }
        var lines = [
            "## Merges", "", "| step | script | and the model of | score | verdict |", "|---|---|---|---|---|",
        ]
        for step in asked {
            let here = step.path.parent
            let request = story.asked(MergeSolutions.self, at: step.path)
            let parts = [request?.base, request?.reference].map { script in
                Self.cell(script.flatMap(story.name(of:)))
            }
            let refusal = story.refusal(at: step.path).map { "not made: \(Self.cell($0))" }
            lines.append(
                "| `\(here)` | \(parts.joined(separator: " | ")) | \(scoreText(below: here)) | "
                    + "\(refusal ?? settledVerdict(of: here)) |")
        }
        return lines + [""] + changes(at: asked.map(\.path.parent))
    }

    /// Scripts that were looked through for data that they leave unused, where somebody could.
    var dataUsage: [String] {
        let asked = story.steps.compactMap { step -> (path: StepPath, usage: DataUsage)? in
            guard story.role(asked: step) == .dataUsageChecker else { return nil }
            return story.answer(DataUsage.self, at: step.path).map { (step.path.parent, $0) }
        }
        guard !asked.isEmpty else { return [] }
        var lines = ["## Data usage", "", "| step | found | score | verdict |", "|---|---|---|---|"]
        for (here, usage) in asked {
            switch usage {
            case .everythingUsed: lines.append("| `\(here)` | the script uses everything | – | – |")
            case .revised:
                lines.append(
                    "| `\(here)` | the script left something unused | \(scoreText(below: here)) | "
                        + "\(settledVerdict(of: here)) |")
            }
        }
        return lines + [""] + changes(at: asked.map(\.path))
    }

    /// The changes that were accepted at some steps, each below the step's name.
    private func changes(at steps: [StepPath]) -> [String] {
        steps.flatMap { here in
            let change = change(at: here)
            return change.isEmpty ? [] : ["### `\(here)`", ""] + change
        }
    }

    /// What an accepted change changed in the script.
    func change(at here: StepPath) -> [String] {
        let settled = story.settlement(of: here)
        guard story.decision(at: settled)?.verdict == .accepted, let compared = story.comparison(at: settled),
            let before = script(at: compared.base), let after = script(at: compared.candidate)
        else { return [] }
        return ["```diff"] + UnifiedDiff(from: before.text, to: after.text).lines() + ["```", ""]
    }

    private func script(at path: StepPath) -> Script? { story.trials.first { $0.path == path }?.script }

    /// What was decided of a change, with its evidence, also where that was after the budget's end.
    func settledVerdict(of here: StepPath) -> String {
        let settled = story.settlement(of: here)
        let isLate = settled != here && story.decision(at: settled) != nil
        let late = isLate ? "; decided at `\(settled)`, as the budget ended in the middle of this step" : ""
        return verdict(at: settled) + late
    }

    /// What was decided at a step, with its evidence.
    func verdict(at here: StepPath) -> String {
        guard let decision = story.decision(at: here) else { return "no decision was reached" }
        guard let evidence = decision.evidence else { return "\(decision.verdict.rawValue): \(decision.reason)" }
        return "\(decision.verdict.rawValue): \(Self.words(for: evidence))"
    }

    private static func words(for evidence: PairedComparison) -> String {
        let size = Numbers.rounded(abs(evidence.improvement), error: evidence.standardError)
        let difference =
            evidence.improvement == 0 ? "as good" : "\(evidence.improvement > 0 ? "better" : "worse") by \(size)"
        // Self-reported scores have no rows in common.
        guard evidence.rowCount > 0 else { return "\(difference), by its own report" }
        return "\(difference) on the same \(evidence.rowCount) rows; it is better with probability "
            + Numbers.probability(evidence.probabilityBetter)
    }

    /// The score of the last run at or below a step, or why there is none.
    func scoreText(below here: StepPath) -> String {
        guard let trial = story.lastTrial(below: here) else { return "–" }
        return trial.report.score.map { "\(Self.value($0)) (\($0.evaluation))" }
            ?? trial.report.failure.map { "\($0.ending)" } ?? "not scored"
    }
}

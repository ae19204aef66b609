import Journal
import Search
import Vocabulary

/// The report of a run in Markdown: what was tried, what was accepted and why, how every score was obtained.
public struct Report {
    private let story: RunStory

    /// A report of a run.
    public init(_ story: RunStory) { self.story = story }

    /// The whole text.
    public var text: String {
        let first = [title] + result + finalists + candidates + ablations + changes
        return (first + everything + quarantine + costs + questions).joined(separator: "\n")
            + "\n"
    }

    private var title: String { "# \(story.run.taskName): run \(story.run.id)\n" }

    private var result: [String] {
        guard let finish = story.finish else { return ["The run is \(story.run.state.rawValue).", ""] }
        var lines = ["| | |", "|---|---|", "| metric | \(finish.metric), \(finish.better) is better |"]
        let isHidden = (finish.searchScore?.rows ?? 1) > 0
        lines.append("| score\(isHidden ? " on the search part" : "") | \(Self.shown(finish.searchScore)) |")
        lines.append("| score on the judge part | \(Self.shown(finish.judgeScore)) |")
        lines.append("| solution | \(finish.solution.map { "`\($0)`" } ?? "none") |")
        lines.append("| submission | \(finish.submission.map { "`\($0)`" } ?? "the sample submission") |")
        lines.append("| time | \(Self.rounded(finish.seconds)) s of \(Self.rounded(story.run.budget.seconds)) s |")
        return lines + ["", Self.sentence(finish.reason), ""] + (isHidden ? explanation : [])
    }

    private var explanation: [String] {
        [
            "The search part of the held-out rows scored every script and so chose among many: its best score is "
                + "somewhat too good. The judge part was used once, for the last choice.", "",
        ]
    }

    /// The finalists and the ensembles of stored predictions, whether or not they could win, with both scores.
    private var finalists: [String] {
        let judge = Set(story.scores.filter { $0.part == "judge" }.map(\.path))
        let combined = Set(story.combinations.map(\.path))
        let paths = judge.union(combined).sorted()
        guard !paths.isEmpty else { return [] }
        var lines = [
            "## Finalists", "", "| step | search part | judge part | how obtained | members |", "|---|---|---|---|---|",
        ]
        for path in paths {
            let scores = ["search", "judge"].map { part in
                story.scores.first { $0.path == path && $0.part == part }?.score
            }
            let shown = scores.map { $0.map { Self.rounded($0.value) } ?? "–" }
            let evaluation = scores.compactMap { $0?.evaluation.rawValue }.first ?? "–"
            let combination = story.combinations.first { $0.path == path }?.combination
            lines.append(
                "| `\(path)` | \(shown.joined(separator: " | ")) | \(evaluation) | \(Self.members(combination)) |")
        }
        return lines + [""]
    }

    private static func members(_ combination: Combination?) -> String {
        guard let blending = combination?.blending else { return "–" }
        return zip(blending.members, blending.weights).map { "`\($0.parent)` \(rounded($1))" }
            .joined(separator: ", ")
    }

    private var candidates: [String] {
        let first = story.trials.filter { $0.kind == .candidateEvaluation }
        guard !first.isEmpty else { return [] }
        return ["## First scripts", ""] + table(first)
    }

    private var ablations: [String] {
        let variants = story.trials.filter { $0.kind == .ablation }
        guard !variants.isEmpty else { return [] }
        var lines = ["## Ablations", ""]
        for step in story.steps where step.path.name == "summary" {
            guard let reply = try? JSONText.value(RoleReply<String>.self, from: step.answer ?? ""),
                let summary = reply.answer
            else { continue }
            lines += ["`\(step.path.parent)`", "", summary, ""]
        }
        return lines + table(variants)
    }

    private var changes: [String] {
        let decided = story.decisions.filter { $0.decision.verdict != .chosen }
        guard !decided.isEmpty else { return [] }
        var lines = ["## Decisions", "", "| step | verdict | why |", "|---|---|---|"]
        for (path, decision) in decided {
            lines.append("| `\(path.parent)` | \(decision.verdict.rawValue) | \(Self.sentence(decision.reason)) |")
        }
        lines.append("")
        let accepted = decided.filter { $0.decision.verdict == .accepted }
        return lines + accepted.flatMap { change(at: $0.path.parent, $0.decision) + plans(below: $0.path.parent) }
    }

    /// An accepted change: the evidence, and what it changed in the script.
    private func change(at path: StepPath, _ decision: Decision) -> [String] {
        let step = story.steps.first { $0.path == path / "comparison" }
        guard let compared = step.flatMap({ try? JSONText.value(CompareRuns.self, from: $0.request) }),
            let before = script(at: compared.base), let after = script(at: compared.candidate)
        else { return [] }
        var lines = ["### `\(path)`", ""]
        if let evidence = decision.evidence {
            lines += [
                "Better by \(Self.rounded(evidence.improvement)) ± \(Self.rounded(evidence.standardError)) on the same "
                    + "\(evidence.rowCount) rows: with probability \(Self.rounded(evidence.probabilityBetter)).", "",
            ]
        }
        return lines + ["```diff"] + UnifiedDiff(from: before.text, to: after.text).lines() + ["```", ""]
    }

    private func script(at path: StepPath) -> Script? { story.trials.first { $0.path == path }?.script }

    /// The plans tried under an accepted refinement.
    private func plans(below path: StepPath) -> [String] {
        let blocks = story.steps.filter { $0.path.description.hasPrefix("\(path)/inner-") && $0.path.name == "block" }
        let lines = blocks.compactMap { step -> String? in
            guard let asked = try? JSONText.value(AskedPlan.self, from: step.request) else { return nil }
            let score = story.scores.first { $0.path == step.path.parent / "evaluate" && $0.part == "search" }?.score
            let shown = score.map { "\(Self.rounded($0.value)) (\($0.evaluation))" } ?? "no score"
            return "- `\(step.path.parent)` \(shown): \(asked.request.plan)"
        }
        return lines.isEmpty ? [] : ["Plans tried under `\(path)`:", ""] + lines + [""]
    }

    private var everything: [String] { ["## All scripts", ""] + table(story.trials) }

    private var quarantine: [String] {
        guard !story.quarantine.isEmpty else { return [] }
        let lines = story.quarantine.map { "- `\($0.job)`: \($0.story.joined(separator: "; "))" }
        return ["## Quarantine", "", "Worker after worker was lost while these ran; they were not run again.", ""]
            + lines
            + [""]
    }

    private var costs: [String] {
        let wall = story.trials.reduce(Duration.zero) { $0 + $1.report.wall }
        return [
            "## Costs", "",
            "\(story.trials.count) scripts ran for \(Self.rounded(wall.seconds)) s together; "
                + "\(story.trials.count(where: \.isReused)) outcomes were used again; "
                + "\(story.repeatedAttempts) attempts were repeated because a worker was lost. "
                + CallCosts(story.calls).sentence, "",
        ] + CallCosts(story.calls).table + losses
    }

    /// What was lost on the way: workers that went away, links that were cut.
    private var losses: [String] {
        if story.losses.isEmpty { return [] }
        let shown = story.losses.suffix(100).map { "- \($0)" }
        return ["", "## Attempts that were lost", ""] + shown + [""]
    }

    /// What language models were asked: where models come from, what was refused, what is worth a warning.
    private var questions: [String] {
        let calls = CallCosts(story.calls)
        var lines: [String] = []
        if !calls.cards.isEmpty { lines += ["## Models that were named", ""] + calls.cards + [""] }
        if !calls.remarks.isEmpty { lines += ["## Remarks on answers", ""] + calls.remarks + [""] }
        return lines
    }

    private func table(_ trials: [RunStory.Trial]) -> [String] {
        var lines = ["| step | for | score | how obtained | seconds |", "|---|---|---|---|---|"]
        for trial in trials {
            let score = trial.report.score
            let error = score?.standardError.map { " ± \(Self.rounded($0))" } ?? ""
            let shown = score.map { Self.rounded($0.value) + error }
            let failure = trial.report.failure.map { "\($0.ending)" } ?? "not scored"
            lines.append(
                "| `\(trial.path)` | \(trial.kind.rawValue) | \(shown ?? failure) | "
                    + "\(score?.evaluation.rawValue ?? "–") | \(Self.rounded(trial.report.wall.seconds)) |")
        }
        return lines + [""]
    }

    private static func shown(_ score: FinishRecord.ShownScore?) -> String {
        guard let score else { return "–" }
        let error = score.standardError.map { " ± \(rounded($0))" } ?? ""
        return "\(rounded(score.value))\(error) (\(score.evaluation), \(score.rows) rows)"
    }

    private static func sentence(_ text: String) -> String {
        (text.prefix(1).uppercased() + text.dropFirst()).replacing("|", with: "\\|").replacing("\n", with: " ")
    }

    /// Five significant digits are more than any score here is sure of.
    public static func rounded(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
        var scale = 1.0
        while abs(value) * scale < 10_000, scale < 1e12 { scale *= 10 }
        return "\((value * scale).rounded() / scale)"
    }
}

/// The part of a coder's request that the report shows.
private struct AskedPlan: Decodable {
    struct Request: Decodable { let plan: String }
    let request: Request
}

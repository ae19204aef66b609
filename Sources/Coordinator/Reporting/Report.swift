import Journal
import Search
import Vocabulary

/// The report of a run in Markdown: what was tried, what was accepted and why, how every score was obtained.
public struct Report {
    let story: RunStory

    /// A report of a run.
    public init(_ story: RunStory) { self.story = story }

    /// The whole text.
    public var text: String {
        let first = [title] + result + finalists + candidates + merges + dataUsage + ablations + refinements
        return (first + declined + everything + quarantine + costs + questions).joined(separator: "\n") + "\n"
    }

    private var title: String { "# \(story.run.taskName): run \(story.run.id)\n" }

    private var result: [String] {
        guard let finish = story.finish else {
            return ["The run is \(story.run.state.rawValue).", ""] + Self.paragraph(story.variant)
        }
        var lines = ["| | |", "|---|---|", "| metric | \(finish.metric), \(finish.better) is better |"]
        if story.isSelfReported {
            lines.append("| score | \(Self.shown(finish.searchScore)) |")
        } else {
            lines.append("| score on the search part | \(Self.shown(finish.searchScore)) |")
            lines.append("| score on the judge part | \(Self.shown(finish.judgeScore)) |")
        }
        lines.append("| solution | \(finish.solution.map { "`\($0)`: \(lineage(of: StepPath($0)))" } ?? "none") |")
        lines.append("| submission | \(finish.submission.map { "`\($0)`" } ?? "the sample submission") |")
        lines.append(
            "| time | \(Numbers.rounded(finish.seconds)) s of \(Numbers.rounded(story.run.budget.seconds)) s |")
        let charged = finish.chargedSeconds.map(Numbers.rounded)
        if let charged { lines.append("| charged for outcomes reused from earlier runs | \(charged) s |") }
        return lines + ["", Self.sentence(finish.reason), ""] + (finish.remarks ?? []).flatMap(Self.paragraph)
            + Self.paragraph(story.variant) + [explanation, ""]
    }

    /// What a step's script grew from: `LightGBM → features: Add the ratios …`.
    private func lineage(of path: StepPath) -> String {
        let words = story.lineage(of: path)
        return words.isEmpty ? "–" : Self.cell(words.joined(separator: " → "))
    }

    private var explanation: String {
        story.isSelfReported
            ? "Every score is what a script said of itself, on rows that it chose; nobody has checked it."
            : "The search part of the held-out rows scored every script and so chose among many: its best score is "
                + "somewhat too good. \(judgeUse)"
    }

    /// How often the judge part was looked at: a run that is resumed may end more than once.
    private var judgeUse: String {
        switch story.judgements {
        case 0: "The judge part was not used."
        case 1: "The judge part was used once, for the last choice."
        case let count:
            "The judge part was used \(count) times, at each end of the search: the run went on after the earlier ones."
        }
    }

    /// The finalists of the last end and the ensembles of stored predictions, whether or not they could win, with both
    /// scores.
    private var finalists: [String] {
        guard let here = story.lastFinish else { return [] }
        let combined = story.combinations.map(\.path).filter { $0.parts.starts(with: here.parts) }
        let paths = Set(story.judged(at: here) + combined).sorted()
        guard !paths.isEmpty else { return [] }
        // A script says the same of itself however often it is asked.
        let parts = story.isSelfReported ? ["search"] : ["search", "judge"]
        let columns = story.isSelfReported ? "score" : "search part | judge part"
        var lines = [
            "## Finalists", "", "| step | what | \(columns) | how obtained | members |",
            "|---|---|\(parts.map { _ in "---|" }.joined())---|---|",
        ]
        for path in paths {
            let scores = parts.map { part in story.scores.first { $0.path == path && $0.part == part }?.score }
            let shown = scores.map { $0.map(Self.value) ?? "–" }
            let evaluation = scores.compactMap { $0?.evaluation.rawValue }.first ?? "–"
            let blending = story.combinations.first { $0.path == path }?.combination.blending
            let members = blending.map { listed($0.members, weights: $0.weights) } ?? "–"
            lines.append(
                "| `\(path)` | \(lineage(of: path)) | \(shown.joined(separator: " | ")) | \(evaluation) | \(members) |")
        }
        let choice = story.decisions.first { $0.path == here / "choice" }?.decision.reason
        return lines + [""] + Self.paragraph(choice) + Self.paragraph(finalShares(at: here))
    }

    /// The shares that the submission is made with, where they were chosen again on all held-out rows.
    private func finalShares(at here: StepPath) -> String? {
        guard story.places[here / "shares"] != nil, let finish = story.finish, let members = finish.members,
            finish.submission == (here / "refit").description
        else { return nil }
        let shares = listed(members.map { StepPath($0.solution) }, weights: members.map(\.weight))
        return "Trained on all rows, its members have shares chosen again on all held-out rows: \(shares)"
    }

    private func listed(_ members: [StepPath], weights: [Double]) -> String {
        zip(members, weights).map { member, weight in
            let share = weight < 0.005 ? "<0.01" : Numbers.rounded((weight * 100).rounded() / 100)
            return "`\(member.parent)` (\(lineage(of: member))) \(share)"
        }.joined(separator: ", ")
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
        let walls = story.trials.flatMap(\.walls)
        return [
            "## Costs", "",
            "\(story.trials.count { !$0.walls.isEmpty }) scripts ran in \(walls.count) jobs, for "
                + "\(Numbers.rounded(walls.reduce(.zero, +).seconds)) s together; "
                + "\(story.trials.reduce(0) { $0 + $1.reusedCount }) outcomes were used again; "
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

    func table(_ trials: [RunStory.Trial]) -> [String] {
        var lines = ["| step | what | for | score | how obtained | seconds |", "|---|---|---|---|---|---|"]
        for trial in trials {
            lines.append(
                "| `\(trial.path)` | \(Self.cell(story.name(of: trial.path))) | \(trial.kind.rawValue) | "
                    + "\(Self.outcome(of: trial)) |")
        }
        return lines + [""]
    }

    /// Score, how it was obtained, and seconds: three cells.
    static func outcome(of trial: RunStory.Trial) -> String {
        let score = trial.report.score
        let failure = trial.report.failure.map { "\($0.ending)" } ?? "not scored"
        return "\(score.map(value) ?? failure) | \(score?.evaluation.rawValue ?? "–") | "
            + Numbers.rounded(trial.report.wall.seconds)
    }
}

/// Words and numbers of the report.
extension Report {
    /// A score with its error.
    static func value(_ score: Score) -> String { Numbers.rounded(score.value, error: score.standardError) }

    static func shown(_ score: FinishRecord.ShownScore?) -> String {
        guard let score else { return "–" }
        let rows = score.rows > 0 ? ", \(score.rows) rows" : ""
        return "\(Numbers.rounded(score.value, error: score.standardError)) (\(score.evaluation)\(rows))"
    }

    static func sentence(_ text: String) -> String {
        cell(text.prefix(1).uppercased() + Numbers.rounded(in: String(text.dropFirst())))
    }

    /// A sentence as a paragraph of its own.
    static func paragraph(_ text: String?) -> [String] { text.map { ["\(sentence($0)).", ""] } ?? [] }

    /// A text that may stand in a table.
    static func cell(_ text: String?) -> String {
        (text ?? "–").replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}

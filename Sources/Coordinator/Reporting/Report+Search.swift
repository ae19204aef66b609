import Journal
import Search
import Vocabulary

/// What the search did: first scripts, ablations, refinements.
extension Report {
    /// The models that were tried, by name, also those that no script was written for.
    var candidates: [String] {
        let asked = story.steps.filter { story.role(asked: $0) == .candidateCoder }
        guard !asked.isEmpty else { return [] }
        var lines = [
            "## First scripts", "", "| step | model | from | score | how obtained | seconds |",
            "|---|---|---|---|---|---|",
        ]
        for step in asked {
            let here = step.path.parent
            let card = story.asked(WriteCandidate.self, at: step.path)?.card
            let refusal = story.refusal(at: step.path).map { "no script: \(Self.cell($0)) | – | –" }
            let ran = story.lastTrial(below: here).map(Self.outcome) ?? "not run | – | –"
            lines.append(
                "| `\(here)` | \(Self.cell(card?.name)) | \(Self.cell(card?.source)) | \(refusal ?? ran) |")
        }
        return lines + [""]
    }

    var ablations: [String] {
        let variants = story.trials.filter { $0.kind == .ablation }
        guard !variants.isEmpty else { return [] }
        var lines = ["## Ablations", ""]
        for step in story.steps where step.path.name == "summary" {
            guard let summary = story.answer(String.self, at: step.path) else { continue }
            lines += ["`\(step.path.parent)`", "", Numbers.rounded(in: summary), ""]
        }
        return lines + table(variants)
    }

    /// Every outer step: the block, the plans with what came of each, the verdict, and the change where one was accepted.
    var refinements: [String] {
        var seen: Set<StepPath> = []
        let outer = story.steps.compactMap { step in
            step.path.parts.lastIndex { $0.hasPrefix("outer-") }.map { StepPath(parts: Array(step.path.parts[...$0])) }
        }.filter { seen.insert($0).inserted }
        guard !outer.isEmpty else { return [] }
        return ["## Refinements", ""] + outer.flatMap(refinement)
    }

    private func refinement(at here: StepPath) -> [String] {
        let tries = story.steps.filter {
            story.role(asked: $0) == .coder && $0.path.parts.starts(with: here.parts)
        }
        let instructed = here / "instructed-target"
        let target: TargetBlock? = story.answer(at: instructed) ?? story.answer(at: here / "target")
        var lines = ["### `\(here)`", ""]
        if let refusal = story.refusal(at: instructed) {
            lines += Self.paragraph("what a person wanted refined could not be followed: \(refusal)")
        }
        guard let target else {
            let why = story.refusal(at: here / "target").map { ": \($0)" } ?? ""
            return lines + Self.paragraph(verdict(at: here) + why)
        }
        lines += ["Block `\(RunStory.blockName(target.block))`, \(origin(of: here)).", ""]
        if !tries.isEmpty {
            lines += ["| try | plan | score | |", "|---|---|---|---|"] + tries.map { line(of: $0, below: here) } + [""]
        }
        return lines + Self.paragraph(settledVerdict(of: here)) + change(at: here)
    }

    /// Who chose the block of an outer step.
    private func origin(of here: StepPath) -> String {
        if story.answer(TargetBlock.self, at: here / "instructed-target") != nil { return "as a person said" }
        let study = story.answer(String.self, at: here / "ablation" / "summary")
        return study == nil ? "chosen without an ablation" : "chosen by the ablation"
    }

    /// A plan with what came of it.
    private func line(of step: StepRecord, below outer: StepPath) -> String {
        let here = step.path.parent
        let plan = story.asked(RefineBlock.self, at: step.path)?.plan ?? ""
        let path = here.parts.dropFirst(outer.parts.count).joined(separator: "/")
        let note = story.refusal(at: step.path).map { "not carried out: \($0)" } ?? standing(of: here, below: outer)
        return
            "| `\(path)` | \(Self.cell(RunStory.firstSentence(plan))) | \(scoreText(below: here)) | \(Self.cell(note)) |"
    }

    private func standing(of attempt: StepPath, below outer: StepPath) -> String {
        if let skipped = story.decision(at: attempt) { return skipped.reason }
        let settled = story.settlement(of: outer)
        guard let best = story.comparison(at: settled)?.candidate else { return "" }
        guard best.parts.starts(with: attempt.parts) else { return "not the best" }
        return story.decision(at: settled)?.verdict.rawValue ?? ""
    }

    /// Questions that nobody could answer, equal reasons once.
    var declined: [String] {
        var order: [String] = []
        var places: [String: [StepPath]] = [:]
        for step in story.steps {
            guard let role = story.role(asked: step), let reason = story.refusal(at: step.path) else { continue }
            let line = "\(role.rawValue): \(Self.cell(reason))"
            if places[line] == nil { order.append(line) }
            places[line, default: []].append(step.path)
        }
        guard !order.isEmpty else { return [] }
        let lines = order.map { line in
            let paths = places[line] ?? []
            return "- \(line) (`\(paths[0])`\(paths.count > 1 ? " and \(paths.count - 1) more" : ""))"
        }
        return ["## Questions without an answer", "", "The search went on without them.", ""] + lines + [""]
    }
}

import Vocabulary

extension MLEStar {
    /// Runs variants of a script with one part changed each, all at once, and measures how much each part matters.
    ///
    /// - Returns: the study; `nil` when no variant was named.
    func ablate(
        _ solution: Solution, knowing studies: [AblationStudy], at here: StepPath
    ) async throws -> AblationStudy? {
        let request = PlanAblation(script: solution.script, studies: studies, count: plan.ablationVariants)
        guard let edits = try await lab.ask(request, at: here / "variants").answer else { return nil }
        let variants = try await together(edits) { index, edit in
            try await variant(edit, of: solution, at: here / "variant-\(index + 1)")
        }.complete()
        var study = AblationStudy(baseline: solution.standing, variants: variants, summary: "")
        study.summary = try await lab.ask(SummarizeAblation(study: study), at: here / "summary").answer ?? ""
        return study
    }

    private func variant(
        _ edit: NamedEdit, of solution: Solution, at here: StepPath
    ) async throws -> AblationStudy.Variant {
        guard case .edited(let script) = solution.script.edited(edit.block, to: edit.replacement) else {
            let failure = Failure(ending: .unavailable, message: "the edit could not be applied")
            return AblationStudy.Variant(edit: edit, standing: .failed(failure), harm: nil)
        }
        let report = try await lab.run(RunRequest(kind: .ablation, script: script), at: here / "evaluate")
        let harm = zip2(solution.standing.score, report.score).map { base, score in
            direction.improvement(of: base.value, over: score.value)
        }
        return AblationStudy.Variant(edit: edit, standing: report.standing, harm: harm)
    }

    private func zip2<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
        guard let a, let b else { return nil }
        return (a, b)
    }
}

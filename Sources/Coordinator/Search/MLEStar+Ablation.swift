import Vocabulary

extension MLEStar {
    /// Finds out how much each part of a script matters.
    ///
    /// Where labels are hidden, edits are named, applied and scored by us, all at once. Where scores are self-reported a
    /// script measures its variants by itself, as published, if somebody can write one.
    /// - Returns: the study; `nil` when there was none.
    func ablate(
        _ solution: Solution, knowing studies: [AblationStudy], at here: StepPath
    ) async throws -> AblationStudy? {
        if mode == .selfReported {
            let request = WriteAblation(script: solution.script, studies: studies.map(\.summary))
            if let script = try await lab.ask(request, at: here / "script").answer {
                return try await printedStudy(script, of: solution, at: here)
            }
        }
        return try await measuredStudy(of: solution, knowing: studies, at: here)
    }

    private func printedStudy(
        _ script: Script, of solution: Solution, at here: StepPath
    ) async throws -> AblationStudy? {
        let run = RunRequest(kind: .ablation, script: script, keepsOutput: true)
        let (ran, failure) = try await runAndDebug(run, at: here)
        let output = failure == nil ? try await lab.observe(ReadOutput(run: ran.path), at: here / "output") : nil
        let request = SummarizeAblationOutput(script: ran.script, output: output, failure: failure)
        guard let summary = try await lab.ask(request, at: here / "summary").answer else { return nil }
        return AblationStudy(baseline: solution.standing, variants: [], summary: summary)
    }

    private func measuredStudy(
        of solution: Solution, knowing studies: [AblationStudy], at here: StepPath
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

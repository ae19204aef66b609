import LanguageModels
public import Search
public import Vocabulary

extension ModelAgents {
    /// Names the parts of a script to switch off or change, one at a time.
    public func planAblation(_ request: PlanAblation) async throws -> RoleReply<[NamedEdit]> {
        let question = Question(.ablationCoder, schema: Schemas.edits) { bounds in
            [
                "script": request.script.text, "count": request.count == 1 ? "1" : "2 to \(request.count)",
                "studies": request.studies.map(\.summary).joined(separator: "\n\n").shortened(to: bounds.history),
            ]
        }
        return try await answer(to: request, question) { answer in
            var edits: [NamedEdit] = []
            var flags: [String] = []
            for item in try answer.json().items("edits").prefix(request.count) {
                let edit = NamedEdit(
                    name: try item.text("name").cutOff(at: 100), block: try item.text("block"),
                    replacement: try item.text("replacement"))
                if case .edited(let script) = request.script.edited(edit.block, to: edit.replacement) {
                    do { _ = try await compiled(script) } catch let defect as AnswerDefect {
                        throw AnswerDefect("\(edit.name): \(defect.reason)")
                    }
                }
                if edits.contains(where: { $0.block == edit.block && $0.replacement == edit.replacement }) {
                    flags.append("an edit was named twice")
                } else {
                    edits.append(edit)
                }
            }
            return Reading(answer: edits, flags: flags)
        }
    }

    /// Puts a measured ablation into words.
    public func summarizeAblation(_ request: SummarizeAblation) async throws -> RoleReply<String> {
        let question = Question(.ablationSummarizer) { bounds in
            ["table": Self.table(of: request.study).shortened(to: bounds.script)]
        }
        return try await answer(to: request, question) { words(in: $0) }
    }

    /// A study as a list: the baseline, and each variant with its edit, score and harm.
    private static func table(of study: AblationStudy) -> String {
        let variants = study.variants.enumerated().map { number, variant in
            let harm = variant.harm.map { ", harm \(shown($0))" } ?? ""
            return """
                Variant \(number + 1), \(variant.edit.name): \(Self.shown(variant.standing))\(harm)
                Instead of
                ```python
                \(variant.edit.block.shortened(to: 1_500))
                ```
                it has
                ```python
                \(variant.edit.replacement.shortened(to: 1_500))
                ```
                """
        }
        return (["The script as it is: \(shown(study.baseline))"] + variants).joined(separator: "\n\n")
    }

    /// Writes a script that measures variants by itself.
    public func writeAblation(_ request: WriteAblation) async throws -> RoleReply<Script> {
        let question = Question(.ablationScript) { bounds in
            [
                "script": request.script.text,
                "studies": request.studies.joined(separator: "\n\n").shortened(to: bounds.history),
            ]
        }
        return try await answer(to: request, question) { try await script(in: $0, .ablation) }
    }

    /// Says what an ablation script printed.
    public func summarizeAblationOutput(_ request: SummarizeAblationOutput) async throws -> RoleReply<String> {
        let question = Question(.ablationOutput) { bounds in
            let failure = request.failure.map { "\($0.ending). \($0.message)".shortened(to: bounds.log) }
            return [
                "script": request.script.text.shortened(to: bounds.script),
                "output": (request.output ?? "").shortened(to: bounds.log),
                "failure": failure ?? (request.output == nil ? "it left no output" : ""),
            ]
        }
        return try await answer(to: request, question) { words(in: $0) }
    }

    /// Chooses the block to refine next and the first plan for it.
    public func extractTarget(_ request: ExtractTarget) async throws -> RoleReply<TargetBlock> {
        let question = Question(.extractor, schema: Schemas.target) { bounds in
            let refined = request.refined.map { "```python\n\($0.shortened(to: 2_000))\n```" }
            return [
                "script": request.script.text, "instruction": request.instruction ?? "",
                "study": request.study.map { $0.summary.isEmpty ? Self.table(of: $0) : $0.summary }?
                    .shortened(to: bounds.history) ?? "",
                "refined": refined.joined(separator: "\n\n").shortened(to: bounds.history),
            ]
        }
        return try await answer(to: request, question) { answer in
            guard let item = try answer.json().items("targets").first else { throw AnswerDefect("the list is empty") }
            let target = TargetBlock(block: try item.text("code_block"), plan: try item.text("plan"))
            return Reading(answer: target)
        }
    }

    /// Carries out a plan inside a block.
    public func refineBlock(_ request: RefineBlock) async throws -> RoleReply<String> {
        let question = Question(.coder) { _ in ["block": request.block, "plan": request.plan] }
        return try await answer(to: request, question) { answer in
            try await block(in: answer, replacing: request.block, of: nil)
        }
    }

    /// Proposes the next plans for a block.
    public func planRefinement(_ request: PlanRefinement) async throws -> RoleReply<[String]> {
        let isOne = request.count == 1
        let question = Question(.planner, schema: isOne ? nil : Schemas.plans) { bounds in
            let findings = request.findings.map {
                "- \($0.plan) (better by \(Self.shown($0.improvement)); the block began: \($0.block.prefix(200)))"
            }
            return [
                "block": request.block.shortened(to: bounds.script),
                "history": Self.listed(request.history).shortened(to: bounds.history),
                "findings": findings.joined(separator: "\n").shortened(to: bounds.history),
                "count": isOne ? "a plan" : "\(request.count) plans",
                "form": isOne
                    ? "Plain text: the plan alone, at most 1500 characters."
                    : "JSON alone: {\"plans\": [\"…\"]}, each plan at most 1500 characters.",
            ]
        }
        return try await answer(to: request, question) { answer in
            let plans = isOne ? [words(in: answer).answer] : try Self.plans(in: answer)
            for (place, plan) in plans.enumerated() {
                let others = request.history.map(\.plan) + plans[..<place]
                if let twin = others.first(where: { PlanText.areNear($0, plan) }) {
                    throw AnswerDefect("the plan is nearly the same as an earlier one: \(twin.cutOff(at: 300))")
                }
            }
            return Reading(answer: plans)
        }
    }

    private static func plans(in answer: AnswerText) throws -> [String] {
        try answer.json().items("plans").map { item throws(AnswerDefect) in
            if let plan = item.string { return plan }
            return try item.text("plan")
        }
    }

    private static func listed(_ history: [RefinementTry]) -> String {
        if history.isEmpty { return "Nothing yet." }
        return history.enumerated().map { number, attempt in
            let end: String
            if let improvement = attempt.improvement {
                let word = improvement > 0 ? "better" : improvement < 0 ? "worse" : "no different"
                end = improvement == 0 ? word : "\(word) by \(shown(abs(improvement)))"
            } else {
                end = attempt.failure.map(explained) ?? "not scored yet"
            }
            let seconds = attempt.wall.components.seconds
            return "\(number + 1). \(attempt.plan)\n   Result: \(end)\(seconds > 0 ? ", ran \(seconds) s" : "")"
        }.joined(separator: "\n")
    }

    /// A failure for whoever plans: limits are no bugs but a plan that was too big.
    private static func explained(_ failure: String) -> String {
        switch failure {
        case Ending.timeout.description: "too slow: it passed the time limit"
        case Ending.outOfMemory.description: "too big: it passed the memory limit"
        default: "failed: \(failure)"
        }
    }

    static func shown(_ standing: Standing) -> String {
        switch standing {
        case .scored(let score):
            "score \(shown(score.value))\(score.standardError.map { " ± \(shown($0))" } ?? "")"
        case .failed(let failure): "failed (\(explained(failure.ending.description)))"
        }
    }
}

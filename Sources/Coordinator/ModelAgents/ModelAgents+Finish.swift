import Foundation
import LanguageModels
public import Search
public import Vocabulary

extension ModelAgents {
    /// Looks for validation or test rows that reach the training.
    public func detectLeakage(_ request: DetectLeakage) async throws -> RoleReply<LeakageFinding> {
        let question = Question(.leakageDetector, schema: Schemas.leakage) { _ in ["script": request.script.text] }
        return try await answer(to: request, question) { answer in
            guard let item = try answer.json().items("answers").first else { throw AnswerDefect("the list is empty") }
            let status = try item.text("leakage_status").lowercased()
            let seen = await inspector.facts(of: request.script.text, targets: context.task.targets)?.flags ?? []
            switch status {
            case "yes data leakage": return Reading(answer: .leaks(block: try item.text("code_block")), flags: seen)
            case "no data leakage": return Reading(answer: .clean, flags: seen)
            default:
                throw AnswerDefect("\"leakage_status\" must be \"Yes Data Leakage\" or \"No Data Leakage\"")
            }
        }
    }

    /// Rewrites the block that leaks.
    public func fixLeakage(_ request: FixLeakage) async throws -> RoleReply<String> {
        let question = Question(.leakageFixer) { _ in
            ["script": request.script.text, "block": request.block]
        }
        return try await answer(to: request, question) { answer in
            try await block(in: answer, replacing: request.block, of: request.script)
        }
    }

    /// Proposes how to combine the solutions.
    public func planEnsemble(_ request: PlanEnsemble) async throws -> RoleReply<String> {
        let question = Question(.ensemblePlanner) { bounds in
            let tries = request.history.enumerated().map { number, attempt in
                let end = attempt.score.map { "score \(Self.shown($0))" } ?? "failed: \(attempt.failure ?? "no score")"
                return "\(number + 1). \(attempt.plan)\n   Result: \(end)"
            }
            return [
                "solutions": Self.listed(request.scripts, share: bounds.script),
                "history": tries.joined(separator: "\n").shortened(to: bounds.history * 2),
            ]
        }
        return try await answer(to: request, question) { answer in
            let plan = words(in: answer)
            if request.history.contains(where: { PlanText.areNear($0.plan, plan.answer) }) {
                throw AnswerDefect("the plan is nearly the same as an earlier one")
            }
            return plan
        }
    }

    /// Writes one script made of several.
    public func writeEnsemble(_ request: WriteEnsemble) async throws -> RoleReply<Script> {
        let question = Question(.ensembler) { _ in
            ["solutions": Self.listed(request.scripts, share: .max), "plan": request.plan]
        }
        return try await answer(to: request, question) { try await script(in: $0, solutionRules) }
    }

    /// Scripts, each in its fence; for a planner cut to equal shares.
    private static func listed(_ scripts: [Script], share: Int) -> String {
        scripts.enumerated().map { number, script in
            let text = script.text.shortened(to: share == .max ? .max : share / max(1, scripts.count))
            return "### Solution \(number + 1)\n\n```python\n\(text)\n```"
        }.joined(separator: "\n\n")
    }

    /// Finds the block that takes only some of the training rows.
    public func locateSubsampling(_ request: LocateSubsampling) async throws -> RoleReply<Subsampling> {
        let question = Question(.subsamplingLocator) { _ in ["script": request.script.text] }
        return try await answer(to: request, question) { answer in
            let text = answer.unfenced.trimmingCharacters(in: .newlines)
            let word = text.lowercased().filter(\.isLetter)
            return Reading(answer: word == "none" ? .none : .block(text))
        }
    }

    /// Rewrites that block so that all training rows are used.
    public func removeSubsampling(_ request: RemoveSubsampling) async throws -> RoleReply<String> {
        let question = Question(.subsamplingRemover) { _ in ["block": request.block] }
        return try await answer(to: request, question) { answer in
            try await block(in: answer, replacing: request.block, of: request.script)
        }
    }

    /// Adds the prediction of the test rows to a script that only validates.
    public func writeSubmission(_ request: WriteSubmission) async throws -> RoleReply<Script> {
        let question = Question(.submissionWriter) { _ in ["script": request.script.text] }
        return try await answer(to: request, question) { try await script(in: $0, .submission) }
    }

    /// Five significant digits.
    static func shown(_ value: Double) -> String { String(format: "%.5g", value) }
}

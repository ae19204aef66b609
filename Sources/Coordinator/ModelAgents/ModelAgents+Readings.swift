import Foundation
import LanguageModels
import Search
import Vocabulary

/// How answers are read; each throws `AnswerDefect` with what is wrong.
extension ModelAgents {
    /// A whole script that compiles and keeps the rules.
    func script(in answer: AnswerText, _ rules: ScriptRules) async throws -> Reading<Script> {
        let trimmed = answer.text.trimmingCharacters(in: .whitespacesAndNewlines)
        // Words around code are not code: without a fence only a text that is a program as a whole counts.
        let isFenced = answer.fencedCode != nil
        let code = answer.fencedCode ?? trimmed
        guard !code.allSatisfy(\.isWhitespace) else { throw AnswerDefect("the script is empty") }
        let script = Script(code.hasSuffix("\n") ? code : code + "\n")
        guard let facts = await inspector.facts(of: script.text, targets: context.task.targets) else {
            guard isFenced else { throw AnswerDefect("there is no fenced block with a script in the answer") }
            return Reading(answer: script)
        }
        if !isFenced, facts.error != nil || facts.isProse == true {
            throw AnswerDefect("there is no fenced block with a script in the answer")
        }
        if let defect = rules.defect(in: facts) { throw AnswerDefect(defect) }
        return Reading(answer: script, flags: rules.flags(in: facts))
    }

    /// The new code of a block; where the script around it is known, the whole must compile with it.
    func block(in answer: AnswerText, replacing block: String, of script: Script?) async throws -> Reading<String> {
        let code = answer.fencedCode ?? answer.text.trimmingCharacters(in: .newlines)
        let isFenced = answer.fencedCode != nil
        if let script {
            guard case .edited(let whole) = script.edited(block, to: code) else { return Reading(answer: code) }
            return Reading(answer: code, flags: try await compiled(whole))
        }
        // Half a statement, such as an `else:`, compiles no better afterwards than before.
        guard let before = await facts(ofFragment: block), before.error == nil,
            let after = await facts(ofFragment: code)
        else {
            guard isFenced else { throw AnswerDefect("there is no fenced block with code in the answer") }
            return Reading(answer: code)
        }
        if let error = after.error { throw AnswerDefect("the block does not compile: \(error)") }
        if !isFenced, after.isProse == true { throw AnswerDefect("there is no code in the answer") }
        if let line = after.exits?.first {
            throw AnswerDefect("the block ends the interpreter in line \(line); it must not call exit() or quit()")
        }
        return Reading(answer: code, flags: after.flags ?? [])
    }

    /// Flags of a script that was put together; throws when it does not compile.
    func compiled(_ script: Script) async throws -> [String] {
        guard let facts = await inspector.facts(of: script.text, targets: context.task.targets) else { return [] }
        if let error = facts.error {
            throw AnswerDefect("with the new code in place the script does not compile: \(error)")
        }
        if let line = facts.exits?.first {
            throw AnswerDefect("with the new code in place the script ends the interpreter in line \(line)")
        }
        return facts.flags ?? []
    }

    private func facts(ofFragment fragment: String) async -> ScriptFacts? {
        await inspector.facts(of: Self.dedented(fragment), targets: context.task.targets)
    }

    /// A block moved to the margin.
    private static func dedented(_ block: String) -> String {
        let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
        let shift =
            lines.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { $0.allSatisfy(\.isWhitespace) ? "" : String($0.dropFirst(shift)) }.joined(separator: "\n")
    }

    /// Plain text; one fence around everything is taken off.
    func words(in answer: AnswerText) -> Reading<String> {
        var text = answer.text.trimmingCharacters(in: .whitespacesAndNewlines)
        if text.hasPrefix("```"), text.hasSuffix("```"), let inner = answer.blocks.first, answer.blocks.count == 1 {
            text = inner.text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return Reading(answer: text)
    }
}

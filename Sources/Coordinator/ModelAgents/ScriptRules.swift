import Vocabulary

/// What a script of a role must and must not do, as far as can be seen without running it.
struct ScriptRules: Sendable {
    /// Whether it must print the score line.
    var mustScore = false
    /// Whether it must write a submission.
    var mustSubmit = false
    /// Whether it must print something at all.
    var mustPrint = false
    /// Whether it must leave the test table alone.
    var mustAvoidTest = false

    /// A solution where labels are hidden or scores are self-reported.
    static func solution(isHidden: Bool) -> ScriptRules {
        isHidden ? ScriptRules(mustSubmit: true) : ScriptRules(mustScore: true, mustAvoidTest: true)
    }

    /// An ablation program.
    static let ablation = ScriptRules(mustPrint: true)

    /// A solution with the prediction of the test rows added.
    static let submission = ScriptRules(mustSubmit: true)

    /// Why a script must not be run; `nil` when it may.
    func defect(in facts: ScriptFacts) -> String? {
        if let error = facts.error { return "the script does not compile: \(error)" }
        if facts.isProse == true { return "there is no program in the answer" }
        if let line = facts.exits?.first {
            return "the script ends the interpreter in line \(line); it must not call exit(), quit() or sys.exit()"
        }
        if mustScore, facts.scores == false {
            return "the script does not print the line 'Final Validation Performance: NUMBER'"
        }
        if mustSubmit, facts.submits == false { return "the script does not write ./final/submission.csv" }
        if mustPrint, facts.prints == false { return "the program prints nothing" }
        return nil
    }

    /// What is worth a warning.
    func flags(in facts: ScriptFacts) -> [String] {
        (facts.flags ?? [])
            + (mustAvoidTest && facts.readsTest == true ? ["it names the test table, which it must not open"] : [])
    }
}

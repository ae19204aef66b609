import Search
import Testing
import Vocabulary

@Suite("Data usage", .timeLimit(.minutes(5)))
struct DataUsageTests {
    private static let revised = RoleReply.valid(DataUsage.revised(Script("everything = used()")))

    @Test("the checker is asked exactly once for each solution, whatever happens before")
    func onceEach() throws {
        for seed in 1...30 {
            let performance = try Performance(.anything(seed: UInt64(seed)), .small)
            let paths = performance.paths(of: "ask data-usage-checker")
            #expect(Set(paths).isSubset(of: ["solution-1/data-usage/answer", "solution-2/data-usage/answer"]))
        }
        #expect(try Performance(Play(), .small).paths(of: "ask data-usage-checker").count == 2)
    }

    @Test(
        "a revised script is kept if, and only if, it is not worse",
        arguments: [
            (.scored(0.5), true), (.scored(0.4), true), (.scored(0.39), false), (.failed(.timeout), false),
            (.unscored, false),
        ] as [(Play.RunEnd, Bool)])
    func keptIfNotWorse(end: Play.RunEnd, isKept: Bool) throws {
        var play = Play()
        play.replies["solution-1/data-usage/answer"] = Self.revised
        play.ends["solution-1/candidate-1/evaluate"] = .scored(0.4)
        play.ends["solution-1/data-usage/evaluate"] = end
        var plan = SearchPlan.single
        plan.debugRounds = 0
        let performance = try Performance(play, plan)
        #expect(try performance.finish?.solution.path.parts[1] == (isKept ? "data-usage" : "candidate-1"))
        let note = performance.record.steps[StepPath("solution-1/data-usage/decision")]?.request ?? ""
        #expect(note.contains(isKept ? #""verdict":"accepted""# : #""verdict":"rejected""#))
    }

    @Test(
        "a revised script is compared on the same rows, and an even chance is enough whatever merges need",
        arguments: [0.4, 0.6])
    func compared(probability: Double) throws {
        var play = Play()
        play.replies["solution-1/data-usage/answer"] = Self.revised
        play.probabilities["solution-1/data-usage/evaluate"] = probability
        var plan = SearchPlan.single
        plan.mergeAcceptance = 0.9
        let performance = try Performance(play, plan)
        #expect(performance.paths(of: "observe").contains("solution-1/data-usage/comparison"))
        let winner = try performance.finish?.solution.path.parts[1]
        #expect(winner == (probability < 0.5 ? "candidate-1" : "data-usage"))
    }

    @Test("where the budget ends before the comparison, a better revised script is caught up with")
    func late() throws {
        var play = Play()
        play.replies["solution-1/data-usage/answer"] = Self.revised
        let performance = try Performance(play, .single) { _, path in
            path == StepPath("solution-1/data-usage/comparison") ? .outOfBudget : nil
        }
        #expect(try performance.finish?.solution.path == StepPath("solution-1/data-usage/evaluate"))
        #expect(performance.paths(of: "note").contains("finish-1/late-1/decision"))
    }

    @Test("a script that uses everything is not run again")
    func everythingUsed() throws {
        let performance = try Performance(Play(), .single)
        #expect(performance.paths(of: "run") == ["finish-1/refit", "solution-1/candidate-1/evaluate"])
    }
}

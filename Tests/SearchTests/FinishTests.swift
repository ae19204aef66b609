import Search
import Testing
import Vocabulary

@Suite("The end of a search", .timeLimit(.minutes(5)))
struct FinishTests {
    private func plan(finalists: Int = 3) -> SearchPlan {
        SearchPlan(solutions: 3, candidates: 1, outerSteps: 0, finalists: finalists)
    }

    /// Three solutions that score 0.5, 0.7 and 0.6.
    private func play() -> Play {
        var play = Play()
        for (number, score) in [(1, 0.5), (2, 0.7), (3, 0.6)] {
            play.ends["solution-\(number)/candidate-1/evaluate"] = .scored(score)
        }
        return play
    }

    @Test("the judge part decides between the finalists")
    func judged() throws {
        var play = play()
        play.judged["solution-1/candidate-1/evaluate"] = .scored(0.9)
        let finish = try #require(try Performance(play, plan()).finish)
        #expect(finish.solution.path == StepPath("solution-1/candidate-1/evaluate"))
        #expect(finish.judged?.score?.value == 0.9)
        #expect(finish.submission == StepPath("finish-1/refit"))
    }

    @Test("only the best on the search part are finalists")
    func finalists() throws {
        var play = play()
        play.judged["solution-1/candidate-1/evaluate"] = .scored(0.9)
        let finish = try Performance(play, plan(finalists: 2)).finish
        #expect(finish?.solution.path == StepPath("solution-2/candidate-1/evaluate"))
    }

    @Test("between finalists that the judge part finds equal, or cannot score, the better on the search part wins")
    func judgedTie() throws {
        for end in [Play.RunEnd.scored(0.4), .failed(.invalidSubmission)] {
            var play = play()
            for number in 1...3 { play.judged["solution-\(number)/candidate-1/evaluate"] = end }
            let finish = try Performance(play, plan()).finish
            #expect(finish?.solution.path == StepPath("solution-2/candidate-1/evaluate"))
        }
    }

    @Test(
        "a refit that fails, disagrees or cannot be compared leaves the scored run's submission",
        arguments: [nil, 0.79, 0.8, -1.0])
    func refit(agreement: Double?) throws {
        var play = play()
        play.agreement = agreement
        let finish = try Performance(play, plan()).finish
        let isRefit = agreement.map { $0 >= 0.8 } ?? false
        #expect(finish?.submission == StepPath(isRefit ? "finish-1/refit" : "solution-2/candidate-1/evaluate"))
        play.ends["finish-1/refit"] = .failed(.exception("MemoryError"))
        let failed = try Performance(play, plan()).finish
        #expect(failed?.submission == StepPath("solution-2/candidate-1/evaluate"))
    }

    @Test(
        "a doubted winner wins only when the judge part confirms its score",
        arguments: [(0.7, 2), (0.75, 2), (0.65, 3)])
    func doubted(judged: Double, winner: Int) throws {
        var play = play()
        play.suspicions["solution-2/candidate-1/evaluate"] = "it reports too much"
        play.judged["solution-2/candidate-1/evaluate"] = .scored(judged)
        let finish = try Performance(play, plan()).finish
        #expect(finish?.solution.path == StepPath("solution-\(winner)/candidate-1/evaluate"))
    }

    @Test("where every finalist is doubted and none confirmed, the best wins and the reason says so")
    func allDoubted() throws {
        var play = play()
        for number in 1...3 {
            play.suspicions["solution-\(number)/candidate-1/evaluate"] = "it reports too much"
            play.judged["solution-\(number)/candidate-1/evaluate"] = .scored(Double(number) / 10)
        }
        let performance = try Performance(play, plan())
        #expect(try performance.finish?.solution.path == StepPath("solution-3/candidate-1/evaluate"))
        let choice = performance.record.steps[StepPath("finish-1/choice")]?.request ?? ""
        #expect(choice.contains("beware: it reports too much"))
    }

    @Test("without time for the judge part the best undoubted finalist's scored run is handed in")
    func noTimeToJudge() throws {
        var play = play()
        let signals: ScriptedLab.Signals = { _, path in path == StepPath("finish-1/judge") ? .outOfBudget : nil }
        let best = StepPath("solution-2/candidate-1/evaluate")
        #expect(try Performance(play, plan(), signals: signals).finish?.submission == best)
        play.suspicions[best.description] = "it reports too much"
        let other = StepPath("solution-3/candidate-1/evaluate")
        #expect(try Performance(play, plan(), signals: signals).finish?.submission == other)
    }

    @Test(
        "without time for the refit, or to compare it, the scored run is handed in", arguments: ["refit", "agreement"])
    func noTimeToRefit(step: String) throws {
        let performance = try Performance(play(), plan()) { _, path in
            path == StepPath("finish-1/\(step)") ? .outOfBudget : nil
        }
        #expect(try performance.finish?.submission == StepPath("solution-2/candidate-1/evaluate"))
        #expect(try performance.finish?.judged != nil)
    }
}

import Search
import Testing
import Vocabulary

@Suite("Ensembles of stored predictions", .timeLimit(.minutes(5)))
struct EnsembleTests {
    private func plan(_ ensemble: Ensembling) -> SearchPlan {
        SearchPlan(solutions: 2, candidates: 2, outerSteps: 0, ensemble: ensemble)
    }

    private func play(weighted: Double = 0.9, average: Double = 0.8) -> Play {
        var play = Play()
        play.combinations = ["weighted": .scored(weighted), "average": .scored(average)]
        return play
    }

    @Test(
        "each way to combine hands in its own kind of answer",
        arguments: [
            (Ensembling.none, "finish-1/refit"), (.bestOfN, "finish-1/refit"), (.average, "finish-1/refit"),
            (.weighted, "finish-1/refit"), (.agent, "finish-1/refit"),
        ])
    func kinds(ensemble: Ensembling, submission: String) throws {
        let performance = try Performance(play(), plan(ensemble))
        let finish = try #require(try performance.finish)
        #expect(finish.submission == StepPath(submission))
        let isCombined = ensemble == .average || ensemble == .weighted
        #expect((finish.blending != nil) == isCombined)
        let observed = performance.paths(of: "observe")
        // All but 'none' score both kinds of combination, for the report.
        #expect(observed.contains("finish-1/weighted") == (ensemble != .none))
        #expect(observed.contains("finish-1/average") == (ensemble != .none))
        #expect(observed.contains("finish-1/refit") == isCombined)
        if ensemble == .none { #expect(finish.solution.path.parts[0] == "solution-1") }
    }

    @Test("the members of a winning ensemble are trained on all rows side by side, and its script is run as a whole")
    func refits() throws {
        let performance = try Performance(play(), plan(.average))
        let runs = performance.paths(of: "run").filter { $0.hasPrefix("finish") }
        #expect(runs == ["finish-1/proof", "finish-1/refit/member-1", "finish-1/refit/member-2"])
        #expect(try performance.finish?.reason.contains("solution.py was run as a whole") == true)
    }

    @Test(
        "an ensemble's model is what its script left, or else what its members left, if they were trained on all rows",
        arguments: [nil, .failed(.timeout)] as [Play.RunEnd?])
    func memberModels(end: Play.RunEnd?) throws {
        var play = play()
        play.ends["finish-1/proof"] = end
        var finish = try #require(try Performance(play, plan(.average)).finish)
        let members = (1...2).map { StepPath("finish-1/refit/member-\($0)") }
        #expect(finish.model == (end == nil ? StepPath("finish-1/proof") : nil))
        #expect(finish.memberModels == members)
        play.agreement = 0
        finish = try #require(try Performance(play, plan(.average)).finish)
        #expect(finish.model == nil && finish.memberModels.isEmpty, "what disagrees is not kept")
    }

    @Test("members are trained on all rows with shares chosen on all held-out rows, those without a share not at all")
    func finalShares() throws {
        var play = play()
        play.finalWeights = [0.75, 0, 0.25] + [Double](repeating: 0, count: 3)
        var performance = try Performance(play, plan(.weighted))
        var finish = try #require(try performance.finish)
        let chosen = try #require(performance.record.answers[StepPath("finish-1/weighted")] as? Combination).blending
        #expect(chosen.members.count == 6)
        #expect(finish.blending == Blending(members: [chosen.members[0], chosen.members[2]], weights: [0.75, 0.25]))
        let steps = ["proof", "refit/member-1", "refit/member-2"].map { "finish-1/\($0)" }
        #expect(performance.paths(of: "run").filter { $0.hasPrefix("finish") } == steps)
        let shares = try #require(performance.record.answers[StepPath("finish-1/shares")] as? MemberShares)
        #expect(finish.solution.script == shares.script && finish.solution.path == StepPath("finish-1/weighted"))

        play.agreement = 0
        performance = try Performance(play, plan(.weighted))
        finish = try #require(try performance.finish)
        #expect(finish.blending == chosen, "the scored run's submission has the shares it was scored with")
    }

    @Test("a member that fails on all rows leaves the scored predictions")
    func failedMember() throws {
        var play = play()
        play.ends["finish-1/refit/member-2"] = .failed(.timeout)
        let finish = try Performance(play, plan(.average)).finish
        #expect(finish?.submission == StepPath("finish-1/average"))
        #expect(finish?.reason == "the refit on all rows failed (time limit)")
    }

    @Test("the judge part takes an ensemble's place away only with good evidence", arguments: [0.6, 0.8, 0.9])
    func challenger(probability: Double) throws {
        var play = play()
        play.judged["finish-1/weighted"] = .scored(0.5)
        play.judged["solution-1/merge-1/evaluate"] = .scored(0.6)
        play.probabilities["solution-1/merge-1/evaluate"] = probability
        play.ends["solution-2/candidate-1/evaluate"] = .scored(0.1)
        play.ends["solution-2/candidate-2/evaluate"] = .scored(0.1)
        let finish = try Performance(play, plan(.weighted)).finish
        #expect((finish?.blending != nil) == (probability < 0.9))
        // Clearly better on the judge part, but not on all rows.
        play.probabilitiesOnAllRows["solution-1/merge-1/evaluate"] = 0.6
        #expect(try Performance(play, plan(.weighted)).finish?.blending != nil)
    }

    @Test("ablations and scripts under suspicion are no members")
    func members() throws {
        var play = play()
        play.suspicions["solution-1/candidate-1/evaluate"] = "it reports too much"
        let performance = try Performance(play, SearchPlan(solutions: 1, candidates: 2, outerSteps: 1, innerSteps: 1))
        let request = performance.record.steps[StepPath("finish-1/weighted")]?.request ?? ""
        #expect(request.contains("solution-1/candidate-2/evaluate"))
        #expect(request.contains("solution-1/outer-1/inner-1/try-1/evaluate"))
        #expect(!request.contains("candidate-1") && !request.contains("ablation"))
    }

    @Test("a plan fills the slots there are")
    func fillsSlots() {
        for (slots, solutions, width) in [(1, 2, 1), (2, 2, 1), (4, 2, 2), (8, 2, 4), (16, 4, 4), (64, 8, 8)] {
            let plan = SearchPlan(candidates: 1, ablationVariants: 1).filling(slots: slots)
            #expect(plan.solutions == solutions)
            #expect([plan.candidates, plan.ablationVariants, plan.plansAtOnce] == [width, width, width])
        }
    }

    @Test("cards written by hand go to the solutions in turn, and what a person wants refined is refined first")
    func guidance() throws {
        let cards = ["A", "B", "C"].map { ModelCard(name: $0, exampleCode: "fit()", source: "by hand") }
        let plan = SearchPlan(solutions: 2, candidates: 1, outerSteps: 1, innerSteps: 1)
        let performance = try Performance(Play(), plan, guidance: Guidance(cards: cards, target: "the first line"))
        let steps = performance.record.steps
        #expect(steps[StepPath("solution-1/candidate-2/script")]?.request.contains(#""name":"A""#) == true)
        #expect(steps[StepPath("solution-2/candidate-2/script")]?.request.contains(#""name":"B""#) == true)
        #expect(steps[StepPath("solution-1/candidate-3/script")]?.request.contains(#""name":"C""#) == true)
        let target = steps[StepPath("solution-1/outer-1/instructed-target")]?.request
        #expect(target?.contains("the first line") == true)
        #expect(performance.paths(of: "ask ablation-coder").isEmpty)
    }

    @Test("a card of a person that is retrieved, too, is tried once in a solution")
    func cardTwice() throws {
        let card = ModelCard(name: "model 1.1", exampleCode: "fit()", source: "by hand")
        let plan = SearchPlan(solutions: 1, candidates: 2, outerSteps: 0)
        let performance = try Performance(Play(), plan, guidance: Guidance(cards: [card]))
        let asked = performance.record.steps.filter { path, step in
            path.name == "script" && step.request.contains(#""name":"model 1.1""#)
        }
        #expect(asked.count == 1 && asked.first?.value.request.contains("by hand") == true)
    }
}

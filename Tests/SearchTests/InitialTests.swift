import Search
import Testing
import Vocabulary

@Suite("Algorithm 1: candidates and merges", .timeLimit(.minutes(5)))
struct InitialTests {
    private let plan = SearchPlan(solutions: 1, candidates: 4, outerSteps: 0, debugRounds: 0)

    @Test("the best candidate is merged with the others, best first, whatever the order of their cards")
    func mergeOrder() throws {
        var play = Play()
        for (number, score) in [(1, 0.2), (2, 0.28), (3, 0.1), (4, 0.25)] {
            play.ends["solution-1/candidate-\(number)/evaluate"] = .scored(score)
        }
        let performance = try Performance(play, plan)
        let merges = (1...3).compactMap { performance.record.steps[StepPath("solution-1/merge-\($0)/script")]?.request }
        #expect(merges.count == 3)
        #expect(merges.first?.contains(##""base":"# model 2"##) == true)
        for (merge, number) in zip(merges, [4, 1, 3]) {
            #expect(merge.contains(##""reference":"# model \##(number)"##))
        }
        #expect(try performance.finish?.solution.path == StepPath("solution-1/merge-3/evaluate"))
    }

    @Test("candidates with equal scores keep the order of their cards")
    func tiedCandidates() throws {
        var play = Play()
        play.usualEnd = { path, _ in .scored(path.parts.contains("candidate-1") ? 0.1 : 0.2) }
        let performance = try Performance(play, plan)
        let merge = performance.record.steps[StepPath("solution-1/merge-1/script")]?.request ?? ""
        #expect(merge.contains(##""base":"# model 2"##))
        #expect(merge.contains(##""reference":"# model 3"##))
    }

    @Test(
        "merging stops at the first merge that does not help",
        arguments: [Play.RunEnd.scored(0.05), .scored(0.204), .failed(.timeout), .unscored])
    func stopsAtFirst(end: Play.RunEnd) throws {
        var play = Play()
        play.usualEnd = { path, _ in .scored(path.parts.contains { $0.hasPrefix("candidate") } ? 0.205 : 0.3) }
        play.ends["solution-1/merge-1/evaluate"] = end
        let performance = try Performance(play, plan)
        #expect(performance.paths(of: "ask merger") == ["solution-1/merge-1/script"])
        #expect(try performance.finish?.solution.path == StepPath("solution-1/candidate-1/evaluate"))
    }

    @Test("a merge that is better, but not surely enough, is not taken")
    func unsure() throws {
        var play = Play()
        var plan = plan
        plan.mergeAcceptance = 0.75
        play.certainty = 0.74
        let performance = try Performance(play, plan)
        #expect(performance.paths(of: "ask merger").count == 1)
        play.certainty = 0.75
        #expect(try Performance(play, plan).paths(of: "ask merger").count == 3)
    }

    @Test("a merge that is as good as its base is taken, as published")
    func tie() throws {
        var play = Play()
        play.usualEnd = { path, _ in .scored(path.parts.contains("merge-1") ? 0.21 : 0.2) }
        play.ends["solution-1/candidate-1/evaluate"] = .scored(0.21)
        let performance = try Performance(play, plan)
        let decision = performance.record.steps[StepPath("solution-1/merge-1/decision")]?.request
        #expect(decision?.contains("accepted") == true)
    }

    @Test("a merge that resampled rows prefer, but whose score is worse, is not taken", arguments: [0.2, 0.209])
    func surelyNotBetter(score: Double) throws {
        var play = Play()
        play.usualEnd = { path, _ in .scored(path.parts.contains("merge-1") ? score : 0.21) }
        play.probabilities["solution-1/merge-1/evaluate"] = 1
        #expect(try Performance(play, plan).paths(of: "ask merger").count == 1)
    }

    @Test("a merger without an answer ends the merging")
    func noMerge() throws {
        var play = Play()
        play.replies["solution-1/merge-2/script"] = RoleReply<Script>.notApplicable("no idea")
        let performance = try Performance(play, plan)
        #expect(performance.paths(of: "ask merger").count == 2)
        #expect(try performance.finish?.solution.path == StepPath("solution-1/merge-1/evaluate"))
    }

    @Test("a candidate nobody writes or that fails is left out and the others go on")
    func missingCandidates() throws {
        var play = Play()
        play.replies["solution-1/candidate-4/script"] = RoleReply<Script>.notApplicable("no idea")
        play.ends["solution-1/candidate-3/evaluate"] = .failed(.timeout)
        let performance = try Performance(play, plan)
        #expect(performance.paths(of: "ask merger").count == 1)
        #expect(try performance.finish != nil)
    }

    @Test("fewer cards than wanted are enough; more are refused as a whole", arguments: [1, 2, 5])
    func cards(count: Int) throws {
        var play = Play()
        let cards = (1...count).map { ModelCard(name: "card \($0)", exampleCode: "x", source: "here") }
        play.replies["solution-1/cards"] = RoleReply.valid(cards)
        let performance = try Performance(play, plan)
        #expect(performance.paths(of: "ask candidate-coder").count == (count <= 4 ? count : 0))
        #expect(try (performance.finish == nil) == (count > 4))
    }

    @Test("no scored script at all means no end to hand in", arguments: [Ending.exception("3"), .timeout])
    func nothing(ending: Ending) throws {
        var play = Play()
        play.usualEnd = { _, _ in .failed(ending) }
        let performance = try Performance(play, plan)
        #expect(try performance.finish == nil)
        #expect(performance.paths(of: "ask data-usage-checker").isEmpty)
    }

    @Test("one solution failing completely still gives an end")
    func onePathFails() throws {
        var play = Play()
        play.usualEnd = { path, _ in path.parts[0] == "solution-2" ? .failed(.outOfMemory) : .scored(Play.rising(path))
        }
        let performance = try Performance(play, .small)
        #expect(try performance.finish?.solution.path.parts.first == "solution-1")
        #expect(performance.paths(of: "ask retriever").count == 2)
    }
}

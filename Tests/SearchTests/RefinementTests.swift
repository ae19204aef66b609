import Search
import Testing
import Vocabulary

@Suite("Algorithm 2: refinement", .timeLimit(.minutes(5)))
struct RefinementTests {
    private func plan(outer: Int = 1, inner: Int = 3, plansAtOnce: Int = 1) -> SearchPlan {
        SearchPlan(
            solutions: 1, candidates: 1, outerSteps: outer, innerSteps: inner, plansAtOnce: plansAtOnce,
            ablationVariants: 2)
    }

    /// The candidate scores 0.5; tries score as listed, by `outer.inner`.
    private func play(_ tries: [String: Play.RunEnd]) -> Play {
        var play = Play()
        play.usualEnd = { _, _ in .scored(0.5) }
        for (name, end) in tries {
            let numbers = name.split(separator: ".")
            play.ends["solution-1/outer-\(numbers[0])/inner-\(numbers[1])/try-1/evaluate"] = end
        }
        return play
    }

    @Test("the best try is taken even when it is the last one")
    func lastIsBest() throws {
        let performance = try Performance(
            play(["1.1": .scored(0.6), "1.2": .scored(0.55), "1.3": .scored(0.7)]), plan())
        #expect(try performance.finish?.solution.path == StepPath("solution-1/outer-1/inner-3/try-1/evaluate"))
    }

    @Test("between equal tries the earlier one is taken")
    func tiedTries() throws {
        let performance = try Performance(
            play(["1.1": .scored(0.6), "1.2": .scored(0.7), "1.3": .scored(0.7)]), plan())
        #expect(try performance.finish?.solution.path == StepPath("solution-1/outer-1/inner-2/try-1/evaluate"))
    }

    @Test("a try that is only as good as what it was made from does not replace it")
    func tieWithBase() throws {
        let performance = try Performance(play([:]), plan())
        #expect(try performance.finish?.solution.path == StepPath("solution-1/candidate-1/evaluate"))
    }

    @Test("every try changes the script the outer step began with, in the block it chose")
    func originalBlock() throws {
        let performance = try Performance(play(["1.1": .scored(0.9)]), plan())
        let requests = performance.paths(of: "ask coder").compactMap {
            performance.record.steps[StepPath($0)]?.request
        }
        #expect(requests.count == 3)
        for request in requests { #expect(request.contains(#""block":"rows = read()""#)) }
        for path in performance.paths(of: "run") where path.contains("inner-") {
            let script = performance.record.steps[StepPath(path)]?.request ?? ""
            #expect(script.ranges(of: "refined(").count == 1)
        }
    }

    @Test("the next outer step begins with what the last one accepted and is told what was refined and found")
    func nextOuterStep() throws {
        let performance = try Performance(play(["1.2": .scored(0.9)]), plan(outer: 2))
        let target = performance.record.steps[StepPath("solution-1/outer-2/target")]?.request ?? ""
        #expect(target.contains("solution-1/outer-1/inner-2/try-1/block"))
        #expect(target.contains(#""refined":["rows = read()"]"#))
        let ablation = performance.record.steps[StepPath("solution-1/outer-2/ablation/variants")]?.request ?? ""
        #expect(ablation.contains("2 parts were looked at in solution-1/outer-1/ablation/summary"))
    }

    @Test("the planner is told of every try on the block: improvement, or why there is none")
    func history() throws {
        let performance = try Performance(play(["1.1": .scored(0.75), "1.2": .failed(.timeout)]), plan())
        let request = performance.record.steps[StepPath("solution-1/outer-1/inner-3/plan")]?.request ?? ""
        #expect(request.contains(#""improvement":0.25,"plan":"first plan for rows = read()""#))
        #expect(request.contains(#""failure":"time limit","plan":"plan 1 of solution-1/outer-1/inner-2/plan""#))
    }

    @Test("several plans drawn at once are tried side by side, the target's own first")
    func plansAtOnce() throws {
        let performance = try Performance(play([:]), plan(inner: 2, plansAtOnce: 3))
        #expect(performance.paths(of: "ask coder").count == 6)
        let first = performance.record.steps[StepPath("solution-1/outer-1/inner-1/plan")]?.request ?? ""
        #expect(first.contains(#""count":2"#))
        let second = performance.record.steps[StepPath("solution-1/outer-1/inner-2/plan")]?.request ?? ""
        #expect(second.contains(#""count":3"#))
    }

    @Test(
        "without a valid target the outer step is skipped: nothing is run for it, and it is noted",
        arguments: [
            .notApplicable("no idea"), .invalid("never valid"),
            .valid(TargetBlock(block: "not there", plan: "plan")), .valid(TargetBlock(block: "", plan: "plan")),
            .valid(TargetBlock(block: "rows = read()", plan: " ")),
        ] as [RoleReply<TargetBlock>])
    func noTarget(reply: RoleReply<TargetBlock>) throws {
        var play = play(["1.1": .scored(0.9), "2.1": .scored(0.8)])
        play.replies["solution-1/outer-1/target"] = reply
        let performance = try Performance(play, plan(outer: 2))
        #expect(performance.paths(of: "run").filter { $0.contains("outer-1/inner") }.isEmpty)
        let note = performance.record.steps[StepPath("solution-1/outer-1/decision")]?.request ?? ""
        #expect(note.contains(#""verdict":"skipped""#))
        #expect(try performance.finish?.solution.path == StepPath("solution-1/outer-2/inner-1/try-1/evaluate"))
    }

    @Test("what a skipped outer step measured is not measured again")
    func skippedStepKeepsStudy() throws {
        var play = play([:])
        play.replies["solution-1/outer-1/target"] = RoleReply<TargetBlock>.notApplicable("no idea")
        let performance = try Performance(play, plan(outer: 2))
        let requests = (1...2).compactMap {
            performance.record.steps[StepPath("solution-1/outer-\($0)/ablation/variants")]?.request
        }
        #expect(Set(requests).count == 2)
    }

    @Test("a block that occurs twice is refused as a target")
    func blockTwice() throws {
        var play = play([:])
        play.replies["solution-1/candidate-1/script"] = RoleReply.valid(Script("a = 1\nfit()\nb = 2\nfit()\n"))
        play.replies["solution-1/outer-1/target"] = RoleReply.valid(TargetBlock(block: "fit()", plan: "plan"))
        let performance = try Performance(play, plan())
        #expect(performance.paths(of: "ask coder").isEmpty)
    }

    @Test("an answer that changes nothing is not run: the score stands, and it is noted")
    func unchanged() throws {
        var play = play([:])
        play.replies["solution-1/outer-1/inner-2/try-1/block"] = RoleReply.valid("  rows = read()  ")
        let performance = try Performance(play, plan())
        #expect(performance.paths(of: "run").filter { $0.contains("inner-") }.count == 2)
        let history = performance.record.steps[StepPath("solution-1/outer-1/inner-3/plan")]?.request ?? ""
        #expect(history.contains(#"{"improvement":0,"plan":"plan 1 of solution-1/outer-1/inner-2/plan","wall":"#))
        let note = performance.record.steps[StepPath("solution-1/outer-1/inner-2/try-1/decision")]?.request
        #expect(note?.contains(#""reason":"the edit changes nothing","verdict":"skipped""#) == true)
    }

    @Test("a plan that nobody carries out has no score")
    func notCarriedOut() throws {
        var play = play([:])
        play.replies["solution-1/outer-1/inner-2/try-1/block"] = RoleReply<String>.notApplicable("no idea")
        let performance = try Performance(play, plan())
        let history = performance.record.steps[StepPath("solution-1/outer-1/inner-3/plan")]?.request ?? ""
        #expect(history.contains(#""failure":"the plan was not carried out","plan":"plan 1 of"#))
    }

    @Test("a planner without an answer ends the inner loop, and what was tried still counts")
    func noPlans() throws {
        var play = play(["1.1": .scored(0.9)])
        play.replies["solution-1/outer-1/inner-2/plan"] = RoleReply<[String]>.notApplicable("no idea")
        let performance = try Performance(play, plan())
        #expect(performance.paths(of: "ask coder").count == 1)
        #expect(try performance.finish?.solution.path == StepPath("solution-1/outer-1/inner-1/try-1/evaluate"))
    }

    @Test("without an ablation the target is chosen all the same")
    func noAblation() throws {
        var play = play(["1.1": .scored(0.9)])
        play.replies["solution-1/outer-1/ablation/variants"] = RoleReply<[NamedEdit]>.notApplicable("no idea")
        let performance = try Performance(play, plan())
        #expect(performance.paths(of: "ask ablation-summarizer").isEmpty)
        #expect(try performance.finish?.solution.path == StepPath("solution-1/outer-1/inner-1/try-1/evaluate"))
    }

    @Test("an ablation measures how much worse each variant is, and a better variant never becomes the base")
    func ablation() throws {
        var play = play([:])
        play.ends["solution-1/outer-1/ablation/variant-1/evaluate"] = .scored(0.25)
        play.ends["solution-1/outer-1/ablation/variant-2/evaluate"] = .scored(0.625)
        let performance = try Performance(play, plan())
        let study = performance.record.steps[StepPath("solution-1/outer-1/ablation/summary")]?.request ?? ""
        #expect(study.contains(#""harm":0.25"#))
        #expect(study.contains(#""harm":-0.125"#))
        #expect(try performance.finish?.solution.path == StepPath("solution-1/candidate-1/evaluate"))
    }
}

import Search
import Testing
import Vocabulary

/// What the search must do to be MLE-STAR, check by check, with scripted answers.
@Suite("Conformance with MLE-STAR", .timeLimit(.minutes(6)))
struct ConformanceTests {
    private static let paper = SearchPlan(
        solutions: 2, candidates: 4, outerSteps: 4, innerSteps: 4, plansAtOnce: 1, ensemble: .agent, ensembleRounds: 5)

    private func calls(_ performance: Performance, below start: String, _ kind: String) -> Int {
        performance.paths(of: kind).count { $0.hasPrefix(start) }
    }

    @Test("1: the paper's configuration takes exactly the paper's calls and executions")
    func paperCounts() throws {
        let performance = try Performance(Play(), Self.paper, mode: .selfReported)
        let steps = performance.record.steps
        let isAsk: (String) -> Bool = { $0.hasPrefix("ask") && !$0.hasPrefix("ask leakage") }
        func asks(_ start: String) -> Int {
            steps.count { $0.key.description.hasPrefix(start) && isAsk($0.value.kind) }
        }
        #expect(performance.pathCalls == 98)
        #expect(asks("ensemble/") == 10)
        #expect(asks("finish-1/") == 3)
        #expect(calls(performance, below: "solution-1/", "run") == 27)
        #expect(calls(performance, below: "solution-2/", "run") == 27)
        #expect(calls(performance, below: "ensemble/", "run") == 5)
        #expect(calls(performance, below: "finish-1/", "run") == 1)
        #expect(performance.counts["ask data-usage-checker"] == 2)
    }

    @Test("2: when the first merge makes it worse, the others are not attempted")
    func mergeStops() throws {
        var play = Play()
        play.ends["solution-1/merge-1/evaluate"] = .scored(0)
        let plan = SearchPlan(solutions: 1, candidates: 4, outerSteps: 0)
        #expect(try Performance(play, plan, mode: .selfReported).paths(of: "ask merger").count == 1)
    }

    @Test("3: the best plan is chosen, also when it is the last one")
    func lastPlan() throws {
        var play = Play()
        play.ends["solution-1/outer-1/inner-3/try-1/evaluate"] = .scored(0.9)
        let plan = SearchPlan(solutions: 1, candidates: 1, outerSteps: 1, innerSteps: 3)
        let finish = try Performance(play, plan, mode: .selfReported).finish
        #expect(finish?.solution.path == StepPath("solution-1/outer-1/inner-3/try-1/evaluate"))
    }

    @Test("4: NaN, no label, exit code 3, SIGKILL and timeout fail and never become the base, also as ensembles")
    func failures() throws {
        let ends: [Play.RunEnd] = [
            .scored(.nan), .failed(.noScore), .failed(.exception("exit code 3")), .failed(.killed(signal: 9)),
            .failed(.timeout),
        ]
        for end in ends {
            var play = Play()
            for round in 1...5 { play.ends["ensemble/round-\(round)/evaluate"] = end }
            play.replies = Dictionary(
                uniqueKeysWithValues: (1...5).map {
                    ("ensemble/round-\($0)/debug-1/script", RoleReply<Script>.notApplicable(""))
                })
            let finish = try #require(try Performance(play, Self.paper, mode: .selfReported).finish)
            #expect(finish.solution.path.parts[0].hasPrefix("solution-"))
        }
    }

    @Test("5: when no valid block is named the outer step is skipped and nothing is run for it")
    func extractorNeverValid() throws {
        var play = Play()
        play.replies["solution-1/outer-1/target"] = RoleReply.valid(TargetBlock(block: "not there", plan: "x"))
        let plan = SearchPlan(solutions: 1, candidates: 1, outerSteps: 1, innerSteps: 2)
        let performance = try Performance(play, plan, mode: .selfReported)
        #expect(calls(performance, below: "solution-1/outer-1/inner", "run") == 0)
        #expect(performance.paths(of: "note").contains("solution-1/outer-1/decision"))
    }

    @Test("6: a block that occurs twice is rejected")
    func ambiguousBlock() {
        let script = Script("a = 1\nb = 2\na = 1")
        #expect(
            ExtractTarget(script: script, study: nil, refined: []).defect(in: .init(block: "a = 1", plan: "x")) != nil)
    }

    @Test(
        "a block refined before is rejected, also with other blanks",
        arguments: ["b = 2\nc = 3", "\nb = 2  \nc = 3\n\n", "    b = 2\n    c = 3", "b = 2\r\nc = 3"])
    func refinedBlock(block: String) {
        let script = Script("a = 1\nb = 2\nc = 3\nd = 4")
        let request = ExtractTarget(script: script, study: nil, refined: ["d = 4", "  b = 2\n  c = 3"])
        #expect(request.defect(in: .init(block: block, plan: "x"))?.contains("refined earlier") == true)
        #expect(request.defect(in: .init(block: "b = 2", plan: "x")) == nil)
    }

    @Test("7: the usage checker is asked exactly once per path")
    func usageChecker() throws {
        let performance = try Performance(Play(), Self.paper, mode: .selfReported)
        #expect(
            performance.paths(of: "ask data-usage-checker")
                == ["solution-1/data-usage/answer", "solution-2/data-usage/answer"])
    }

    @Test("8: where leakage is found the corrected script runs, once; where none is, the script as it was written")
    func leakage() throws {
        var play = Play()
        let leaking = Script("import all\nscale(train + test)\nfit()")
        play.replies["solution-1/candidate-1/script"] = RoleReply.valid(leaking)
        play.replies["solution-1/candidate-1/leakage/finding"] =
            RoleReply.valid(LeakageFinding.leaks(block: "scale(train + test)"))
        play.replies["solution-1/candidate-1/leakage/block"] = RoleReply.valid("scale(train)")
        let performance = try Performance(play, .single, mode: .selfReported)
        #expect(performance.paths(of: "ask candidate-coder").count == 1)
        let runs = performance.paths(of: "run").filter { $0.hasPrefix("solution-1/") }
        #expect(runs == ["solution-1/candidate-1/evaluate"])
        #expect(performance.record.steps[StepPath(runs[0])]?.request.contains("scale(train)\\nfit()") == true)
        play.replies["solution-1/candidate-1/leakage/finding"] = RoleReply.valid(LeakageFinding.clean)
        let clean = try Performance(play, .single, mode: .selfReported)
        #expect(clean.record.steps[StepPath(runs[0])]?.request.contains("scale(train + test)") == true)
        #expect(clean.paths(of: "run").filter { $0.hasPrefix("solution-1/") } == runs)
    }

    @Test("8: a mended and an ensembled script are looked through too")
    func leakageEverywhere() throws {
        var play = Play()
        play.ends["solution-1/candidate-1/evaluate"] = .failed(.exception("ValueError"))
        let performance = try Performance(play, Self.paper, mode: .selfReported)
        let looked = performance.paths(of: "ask leakage-detector")
        #expect(looked.contains("solution-1/candidate-1/debug-1/leakage/finding"))
        #expect(looked.contains("ensemble/round-1/leakage/finding"))
        #expect(!looked.contains { $0.contains("ablation/variant") })
    }

    @Test("9: scripts of different paths overlap")
    func overlap() throws {
        let plan = SearchPlan(solutions: 2, candidates: 1, outerSteps: 0)
        #expect(try Performance(Play(runsTakeLong: true), plan, mode: .selfReported).mostRunning == 2)
    }

    @Test("10: killed at any step, the search executes again at most what was in flight")
    func resume() throws {
        let plan = SearchPlan(
            solutions: 2, candidates: 2, outerSteps: 1, innerSteps: 2, ensemble: .agent, ensembleRounds: 2)
        let whole = try Performance(Play(), plan, mode: .selfReported)
        for last in 0..<whole.newSteps {
            let killed = try Performance(Play(), plan, seed: 5, mode: .selfReported) { index, _ in
                index >= last ? .cancelled : nil
            }
            let resumed = try Performance(Play(), plan, seed: 6, from: killed.record, mode: .selfReported)
            #expect(resumed.record.steps == whole.record.steps, "killed at step \(last)")
            #expect(resumed.newSteps == whole.newSteps - killed.record.steps.count)
            #expect(try resumed.finish == whole.finish)
        }
    }

    @Test("11: one path failing completely leaves the other's submission")
    func onePathFails() throws {
        var play = Play()
        play.usualEnd = { path, _ in
            path.parts[0] == "solution-1" ? .failed(.exception("ValueError")) : .scored(Play.rising(path))
        }
        let finish = try Performance(play, Self.paper, mode: .selfReported).finish
        #expect(finish?.solution.path.parts[0] == "solution-2")
        #expect(finish?.submission == StepPath("finish-1/submission/evaluate"))
    }

    @Test("12: with one solution nobody is asked for an ensemble")
    func single() throws {
        var plan = Self.paper
        plan.solutions = 1
        let performance = try Performance(Play(), plan, mode: .selfReported)
        #expect(performance.record.steps.keys.allSatisfy { $0.parts[0] != "ensemble" })
    }

    @Test("13: a metric to be minimised, and one with negative values, rank as they should")
    func directions() throws {
        for (direction, scores, best) in [
            (Direction.lowerIsBetter, [0.3, 0.2], 2), (.higherIsBetter, [-0.3, -0.2], 2),
            (.lowerIsBetter, [-3, -2], 1),
        ] {
            var play = Play()
            play.direction = direction
            for (index, score) in scores.enumerated() {
                play.ends["solution-\(index + 1)/candidate-1/evaluate"] = .scored(score)
            }
            let plan = SearchPlan(solutions: 2, candidates: 1, outerSteps: 0)
            let finish = try Performance(play, plan, mode: .selfReported).finish
            #expect(finish?.solution.path.parts[0] == "solution-\(best)")
        }
    }

    @Test("an ensemble script wins only when it is strictly better than the best single one")
    func ensembleWins() throws {
        for (score, wins) in [(2.0, true), (1.0, false)] {
            var play = Play()
            play.ends["solution-1/outer-4/inner-4/try-1/evaluate"] = .scored(1)
            for round in 1...5 { play.ends["ensemble/round-\(round)/evaluate"] = .scored(round == 3 ? score : 0.5) }
            let finish = try Performance(play, Self.paper, mode: .selfReported).finish
            #expect((finish?.solution.path == StepPath("ensemble/round-3/evaluate")) == wins)
        }
    }

    @Test("a submission that fails gives way to the next finalist's")
    func fallbackChain() throws {
        var play = Play()
        play.ends["finish-1/submission/evaluate"] = .failed(.timeout)
        let finish = try #require(try Performance(play, Self.paper, mode: .selfReported).finish)
        #expect(finish.submission == StepPath("finish-1/submission-2/evaluate"))
        #expect(finish.reason.contains("failed (time limit)"))
    }

    @Test(
        "after the finalists every other scored script may be handed in, best first, whatever the ensemble",
        arguments: [Ensembling.none, .bestOfN, .agent])
    func fallbackToAnyScript(ensemble: Ensembling) throws {
        let plan = SearchPlan(solutions: 1, candidates: 3, outerSteps: 0, ensemble: ensemble)
        var play = Play()
        // The merges score 0.32 and 0.31, the first scripts 0.23, 0.22 and 0.21.
        for (failed, next) in [
            ("submission", "merge-1"), ("submission-2", "candidate-3"), ("submission-3", "candidate-2"),
            ("submission-4", "candidate-1"),
        ] {
            play.ends["finish-1/\(failed)/evaluate"] = .failed(.timeout)
            let finish = try #require(try Performance(play, plan, mode: .selfReported).finish)
            #expect(finish.solution.path == StepPath("solution-1/\(next)/evaluate"))
            #expect(finish.submission.parent != StepPath("finish-1/\(failed)") && finish.submission.isFinal)
        }
        play.ends["finish-1/submission-5/evaluate"] = .failed(.timeout)
        let finish = try #require(try Performance(play, plan, mode: .selfReported).finish)
        #expect(finish.submission == StepPath("solution-1/merge-2/evaluate"))
    }

    @Test("no further script is brought to the test rows when there is no time left")
    func fallbackWithinBudget() throws {
        let plan = SearchPlan(solutions: 1, candidates: 3, outerSteps: 0, ensemble: .none)
        var play = Play()
        play.ends["finish-1/submission/evaluate"] = .failed(.timeout)
        let performance = try Performance(play, plan, mode: .selfReported) { _, path in
            path.description.hasPrefix("finish-1/submission-2") ? .outOfBudget : nil
        }
        let finish = try #require(try performance.finish)
        #expect(finish.reason.hasSuffix("no time was left to write the submission of solution-1/merge-1/evaluate"))
        #expect(!performance.record.steps.keys.contains { $0.description.hasPrefix("finish-1/submission-3") })
    }

    @Test("the winner's subsampling is removed and the prediction of the test rows added")
    func finalScript() throws {
        let finish = try #require(try Performance(Play(), .single, mode: .selfReported).finish)
        #expect(finish.solution.script.text.contains("# all rows"))
        #expect(finish.solution.script.text.hasSuffix("save('submission.csv')"))
    }

    @Test("a published ablation is one script whose output is summarized; one that fails is summarized as such")
    func publishedAblation() throws {
        let plan = SearchPlan(solutions: 1, candidates: 1, outerSteps: 1, innerSteps: 1, debugRounds: 0)
        var play = Play()
        let performance = try Performance(play, plan, mode: .selfReported)
        #expect(calls(performance, below: "solution-1/outer-1/ablation", "run") == 1)
        let target = performance.record.steps[StepPath("solution-1/outer-1/target")]?.request
        #expect(target?.contains("the ablation printed something") == true)
        play.ends["solution-1/outer-1/ablation/evaluate"] = .failed(.timeout)
        let failed = try Performance(play, plan, mode: .selfReported)
        #expect(failed.record.steps[StepPath("solution-1/outer-1/target")]?.request.contains("failed") == true)
    }
}

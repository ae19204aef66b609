import Search
import Testing
import Vocabulary

/// Signals that come at some step, and what must be left of the search.
@Suite("Signals", .timeLimit(.minutes(5)))
struct SignalTests {
    /// A search that is stopped at every step in turn.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let play: Play
        let plan: SearchPlan

        func performance(
            seed: UInt64 = 1, from record: ScriptedLab.Record = ScriptedLab.Record(),
            signals: @escaping ScriptedLab.Signals = { _, _ in nil }
        ) throws -> Performance {
            try Performance(play, plan, seed: seed, from: record, signals: signals)
        }
    }

    private static let wide = SearchPlan(
        solutions: 2, candidates: 2, outerSteps: 1, innerSteps: 2, plansAtOnce: 2, ablationVariants: 2, debugRounds: 1)
    private static let deep = SearchPlan(
        solutions: 1, candidates: 3, outerSteps: 2, innerSteps: 2, plansAtOnce: 1, ablationVariants: 1, debugRounds: 1)

    static let cases = [
        Case(testDescription: "wide, everything is accepted", play: Play(), plan: wide),
        Case(testDescription: "deep, everything is accepted", play: Play(), plan: deep),
        Case(testDescription: "wide, anything happens", play: .anything(seed: 3), plan: wide),
        Case(testDescription: "deep, anything happens", play: .anything(seed: 14), plan: deep),
    ]

    /// Whether a first script, a merge or a refinement has a score in a record.
    private func hasSolution(_ record: ScriptedLab.Record) -> Bool {
        record.reports.contains { path, report in report.score != nil && !path.parts.contains("ablation") }
    }

    @Test("out of budget from any step on, the search hands in its best so far", arguments: cases)
    func budgetEnds(_ example: Case) throws {
        let whole = try example.performance()
        var scores: [Double] = []
        for last in 0..<whole.newSteps {
            let performance = try example.performance { index, _ in
                index >= last ? .outOfBudget : nil
            }
            let finish = try performance.finish
            #expect((finish != nil) == hasSolution(performance.record), "out of budget from step \(last) on")
            scores += [finish?.solution.standing.score?.value].compactMap { $0 }
            if let finish { #expect(performance.record.steps[finish.submission]?.kind == "run") }
        }
        #expect(try whole.finish != nil)
        #expect(try scores.last == whole.finish?.solution.standing.score?.value)
        if example.play.isRising { #expect(scores == scores.sorted(), "more budget never ends with less") }
    }

    @Test("out of budget at any one step, the search hands in its best so far", arguments: cases)
    func budgetEndsOnce(_ example: Case) throws {
        let whole = try example.performance()
        for step in 0..<whole.newSteps {
            let performance = try example.performance { index, _ in
                index == step ? .outOfBudget : nil
            }
            let finish = try performance.finish
            #expect((finish != nil) == hasSolution(performance.record), "out of budget at step \(step)")
        }
    }

    @Test("out of budget in the search, its end still has the winner refitted")
    func finishGoesOn() throws {
        let performance = try Performance(Play(), .small) { index, path in
            index >= 40 && path.parts.first?.hasPrefix("finish") != true ? .outOfBudget : nil
        }
        #expect(try performance.finish?.submission == StepPath("finish-1/refit"))
    }

    @Test("out of budget in the middle of an outer step, the best script of that step wins", arguments: cases[..<2])
    func cutShort(_ example: Case) throws {
        let whole = try example.performance()
        for last in 0..<whole.newSteps {
            let performance = try example.performance { index, path in
                index >= last && path.parts.first?.hasPrefix("finish") != true ? .outOfBudget : nil
            }
            let scores = performance.record.reports.filter { path, _ in
                !path.parts.contains("ablation") && path.parts.first?.hasPrefix("finish") != true
            }.compactMap(\.report.score?.value)
            #expect(try performance.finish?.solution.standing.score?.value == scores.max(), "from step \(last) on")
        }
    }

    @Test("cancelled at any step, the search says so", arguments: cases)
    func cancelled(_ example: Case) throws {
        let whole = try example.performance()
        for step in 0..<whole.newSteps {
            let performance = try example.performance { index, _ in
                index == step ? .cancelled : nil
            }
            #expect(throws: Signal.cancelled, "cancelled at step \(step)") { try performance.finish }
        }
    }

    @Test("cancelled counts for more than out of budget among steps side by side")
    func cancelledBesideBudget() throws {
        for (first, second) in [(1, 2), (2, 1)] {
            let performance = try Performance(Play(), .small) { _, path in
                switch path.description {
                case "solution-1/outer-1/ablation/variant-\(first)/evaluate": .outOfBudget
                case "solution-1/outer-1/ablation/variant-\(second)/evaluate": .cancelled
                default: nil
                }
            }
            #expect(throws: Signal.cancelled) { try performance.finish }
        }
    }

    @Test("killed after any step and begun again, the search ends with the same tree", arguments: cases)
    func resumeAfterKill(_ example: Case) throws {
        let whole = try example.performance()
        for last in 0..<whole.newSteps {
            let killed = try example.performance(seed: 7) { index, _ in
                index >= last ? .cancelled : nil
            }
            let resumed = try example.performance(seed: 8, from: killed.record)
            #expect(resumed.record.steps == whole.record.steps, "killed at step \(last)")
            #expect(try resumed.finish == whole.finish)
            #expect(resumed.newSteps == whole.newSteps - killed.record.steps.count, "nothing is asked twice")
        }
    }

    @Test("out of budget and begun again with a larger one, the search ends with the same tree", arguments: cases)
    func resumeWithLargerBudget(_ example: Case) throws {
        let whole = try example.performance()
        for last in 0..<whole.newSteps {
            let short = try example.performance(seed: 7) { index, path in
                index >= last && path.parts.first?.hasPrefix("finish") != true ? .outOfBudget : nil
            }
            let resumed = try example.performance(seed: 8, from: short.record)
            #expect(resumed.searchSteps == whole.searchSteps, "out of budget at step \(last)")
            #expect(try resumed.finish?.solution == whole.finish?.solution)
        }
    }

    @Test(
        "a budget that ends at one step and has room again at the next leaves nothing behind that misleads",
        arguments: cases)
    func resumeAfterOneSignal(_ example: Case) throws {
        let whole = try example.performance()
        for step in 0..<whole.newSteps {
            let short = try example.performance(seed: 7) { index, _ in index == step ? .outOfBudget : nil }
            let resumed = try example.performance(seed: 8, from: short.record)
            #expect(resumed.searchSteps == whole.searchSteps, "out of budget at step \(step)")
            #expect(try resumed.finish?.solution == whole.finish?.solution)
        }
    }
}

import Search
import Testing
import Vocabulary

@Suite("The tree of steps", .timeLimit(.minutes(6)))
struct StepTreeTests {
    @Test(
        "the same scripted answers give the same tree of steps, byte for byte, on 100 runs with random completion order",
        arguments: [3, 8])
    func sameTree(seed: UInt64) throws {
        let play = Play.anything(seed: seed)
        let first = try Performance(play, .small, seed: 0)
        let finish = try first.finish
        var orders: Set<[StepPath]> = []
        for order in 1...100 {
            let again = try Performance(play, .small, seed: UInt64(order))
            #expect(again.tree == first.tree, "order \(order)")
            #expect(try again.finish == finish)
            orders.insert(again.record.order)
        }
        #expect(orders.count > 50)
    }

    @Test("a search asks for every step once and ends, whatever the answers are")
    func anything() throws {
        var finished = 0
        for seed in 1...100 {
            let performance = try Performance(.anything(seed: UInt64(seed)), .small, seed: UInt64(seed))
            finished += try performance.finish == nil ? 0 : 1
        }
        #expect((80..<100).contains(finished))
    }

    @Test("the search reads as the paper's: the whole list of steps of a small one")
    func wholeList() throws {
        let plan = SearchPlan(
            solutions: 1, candidates: 2, outerSteps: 1, innerSteps: 2, ablationVariants: 1, finalists: 1,
            checksLeakage: false)
        let performance = try Performance(Play(), plan)
        let lines = performance.record.steps.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.kind)" }
        #expect(
            lines == [
                "finish-1/agreement: observe", "finish-1/choice: note", "finish-1/finalists: note",
                "finish-1/judge: observe", "finish-1/refit: run", "finish-1/weighted: observe",
                "solution-1/candidate-1/evaluate: run", "solution-1/candidate-1/script: ask candidate-coder",
                "solution-1/candidate-2/evaluate: run", "solution-1/candidate-2/script: ask candidate-coder",
                "solution-1/cards: ask retriever", "solution-1/data-usage/answer: ask data-usage-checker",
                "solution-1/merge-1/comparison: observe", "solution-1/merge-1/decision: note",
                "solution-1/merge-1/evaluate: run", "solution-1/merge-1/script: ask merger",
                "solution-1/outer-1/ablation/summary: ask ablation-summarizer",
                "solution-1/outer-1/ablation/variant-1/evaluate: run",
                "solution-1/outer-1/ablation/variants: ask ablation-coder", "solution-1/outer-1/comparison: observe",
                "solution-1/outer-1/decision: note", "solution-1/outer-1/hints: observe",
                "solution-1/outer-1/inner-1/hints: observe", "solution-1/outer-1/inner-1/try-1/block: ask coder",
                "solution-1/outer-1/inner-1/try-1/evaluate: run", "solution-1/outer-1/inner-2/hints: observe",
                "solution-1/outer-1/inner-2/plan: ask planner",
                "solution-1/outer-1/inner-2/try-1/block: ask coder",
                "solution-1/outer-1/inner-2/try-1/evaluate: run", "solution-1/outer-1/target: ask extractor",
                "task-summary: ask task-summarizer",
            ])
    }

    @Test("what may run side by side does")
    func sideBySide() throws {
        let plan = SearchPlan(solutions: 2, candidates: 4, outerSteps: 0)
        #expect(try Performance(Play(runsTakeLong: true), plan).mostRunning == 8)
    }

    @Test(
        "asks and runs are as many as the plan's letters say when everything is accepted",
        arguments: [
            (l: 1, m: 1, t: 0, k: 0, a: 1), (l: 1, m: 4, t: 4, k: 4, a: 1), (l: 2, m: 4, t: 4, k: 4, a: 1),
            (l: 3, m: 2, t: 1, k: 3, a: 3), (l: 2, m: 3, t: 3, k: 1, a: 2),
        ])
    func counts(_ letters: (l: Int, m: Int, t: Int, k: Int, a: Int)) throws {
        let (l, m, t, k, a) = (letters.l, letters.m, letters.t, letters.k, letters.a)
        let plan = SearchPlan(solutions: l, candidates: m, outerSteps: t, innerSteps: k, ablationVariants: a)
        let performance = try Performance(Play(), plan)
        let counts = performance.counts
        // Every script is looked through for leakage before it runs, but for the variants and the refit.
        #expect(counts["ask leakage-detector"] == l * (m + (m - 1) + t * k))
        let asks = performance.pathCalls
        #expect(asks == l * (1 + m + (m - 1) + 1 + t * (3 + k + max(0, k - 1))))
        #expect(counts["run"] == l * (m + (m - 1) + t * (a + k)) + 1)
        #expect(counts["ask data-usage-checker"] == l)
        if t == 4 {
            // The paper's configuration: 49 calls and 27 executions a path, and the refit.
            #expect(asks == 49 * l)
            #expect(counts["run"] == 27 * l + 1)
        }
        let decisions = performance.paths(of: "note").filter { $0.hasSuffix("/decision") }
        for path in decisions {
            #expect(performance.record.steps[StepPath(path)]?.request.contains(#""verdict":"accepted""#) == true)
        }
        #expect(decisions.count == l * (m - 1 + (k > 0 ? t : 0)))
    }
}

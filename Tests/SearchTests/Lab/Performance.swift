import Search
import Testing
import Vocabulary

/// One sitting of a search in a scripted lab.
struct Performance {
    let result: Result<Finish?, any Error>
    let record: ScriptedLab.Record
    let mostRunning: Int
    let newSteps: Int

    /// Searches until the search ends.
    ///
    /// - Throws: when the search waits for something that never comes.
    init(
        _ play: Play, _ plan: SearchPlan, seed: UInt64 = 1, from record: ScriptedLab.Record = ScriptedLab.Record(),
        mode: EvaluationMode = .hidden, guidance: Guidance = Guidance(),
        signals: @escaping ScriptedLab.Signals = { _, _ in nil }
    ) throws {
        let clockwork = Clockwork(seed: seed)
        let lab = ScriptedLab(play, clockwork: clockwork, from: record, signals: signals)
        let search = MLEStar(
            lab: lab, plan: plan, direction: play.direction, mode: mode, guidance: guidance)
        result = try #require(clockwork.run { try await search.search() }, "the search hangs")
        self.record = lab.record
        mostRunning = lab.mostRunning
        newSteps = lab.newSteps
    }

    /// What the search ended with.
    var finish: Finish? { get throws { try result.get() } }

    /// The steps as a tree by path, one a line: path, kind and canonical request.
    var tree: String {
        record.steps.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.kind) \($0.value.request)" }
            .joined(separator: "\n")
    }

    /// The steps without the final ones.
    var searchSteps: [StepPath: ScriptedLab.Step] {
        record.steps.filter { $0.key.parts.first?.hasPrefix("finish-") != true }
    }

    /// The paths of the steps of a kind, in tree order.
    func paths(of kind: String) -> [String] {
        record.steps.filter { $0.value.kind == kind }.keys.sorted().map(\.description)
    }

    /// How often roles were asked by the solutions, checkers of leakage left out.
    var pathCalls: Int {
        record.steps.count { path, step in
            step.kind.hasPrefix("ask") && !step.kind.hasPrefix("ask leakage") && path.parts[0].hasPrefix("solution-")
        }
    }

    /// How many steps there are of each kind.
    var counts: [String: Int] { record.steps.values.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 } }
}

extension SearchPlan {
    /// A plan wide and deep enough for everything to happen, small enough to be searched often.
    static let small = SearchPlan(
        solutions: 2, candidates: 3, outerSteps: 2, innerSteps: 2, plansAtOnce: 2, ablationVariants: 2, debugRounds: 1)

    /// One solution from one model card; nothing is refined.
    static let single = SearchPlan(solutions: 1, candidates: 1, outerSteps: 0, innerSteps: 0, debugRounds: 1)
}

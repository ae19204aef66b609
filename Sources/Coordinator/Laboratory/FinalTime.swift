import Journal
import Search
import Vocabulary

/// What the final steps will take, learned from what the search has taken so far.
struct FinalTime {
    /// A script that may be trained on all rows.
    private struct Trained {
        /// The parallel solution it belongs to.
        let solution: String
        let score: Score
        let wall: Duration
    }

    private let plan: SearchPlan
    private let mode: EvaluationMode
    private let slots: Int
    private let direction: Direction
    /// Best first.
    private var scripts: [Trained] = []
    private var asking = Duration.zero
    private var answers = 0

    /// Knows the calls of earlier sittings: together they take a step as long as its answer took.
    init(of settings: RunSettings, direction: Direction, calls: [CallRecord] = []) {
        plan = settings.plan
        mode = settings.mode
        slots = max(1, settings.slots)
        self.direction = direction
        asking = calls.reduce(.zero) { $0 + $1.latency }
        answers = Set(calls.map(\.path)).count
    }

    /// A script of the search has run.
    mutating func ran(_ path: StepPath, _ report: RunReport) {
        guard let score = report.score, !path.isFinal else { return }
        let place = scripts.firstIndex { direction.isBetter(score.value, than: $0.score.value) } ?? scripts.count
        scripts.insert(Trained(solution: path.parts.first ?? "", score: score, wall: report.wall), at: place)
    }

    /// A role has answered.
    mutating func answered(after time: Duration) {
        asking += time
        answers += 1
    }

    /// Somewhat more than the training on all rows and the answers before it are expected to take; `nil` before a script
    /// has a score, when there is nothing to train.
    ///
    /// Scripts of 10 s and 20 s on two slots → 1.6 · 20 s + 5 s = 37 s; on one slot 1.6 · 30 s + 5 s = 53 s.
    var time: Duration? {
        let walls = refitted.map(\.wall)
        guard let longest = walls.max() else { return nil }
        let training = max(longest, walls.reduce(.zero, +) / Double(min(slots, walls.count)))
        return (training + asking / Double(max(1, answers)) * Double(answersWanted)) * 1.6 + .seconds(5)
    }

    /// The scripts that will probably be trained on all rows: the best one, or the members that an ensemble may have.
    private var refitted: [Trained] {
        guard mode == .hidden else { return Array(scripts.prefix(1)) }
        switch plan.ensemble {
        case .none, .bestOfN, .agent: return Array(scripts.prefix(1))
        case .weighted: return Array(scripts.prefix(plan.ensembleMembers))
        case .average:
            var seen: Set<String> = []
            return Array(scripts.filter { seen.insert($0.solution).inserted }.prefix(plan.finalists))
        }
    }

    /// Answers that bring the winner to all rows: where its subsampling is, what stands there instead, the prediction of
    /// the test rows, and whether that leaks. Under hidden evaluation the winner does all this already.
    private var answersWanted: Int {
        guard mode == .selfReported else { return 0 }
        return plan.checksLeakage ? 4 : 3
    }
}

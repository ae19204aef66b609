import Vocabulary

/// What one of the parallel solutions has come to.
struct Branch: Sendable {
    /// Its best script; `nil` when none got a score.
    var best: Solution?
    /// Every script with a score, in the order of the search; ablations are left out.
    private(set) var scored: [Solution] = []
    /// Scripts that were made to take the best one's place and have not been compared with it yet.
    var waiting: Waiting?
    /// What people added while it ran.
    var hints = HintBox()
    /// Whether the budget let it get to its end.
    var isComplete = false

    /// What is to be compared with the best script, and how probably better it must be.
    struct Waiting: Sendable {
        var scripts: [Solution]
        let acceptance: Double
    }

    /// Adds the scripts that got a score.
    mutating func enter(_ solutions: [Solution]) { scored += solutions.filter { $0.standing.score != nil } }
}

import Search
import Vocabulary

/// Chooses among the plans a catalogue has for a block. The same plans, history and seed give the same choice.
struct Planner {
    /// Plans that fit the block, in the catalogue's order: the more often useful come first.
    let changes: [Change]
    let traits: Traits
    let seed: UInt64
    /// Which of the parallel solutions is planned for, from 1: each further one strays further from the catalogue's order, so
    /// that two which begin alike do not try the same all along.
    let solution: Int
    /// Plans that other solutions accepted for the same block.
    var helpedElsewhere: Set<String> = []

    /// The next plans, at most `count`, none of which is in the history.
    func next(_ count: Int, after history: [RefinementTry]) -> [Change] {
        let tried = Set(history.map(\.plan))
        let open = changes.enumerated().filter { !tried.contains($0.element.text) }
        let costly = costlyAttempts(in: history)
        let affordable = open.filter { $0.element.cost < costly || $0.element.cost <= 1 }
        let scored = affordable.map { place, change in
            (change: change, place: place, worth: worth(of: change, at: place, after: history))
        }
        return scored.sorted { ($1.worth, $0.place) < ($0.worth, $1.place) }.prefix(max(0, count)).map(\.change)
    }

    /// Higher is tried sooner: the catalogue's order, a little of it by the seed, and what was learned.
    private func worth(of change: Change, at place: Int, after history: [RefinementTry]) -> Double {
        var worth = -Double(place) + 1.5 * Double(solution) * chance(change.title)
        if change.favoured?.holds(for: traits) == true { worth += 4 }
        if helpedElsewhere.contains(change.text) { worth += 8 }
        for attempt in history {
            guard let known = changes.first(where: { $0.text == attempt.plan }) else { continue }
            let isNear =
                known.near.contains(change.title) || change.near.contains(known.title)
                || change.includes.contains(known.title)
            if let improvement = attempt.improvement, isNear {
                worth += improvement > 0 ? 6 : -3
            } else if attempt.failure != nil {
                worth -= isNear ? 4 : 2 * max(0, change.cost - 1)
            }
        }
        return worth
    }

    /// The cost from which on plans are not tried, because a plan of that cost passed a limit.
    private func costlyAttempts(in history: [RefinementTry]) -> Double {
        let limits = ["\(Ending.timeout)", "\(Ending.outOfMemory)"]
        let passed = history.filter { attempt in limits.contains { attempt.failure?.contains($0) == true } }
        return passed.compactMap { attempt in changes.first { $0.text == attempt.plan }?.cost }.min() ?? .infinity
    }

    /// A number from 0 up to 1 that depends on the seed, the solution's number and the plan's title alone.
    private func chance(_ title: String) -> Double {
        var state = (seed ^ 0x9e37_79b9_7f4a_7c15) &+ UInt64(solution - 1) &* 0xd6e8_feb8_6659_fd93
        for byte in title.utf8 {
            state = (state ^ UInt64(byte)) &* 0xff51_afd7_ed55_8ccd
            state ^= state >> 33
        }
        return Double(state >> 11) / Double(UInt64(1) << 53)
    }
}

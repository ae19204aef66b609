import Scheduling
import Vocabulary

/// Why jobs wait for workers that are not there, by run, as it was told last.
struct ObstacleBook {
    private var told: [RunID: String] = [:]

    /// What is told now.
    var reasons: [RunID: String] { told.filter { !$0.value.isEmpty } }

    /// The runs of which something was told.
    var runs: [RunID] { told.keys.sorted() }

    /// What an earlier coordinator told of a run may be over.
    mutating func doubt(_ run: RunID) { told[run] = "" }

    /// Takes in what is in the way now.
    ///
    /// - Returns: what has changed, by run: the reason, or `nil` where nothing is in the way any more.
    mutating func update(_ obstacles: [Obstacle]) -> [(run: RunID, reason: String?)] {
        let found = obstacles.reduce(into: [RunID: [String]]()) { reasons, obstacle in
            let jobs = obstacle.jobs == 1 ? "1 job waits: it" : "\(obstacle.jobs) jobs wait: each"
            reasons[obstacle.run, default: []].append("\(jobs) \(obstacle.reason)")
        }.mapValues { $0.joined(separator: "; ") }
        defer { told = found }
        return Set(found.keys).union(told.keys).sorted().filter { found[$0] != told[$0] }.map { ($0, found[$0]) }
    }
}

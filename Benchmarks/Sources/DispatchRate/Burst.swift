import Dispatching
import Foundation
import Kit
import Vocabulary

/// Jobs handed in at once, or one after the other, and the time until the last is answered.
struct Burst {
    let seconds: Double
    /// Turns of the dispatcher with something to write: each is one transaction.
    let commitsPerJob: Double

    static func run(_ count: Int, named name: String, script: String, at site: Site) async throws -> Burst {
        let clock = ContinuousClock()
        let turns = site.dispatcher.now.counts.turns.count
        let began = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await finish(job("\(name)-\(number)", script: "\(script)\n# \(number)\n", at: site), at: site)
                }
            }
            try await group.waitForAll()
        }
        let seconds = began.duration(to: clock.now).seconds
        return Burst(
            seconds: seconds, commitsPerJob: Double(site.dispatcher.now.counts.turns.count - turns) / Double(count))
    }

    static func oneByOne(
        _ count: Int, at site: Site
    ) async throws -> (median: Double, high: Double, commitsPerJob: Double) {
        let clock = ContinuousClock()
        let turns = site.dispatcher.now.counts.turns.count
        var times: [Double] = []
        for number in 0..<count {
            let job = job("single-\(number)", script: "pass  # \(number)", at: site)
            let began = clock.now
            try await finish(job, at: site)
            times.append(began.duration(to: clock.now).seconds)
        }
        times.sort()
        return (
            times[count / 2], times[count * 99 / 100],
            Double(site.dispatcher.now.counts.turns.count - turns) / Double(count)
        )
    }

    private static func job(_ name: String, script: String, at site: Site) -> Job {
        Job(
            id: JobID("\(Site.run):\(name)"), kind: .candidateEvaluation, script: Script(script),
            mount: site.evaluation.searchMounts[0], seed: 0, cores: 1,
            limits: Limits(wall: .seconds(120), memoryBytes: 1 << 31, outputBytes: 1 << 20))
    }

    private static func finish(_ job: Job, at site: Site) async throws {
        guard case .outcome(let outcome) = try await site.dispatcher.run(job), outcome.ending == .succeeded else {
            throw BenchmarkError(description: "job \(job.id) did not succeed")
        }
    }
}

struct BenchmarkError: Error, CustomStringConvertible { let description: String }

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

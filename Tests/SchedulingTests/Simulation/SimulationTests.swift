import Foundation
import Scheduling
import Testing

/// How many storms are simulated: `MLESTAR_SIMULATION_SEEDS=5000`, or `77-77` to see one seed again.
enum SimulationSeeds {
    static let all: ClosedRange<Int> = {
        let wanted = (ProcessInfo.processInfo.environment["MLESTAR_SIMULATION_SEEDS"] ?? "").split(separator: "-")
        switch wanted.compactMap({ Int($0) }) {
        case let numbers where numbers.count == 2 && numbers[0] <= numbers[1]: return numbers[0]...numbers[1]
        case let numbers where numbers.count == 1 && numbers[0] > 0: return 1...numbers[0]
        default: return usual
        }
    }()

    static let usual = 1...1_000
}

@Suite("Simulated clusters", .timeLimit(.minutes(60)))
struct SimulationTests {
    /// Events that all storms together must bring.
    static let leastEvents = 1_000_000

    @Test("every job ends as it should whatever the network, the workers and the coordinator suffer")
    func storms() async {
        let shares = 8
        let counts = await withTaskGroup(of: Int.self) { group in
            for share in 0..<shares { group.addTask { await Self.weather(share, of: shares) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        guard SimulationSeeds.all == SimulationSeeds.usual else { return }
        #expect(counts.reduce(0, +) >= Self.leastEvents)
    }

    /// Lets a share of the storms pass.
    ///
    /// - Returns: events the coordinators took in; every rule was looked at after each.
    private static func weather(_ share: Int, of shares: Int) async -> Int {
        var count = 0
        for seed in SimulationSeeds.all where seed % shares == share {
            // Tests beside this one have a time limit.
            await Task.yield()
            var cluster = Cluster(seed: UInt64(seed))
            cluster.run()
            #expect(cluster.complaints == [], "seed \(seed)")
            count += cluster.eventCount
        }
        return count
    }

    @Test("nothing is lost, tried twice or given up when nothing goes wrong", arguments: 1...10)
    func calm(seed: Int) {
        var cluster = Cluster(seed: UInt64(seed), weather: .calm)
        cluster.run()
        #expect(cluster.complaints == [])
        for entry in cluster.journal.entries.values {
            #expect(entry.state == .settled)
            #expect(entry.losses == 0)
            #expect(entry.assignments == 1)
        }
    }

    @Test("the same seed gives the same course of events")
    func repeatable() {
        let counts = (0..<3).map { _ in
            var cluster = Cluster(seed: 4)
            cluster.run()
            return [cluster.eventCount, cluster.coordinatorStarts]
                + cluster.journal.entries.values.map(\.assignments).sorted()
        }
        #expect(Set(counts).count == 1)
    }

    @Test("the storms hold every kind of trouble and every kind of end")
    func coverage() {
        var (events, occurrences, starts, settled, abandoned, withdrawn, lost, late) = (0, 0, 0, 0, 0, 0, 0, 0)
        for seed in 1...24 {
            var cluster = Cluster(seed: UInt64(seed))
            cluster.run()
            events += cluster.eventCount
            occurrences += cluster.occurrenceCount
            starts += cluster.coordinatorStarts
            for entry in cluster.journal.entries.values {
                settled += entry.state == .settled ? 1 : 0
                abandoned += entry.state == .abandoned ? 1 : 0
                withdrawn += entry.state == .withdrawn ? 1 : 0
                lost += entry.losses
                late += entry.late.count
            }
        }
        #expect(events > 24 * 1_000)
        #expect(occurrences > 24 * 2_500)
        #expect(starts > 24)
        for count in [settled, abandoned, withdrawn, lost, late] { #expect(count > 10) }
    }
}

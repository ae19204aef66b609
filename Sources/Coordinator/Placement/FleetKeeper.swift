public import Logging
import Vocabulary

/// Keeps a fleet as large as the search can fill: looks, decides, acts, again and again.
public struct FleetKeeper: Sendable {
    private let cluster: Slurm
    private let bounds: FleetBounds
    private let logger: Logger
    private let load: @Sendable () async throws -> FleetLoad

    /// A keeper.
    ///
    /// - Parameter load: reads what the search has to do.
    public init(
        cluster: Slurm, bounds: FleetBounds, logger: Logger, load: @escaping @Sendable () async throws -> FleetLoad
    ) {
        self.cluster = cluster
        self.bounds = bounds
        self.logger = logger
        self.load = load
    }

    /// Keeps the fleet until the task is cancelled; its jobs go on, and the next keeper of the same name takes them up.
    ///
    /// - Throws: what goes wrong before the fleet has had a worker. Later troubles are logged and tried again.
    public func run(lookingEvery interval: Duration) async throws {
        let clock = ContinuousClock()
        let began = clock.now
        var plan = FleetPlan(bounds: bounds, job: SlurmOptions.job)
        var hasWorked = false
        var troubles = 0
        while !Task.isCancelled {
            do {
                let jobs = try await cluster.jobs()
                let here = jobs.count { $0.state == .waiting || $0.state == .running }
                if !hasWorked, here > 0 { logger.info("took up worker jobs", metadata: ["count": "\(here)"]) }
                hasWorked = hasWorked || here > 0
                let decision = plan.decide(try await load(), jobs, at: Instant(began.duration(to: clock.now)))
                try await carryOut(decision)
                hasWorked = hasWorked || decision.additions > 0
                troubles = 0
            } catch {
                if Task.isCancelled { return }
                guard hasWorked else { throw error }
                troubles += 1
                logger.warning("the cluster does not do what it should", metadata: ["why": "\(error)"])
            }
            try? await Task.sleep(for: interval * (1 << min(troubles, 5)))
        }
    }

    /// Asks all workers of the fleet to end and takes back those that wait.
    ///
    /// - Returns: how many there were.
    public func drain() async throws -> Int {
        let jobs = try await cluster.jobs()
        let waiting = jobs.filter { $0.state == .waiting }.map(\.id)
        let running = jobs.filter { $0.state == .running }.map(\.id)
        try await cluster.withdraw(waiting)
        try await cluster.dismiss(running)
        return waiting.count + running.count
    }

    private func carryOut(_ decision: FleetDecision) async throws {
        if let remark = decision.remark { logger.warning("\(remark)", metadata: ["logs": "\(cluster.options.logs)"]) }
        for _ in 0..<decision.additions {
            let id = try await cluster.submit()
            logger.info("placed a worker", metadata: ["job": "\(id)"])
        }
        for (jobs, what) in [(decision.withdrawals, "took back"), (decision.dismissals, "dismissed")]
        where !jobs.isEmpty {
            let ids = jobs.map(String.init).joined(separator: " ")
            logger.info("\(what) workers that cannot be filled", metadata: ["jobs": "\(ids)"])
        }
        try await cluster.withdraw(decision.withdrawals)
        try await cluster.dismiss(decision.dismissals)
    }
}

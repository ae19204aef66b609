import GRDB
public import Vocabulary

/// What some runs have to do at a moment.
public struct OpenWork: Hashable, Sendable {
    /// Jobs waiting for a slot.
    public var queued = 0
    /// Jobs under a lease, by the worker that holds them.
    public var held: [WorkerID: Int] = [:]
}

extension Journal {
    /// The jobs of some runs that wait or are under a lease; those of paused runs wait for no slot.
    public func openWork(of runs: [RunID]) throws -> OpenWork {
        try database.read { db in
            var work = OpenWork()
            for run in runs {
                let queued = """
                    SELECT count(*) FROM jobs JOIN runs ON runs.id = jobs.run
                    WHERE run = ? AND jobs.state = 'queued' AND wish <> 'pause'
                    """
                work.queued += try Int.fetchOne(db, sql: queued, arguments: [run.rawValue]) ?? 0
                let held = """
                    SELECT worker, count(*) AS count FROM attempts JOIN jobs ON jobs.id = attempts.job
                    WHERE jobs.run = ? AND jobs.state = 'leased' AND attempts.ended_at IS NULL GROUP BY worker
                    """
                for row in try Row.fetchAll(db, sql: held, arguments: [run.rawValue]) {
                    work.held[WorkerID(row["worker"] as String), default: 0] += row["count"]
                }
            }
            return work
        }
    }
}

import GRDB
public import Vocabulary

/// What people want of a run that has not ended; entered by another process than the one that works on it.
public enum RunWish: String, Codable, Hashable, Sendable {
    /// Search on.
    case go
    /// Begin nothing new; what trains goes on.
    case pause
    /// End the search and hand in the best so far.
    case finish
}

extension Journal {
    /// Enters what is wanted of a run. Whoever works on the run heeds it, now or after a restart.
    ///
    /// - Returns: whether the run is one that can be asked: queued, or worked on.
    public func wish(_ wish: RunWish, for run: RunID) throws -> Bool {
        try database.write { db in
            try db.execute(
                sql: """
                    UPDATE runs SET is_heeded = CASE WHEN wish = ? THEN is_heeded ELSE 0 END, wish = ?
                    WHERE id = ? AND state IN ('queued', 'running')
                    """, arguments: [wish.rawValue, wish.rawValue, run.rawValue])
            return db.changesCount == 1
        }
    }

    /// What is wanted of a run.
    public func wish(for run: RunID) throws -> RunWish {
        let word = try database.read { db in
            try String.fetchOne(db, sql: "SELECT wish FROM runs WHERE id = ?", arguments: [run.rawValue])
        }
        return word.flatMap(RunWish.init(rawValue:)) ?? .go
    }

    /// Enters that a wish is heeded, if it still is one.
    public func heed(_ wish: RunWish, of run: RunID) throws {
        try database.write { db in
            try db.execute(
                sql: "UPDATE runs SET is_heeded = 1 WHERE id = ? AND wish = ?",
                arguments: [run.rawValue, wish.rawValue])
        }
    }

    /// Hands a run that was handed to a serving coordinator, and has ended or stopped, to it again.
    ///
    /// - Returns: whether it is such a run.
    public func requeue(_ run: RunID, budget: Duration?) throws -> Bool {
        try database.write { db in
            try db.execute(
                sql: """
                    UPDATE runs SET state = 'queued', finished_at = NULL, wish = 'go', is_heeded = 1,
                        budget_seconds = coalesce(?, budget_seconds)
                    WHERE id = ? AND is_served = 1 AND state IN ('interrupted', 'finished', 'failed')
                    """, arguments: [budget?.seconds, run.rawValue])
            return db.changesCount == 1
        }
    }

    /// How far a run has come.
    public func progress(of run: RunID) throws -> RunProgress {
        try database.read { db in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql, arguments: [run.rawValue]) ?? 0 }
            return RunProgress(
                steps: try count("SELECT count(*) FROM steps WHERE run = ? AND state = 'answered'"),
                scripts: try count(
                    "SELECT count(*) FROM steps WHERE run = ? AND state = 'answered' AND kind = 'run'"),
                running: try count("SELECT count(*) FROM jobs WHERE run = ? AND state = 'leased'"),
                waiting: try count("SELECT count(*) FROM jobs WHERE run = ? AND state = 'queued'"))
        }
    }
}

/// How far a run has come.
public struct RunProgress: Hashable, Sendable {
    /// Steps that are answered.
    public var steps: Int
    /// Scripts among them.
    public var scripts: Int
    /// Scripts that workers have.
    public var running: Int
    /// Scripts that wait.
    public var waiting: Int
}

import Foundation
import GRDB
public import Vocabulary

/// Where a run stands.
public enum RunState: String, Codable, Hashable, Sendable {
    /// Waits for a coordinator.
    case queued
    /// A coordinator works on it, or died while it did.
    case running
    /// Stopped before its end; can be resumed.
    case interrupted
    /// Ended with a result.
    case finished
    /// Ended without one.
    case failed
}

/// One run as the journal knows it.
public struct RunRecord: Hashable, Sendable {
    /// Its name.
    public let id: RunID
    /// The task's name.
    public let taskName: String
    /// The task's folder.
    public let taskPath: String
    /// Hash of the task's files when the run began.
    public let taskFingerprint: ContentHash
    /// What the run was told, as JSON.
    public let settings: String
    /// The strategy's name and version.
    public let strategy: String
    /// Where it stands.
    public let state: RunState
    /// Wall time it may use.
    public let budget: Duration
    /// Wall time it has used in all its sittings.
    public let spent: Duration
    /// Where its results go.
    public let outPath: String
    /// When it was made, seconds since 1970.
    public let createdAt: Double
    /// When it ended, seconds since 1970.
    public let finishedAt: Double?
    /// How it ended, as JSON, or why it failed.
    public let result: String?
    /// Whether it was handed to a serving coordinator.
    public let isServed: Bool
    /// What people want of it.
    public let wish: RunWish
    /// Whether its coordinator has heeded that.
    public let isHeeded: Bool
    /// Which score is better; `nil` for runs of earlier versions.
    public let direction: Direction?
}

/// What a run begins with.
public struct NewRun: Sendable {
    let id: RunID
    let taskName: String
    let taskPath: String
    let taskFingerprint: ContentHash
    let settings: String
    let strategy: String
    let budget: Duration
    let outPath: String
    let direction: Direction?

    /// A run to be entered.
    public init(
        id: RunID, taskName: String, taskPath: String, taskFingerprint: ContentHash, settings: String,
        strategy: String, budget: Duration, outPath: String, direction: Direction? = nil
    ) {
        self.id = id
        self.taskName = taskName
        self.taskPath = taskPath
        self.taskFingerprint = taskFingerprint
        self.settings = settings
        self.strategy = strategy
        self.budget = budget
        self.outPath = outPath
        self.direction = direction
    }
}

extension Journal {
    /// Enters a run, to be worked on now or by a serving coordinator.
    public func enter(_ run: NewRun, as state: RunState) throws {
        try database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO runs (id, task_name, task_path, task_fingerprint, settings, strategy, state,
                        is_served, budget_seconds, out_path, created_at, direction)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    run.id.rawValue, run.taskName, run.taskPath, run.taskFingerprint.rawValue, run.settings,
                    run.strategy, state.rawValue, state == .queued, run.budget.seconds, run.outPath, now(),
                    run.direction?.rawValue,
                ])
        }
    }

    /// Marks a run as being worked on, with a new budget if one is given.
    ///
    /// - Parameter wish: what is wanted of it from here on; `nil` for what was wanted before, such as a pause.
    /// - Throws: `JournalError` when there is no such run.
    public func begin(_ run: RunID, budget: Duration? = nil, wish: RunWish? = nil) throws -> RunRecord {
        try database.write { db in
            try db.execute(
                sql: """
                    UPDATE runs SET state = 'running', finished_at = NULL,
                        budget_seconds = coalesce(?, budget_seconds), wish = coalesce(?, wish) WHERE id = ?
                    """, arguments: [budget?.seconds, wish?.rawValue, run.rawValue])
        }
        return try self.run(run)
    }

    /// The runs a serving coordinator has to work on: queued ones, and those it worked on when it died; oldest first.
    public func servedRuns() throws -> [RunRecord] {
        try database.read { db in
            let sql = """
                SELECT * FROM runs WHERE is_served = 1 AND state IN ('queued', 'running') ORDER BY created_at, id
                """
            return try Row.fetchAll(db, sql: sql).map(RunRecord.init)
        }
    }

    /// Replaces what a run was told, such as by a larger budget.
    public func retell(_ run: RunID, settings: String) throws {
        try database.write { db in
            try db.execute(sql: "UPDATE runs SET settings = ? WHERE id = ?", arguments: [settings, run.rawValue])
        }
    }

    /// Adds to the time a run has used.
    public func spend(_ time: Duration, on run: RunID) throws {
        try database.write { db in
            try db.execute(
                sql: "UPDATE runs SET spent_seconds = spent_seconds + ? WHERE id = ?",
                arguments: [time.seconds, run.rawValue])
        }
    }

    /// Ends a sitting on a run; what was wanted of it is over.
    ///
    /// - Parameter result: JSON of the result, or why the run failed.
    public func end(_ run: RunID, as state: RunState, result: String?) throws {
        let finishedAt = state == .finished || state == .failed ? now() : nil
        try database.write { db in
            try db.execute(
                sql: """
                    UPDATE runs SET state = ?, finished_at = ?, result = coalesce(?, result), wish = 'go', is_heeded = 1
                    WHERE id = ?
                    """,
                arguments: [state.rawValue, finishedAt, result, run.rawValue])
        }
    }

    /// One run.
    ///
    /// - Throws: `JournalError` when there is no such run.
    public func run(_ id: RunID) throws -> RunRecord {
        let row = try database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM runs WHERE id = ?", arguments: [id.rawValue])
        }
        guard let row else { throw JournalError(.unknownRun, "there is no run '\(id)'; `mlestar list` shows them") }
        return RunRecord(row)
    }

    /// All runs, newest first.
    public func allRuns() throws -> [RunRecord] {
        try database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM runs ORDER BY created_at DESC, id").map(RunRecord.init)
        }
    }
}

extension RunRecord {
    init(_ row: Row) {
        id = RunID(row["id"] as String)
        taskName = row["task_name"]
        taskPath = row["task_path"]
        taskFingerprint = ContentHash(row["task_fingerprint"] as String)
        settings = row["settings"]
        strategy = row["strategy"]
        state = RunState(rawValue: row["state"]) ?? .failed
        budget = .seconds(row["budget_seconds"] as Double)
        spent = .seconds(row["spent_seconds"] as Double)
        outPath = row["out_path"]
        createdAt = row["created_at"]
        finishedAt = row["finished_at"]
        result = row["result"]
        isServed = row["is_served"]
        wish = RunWish(rawValue: row["wish"]) ?? .go
        isHeeded = row["is_heeded"]
        direction = (row["direction"] as String?).flatMap(Direction.init(rawValue:))
    }
}

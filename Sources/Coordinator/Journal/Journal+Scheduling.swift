import Blobs
import GRDB
public import Vocabulary

/// A script that is not run again in its run.
public struct QuarantinedJob: Hashable, Sendable {
    /// The job whose workers were lost.
    public let job: JobID
    /// What happened to it.
    public let story: [String]

    /// A script in quarantine.
    public init(job: JobID, story: [String]) {
        self.job = job
        self.story = story
    }
}

extension Journal {
    /// Losses that say that the worker went away, and not that it could not do what it was asked.
    private static let workerGone = "('lease expired', 'worker departed', 'not held by the worker')"

    /// Puts a job that was given up in quarantine if its workers were lost again and again.
    static func quarantine(_ job: JobID, story: [String], at moment: Double, in db: Database) throws {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) FILTER (WHERE ending IN \(workerGone)) AS gone,
                    count(*) FILTER (WHERE ending IN ('unavailable', 'sandbox unavailable')) AS refused
                FROM attempts WHERE job = ?
                """, arguments: [job.rawValue])
        guard let row, (row["gone"] as Int) > 1, (row["refused"] as Int) == 0, let content = try self.job(job, in: db)
        else { return }
        try db.execute(
            sql: """
                INSERT INTO quarantine (run, program, job, story, entered_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """,
            arguments: [
                job.run.rawValue, Hashing.hash(content.program).rawValue, job.rawValue, story.joined(separator: "\n"),
                moment,
            ])
    }

    static func note(_ reason: String?, whyWaiting run: RunID, in db: Database) throws {
        try db.execute(sql: "DELETE FROM obstacles WHERE run = ?", arguments: [run.rawValue])
        guard let reason else { return }
        // A run that was deleted meanwhile waits for nothing.
        try db.execute(
            sql: "INSERT INTO obstacles (run, reason) SELECT id, ? FROM runs WHERE id = ?",
            arguments: [reason, run.rawValue])
    }

    /// Whether any script is in quarantine.
    public func hasQuarantine() throws -> Bool {
        try database.read { db in try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM quarantine)") } ?? false
    }

    /// Whether a job's script took workers down before, in the job's run; the story of the job that did.
    public func quarantine(of job: Job) throws -> QuarantinedJob? {
        let program = Hashing.hash(job.program)
        return try database.read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM quarantine WHERE run = ? AND program = ?",
                arguments: [job.id.run.rawValue, program.rawValue])
        }.map(Self.quarantined)
    }

    /// The scripts of a run that are not run again, in the order in which they were found.
    public func quarantine(of run: RunID) throws -> [QuarantinedJob] {
        try database.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM quarantine WHERE run = ? ORDER BY entered_at, job", arguments: [run.rawValue])
        }.map(Self.quarantined)
    }

    private static func quarantined(_ row: Row) -> QuarantinedJob {
        QuarantinedJob(
            job: JobID(row["job"] as String),
            story: (row["story"] as String).split(separator: "\n").map(String.init))
    }

    /// Why jobs of a run wait for workers that are not there, as its coordinator saw it last.
    public func obstacle(of run: RunID) throws -> String? {
        try database.read { db in
            try String.fetchOne(db, sql: "SELECT reason FROM obstacles WHERE run = ?", arguments: [run.rawValue])
        }
    }

    /// What the last interrupted attempt of a job left for the next one.
    public func checkpoint(of job: JobID) throws -> (term: LeaseTerm, files: [UInt8])? {
        let row = try database.read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT term, checkpoint FROM outcomes WHERE job = ? AND checkpoint IS NOT NULL
                    ORDER BY term DESC LIMIT 1
                    """, arguments: [job.rawValue])
        }
        guard let row, let files = try blob(ContentHash(row["checkpoint"] as String)) else { return nil }
        return (LeaseTerm(rawValue: row["term"]), files)
    }
}

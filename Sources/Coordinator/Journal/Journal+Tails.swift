import Foundation
import GRDB
public import Vocabulary

/// A job as it is listed.
public struct JobStanding: Hashable, Sendable {
    /// Its name.
    public let id: JobID
    /// `queued`, `leased`, `settled`, `withdrawn` or `abandoned`.
    public let state: String
}

extension Journal {
    /// How long a wish to see a log lasts; whoever follows one repeats it.
    private static let wishSeconds = 5.0

    /// Asks to be told what some jobs print.
    public func wantTails(of jobs: [JobID]) throws {
        try database.write { db in
            // Those that nobody has looked at for long are in nobody's way.
            try db.execute(sql: "DELETE FROM log_tails WHERE wanted_until < ?", arguments: [now() - 600])
            for job in jobs {
                try db.execute(
                    sql: """
                        INSERT INTO log_tails (job, wanted_until) VALUES (?, ?)
                        ON CONFLICT (job) DO UPDATE SET wanted_until = excluded.wanted_until
                        """, arguments: [job.rawValue, now() + Self.wishSeconds])
            }
        }
    }

    /// The jobs whose output somebody wants to see now, by name.
    public func wantedTails() throws -> [JobID] {
        try database.read { db in
            try String.fetchAll(
                db, sql: "SELECT job FROM log_tails WHERE wanted_until > ? ORDER BY job", arguments: [now()])
        }.map { JobID($0) }
    }

    /// What a job has printed last, if that was told after a moment in seconds since 1970.
    public func tail(of job: JobID, toldAfter moment: Double) throws -> LogTail? {
        let row = try database.read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM log_tails WHERE job = ? AND told_at > ?", arguments: [job.rawValue, moment])
        }
        return row.map { row in
            LogTail(
                attempt: Attempt(job: job, term: LeaseTerm(rawValue: row["term"])),
                output: LogTail.Stream(size: row["output_size"], tail: Array(row["output"] as Data)),
                errors: LogTail.Stream(size: row["errors_size"], tail: Array(row["errors"] as Data)))
        }
    }

    static func keep(_ tail: LogTail, at moment: Double, in db: Database) throws {
        try db.execute(
            sql: """
                UPDATE log_tails SET told_at = ?, term = ?, output_size = ?, output = ?, errors_size = ?, errors = ?
                WHERE job = ?
                """,
            arguments: [
                moment, tail.attempt.term.rawValue, tail.output.size, Data(tail.output.tail), tail.errors.size,
                Data(tail.errors.tail), tail.attempt.job.rawValue,
            ])
    }

    /// The jobs of a run in the order in which they were first asked for.
    public func jobs(of run: RunID) throws -> [JobStanding] {
        try database.read { db in
            try Row.fetchAll(
                db, sql: "SELECT id, state FROM jobs WHERE run = ? ORDER BY submitted_at, id", arguments: [run.rawValue]
            )
        }.map { JobStanding(id: JobID($0["id"] as String), state: $0["state"]) }
    }

    /// What the script of a job printed in the attempt that settled it, or else in the last one that was handed in, and how
    /// that ended; `nil` where none was.
    public func keptLog(of job: JobID) throws -> (log: String, ending: Ending)? {
        let row = try database.read { db in
            try Row.fetchOne(
                db, sql: "SELECT log, ending FROM outcomes WHERE job = ? ORDER BY is_late, term DESC LIMIT 1",
                arguments: [job.rawValue])
        }
        return try row.map { ($0["log"], try CanonicalJSON.value(from: $0["ending"])) }
    }
}

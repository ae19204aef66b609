import Blobs
public import Foundation
import GRDB
public import Vocabulary

extension Journal {
    /// The outcome that settled a job; `nil` while there is none.
    public func settlingOutcome(of job: JobID) throws -> Outcome? {
        let row = try database.read { db in
            try db.row("SELECT * FROM outcomes WHERE job = ? AND is_late = 0", [job.rawValue])
        }
        return try row.map(outcome)
    }

    /// Whether a job waits or runs.
    public func isUnfinished(_ job: JobID) throws -> Bool {
        try database.read { db in
            try db.row("SELECT id FROM jobs WHERE id = ? AND state IN ('queued', 'leased')", [job.rawValue]) != nil
        }
    }

    /// The latest attempt of a job: who runs or ran it, since when and until when; `nil` where there is none.
    public func lastAttempt(of job: JobID) throws -> (worker: WorkerID, startedAt: Date, endedAt: Date?)? {
        let row = try database.read { db in
            try db.row(
                "SELECT worker, started_at, ended_at FROM attempts WHERE job = ? ORDER BY term DESC LIMIT 1",
                [job.rawValue])
        }
        return row.map { row in
            let end = (row["ended_at"] as Double?).map(Date.init(timeIntervalSince1970:))
            return (WorkerID(row["worker"]), Date(timeIntervalSince1970: row["started_at"]), end)
        }
    }

    /// What is known of jobs that somebody asks for, in one look: those that are not in it are new.
    public func past(of jobs: [JobID]) throws -> [JobID: JobPast] {
        guard !jobs.isEmpty else { return [:] }
        let rows = try database.read { db in
            try jobs.map { job in
                (
                    term: try db.row("SELECT max(term) AS term FROM attempts WHERE job = ?", [job.rawValue])?["term"]
                        as Int?,
                    outcome: try db.row("SELECT * FROM outcomes WHERE job = ? AND is_late = 0", [job.rawValue])
                )
            }
        }
        var past: [JobID: JobPast] = [:]
        for (job, row) in zip(jobs, rows) where row.term != nil || row.outcome != nil {
            past[job] = JobPast(
                settled: try row.outcome.map(outcome), lastTerm: row.term.map { LeaseTerm(rawValue: $0) })
        }
        return past
    }

    /// A reproducible outcome of a job with the same content, whichever run asked for it; the oldest one.
    public func reusableOutcome(for job: Job, environment: ContentHash) throws -> Outcome? {
        let content = Hashing.hash(job.content(environment: environment))
        let rows = try database.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM outcomes WHERE content = ? AND job <> ? ORDER BY arrived_at, job, term LIMIT 20",
                arguments: [content.rawValue, job.id.rawValue])
        }
        return try rows.lazy.map(outcome).first { $0.ending.isReproducible }
    }

    /// The jobs of some runs that are neither settled nor given up, oldest first.
    public func unfinishedJobs(of runs: [RunID]) throws -> [UnfinishedJob] {
        try database.read { db in
            try runs.flatMap { run in
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT jobs.*, held.term AS held_term, held.incarnation AS holder,
                            (SELECT max(term) FROM attempts WHERE job = jobs.id) AS last_term,
                            (SELECT count(*) FROM attempts WHERE job = jobs.id AND ending = 'interrupted')
                                AS interruptions
                        FROM jobs LEFT JOIN attempts AS held ON held.job = jobs.id AND held.ended_at IS NULL
                        WHERE jobs.state IN ('queued', 'leased') AND jobs.run = ?
                        ORDER BY jobs.submitted_at, jobs.id
                        """, arguments: [run.rawValue])
            }.map { row in
                return UnfinishedJob(
                    job: try Self.job(row),
                    holder: (row["holder"] as String?).map { Incarnation($0) },
                    heldTerm: (row["held_term"] as Int?).map { LeaseTerm(rawValue: $0) },
                    lastTerm: (row["last_term"] as Int?).map { LeaseTerm(rawValue: $0) }, losses: row["losses"],
                    interruptions: row["interruptions"])
            }
        }
    }

    /// A job's number of attempts, by job, for a run.
    public func attemptCounts(of run: RunID) throws -> [JobID: Int] {
        let rows = try database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT job, count(*) AS count FROM attempts JOIN jobs ON jobs.id = attempts.job
                    WHERE jobs.run = ? GROUP BY job
                    """, arguments: [run.rawValue])
        }
        return Dictionary(uniqueKeysWithValues: rows.map { (JobID($0["job"] as String), $0["count"] as Int) })
    }

    /// Attempts of a run that were lost, by time: which, where, and why. The outcome of one may have come all the same.
    public func lostAttempts(of run: RunID) throws -> [LostAttempt] {
        let rows = try database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT job, term, worker, ended_at, ending FROM attempts JOIN jobs ON jobs.id = attempts.job
                    WHERE jobs.run = ? AND ending IN ('lease expired', 'worker departed', 'not held by the worker',
                        'interrupted', 'interrupted too often', 'unavailable', 'sandbox unavailable')
                    ORDER BY ended_at, job, term
                    """, arguments: [run.rawValue])
        }
        return rows.map { row in
            LostAttempt(
                attempt: Attempt(job: JobID(row["job"] as String), term: LeaseTerm(rawValue: row["term"])),
                worker: WorkerID(row["worker"] as String), endedAt: row["ended_at"], why: row["ending"])
        }
    }

    static func job(_ id: JobID, in db: Database) throws -> Job? {
        try db.row("SELECT * FROM jobs WHERE id = ?", [id.rawValue]).map(job)
    }

    private static func job(_ row: Row) throws -> Job {
        guard let kind = JobKind(rawValue: row["kind"]) else {
            throw JournalError(.damaged, "job \(row["id"] as String) is of the unknown kind \(row["kind"] as String)")
        }
        let limits = Limits(
            wall: .milliseconds(row["wall_milliseconds"] as Int64), memoryBytes: row["memory_bytes"],
            outputBytes: row["output_bytes"])
        return Job(
            id: JobID(row["id"] as String), kind: kind, script: Script(row["script"]),
            mount: Mount(manifest: ContentHash(row["mount_manifest"] as String), path: row["mount_path"]),
            deliverable: Deliverable(rawValue: row["deliverable"]) ?? .submission,
            seed: row["seed"], cores: row["cores"], limits: limits,
            earlyStop: try (row["early_stop"] as String?).map { try CanonicalJSON.value(from: $0) },
            needs: try (row["needs"] as String?).map { try CanonicalJSON.value(from: $0) } ?? Needs())
    }

    private func outcome(_ row: Row) throws -> Outcome {
        func content(_ column: String) throws -> [UInt8]? {
            try (row[column] as String?).flatMap { try blob(ContentHash($0)) }
        }
        return Outcome(
            job: JobID(row["job"] as String), term: LeaseTerm(rawValue: row["term"]),
            ending: try CanonicalJSON.value(from: row["ending"]),
            usage: Usage(
                wall: .milliseconds(row["wall_milliseconds"] as Int64),
                cpu: .milliseconds(row["cpu_milliseconds"] as Int64), peakMemoryBytes: row["peak_memory_bytes"],
                peakGPUMemoryBytes: row["peak_gpu_memory_bytes"]),
            message: row["message"], log: row["log"], selfReported: row["self_reported"],
            submission: try content("submission"), environment: ContentHash(row["environment"] as String),
            sandbox: Sandbox(rawValue: row["sandbox"]) ?? .none, model: try content("model"),
            probabilities: try content("probabilities"))
    }

    /// Everything that the script of a settled job printed, gzipped; `nil` when its outcome's log holds all of it.
    public func wholeLog(of job: JobID) throws -> [UInt8]? {
        let hash = try database.read { db in
            try String.fetchOne(
                db, sql: "SELECT whole_log FROM outcomes WHERE job = ? AND is_late = 0", arguments: [job.rawValue])
        }
        return try hash.flatMap { try blob(ContentHash($0)) }
    }

    /// Remembers what a Python environment consists of; once for each fingerprint.
    public func keep(packages: [String], of environment: ContentHash) throws {
        let text = try CanonicalJSON.text(packages)
        try database.write { db in
            try db.execute(
                sql: "INSERT INTO environments (fingerprint, packages) VALUES (?, ?) ON CONFLICT DO NOTHING",
                arguments: [environment.rawValue, text])
        }
    }

    /// The packages that every Python environment of a worker so far has had, as `name==version`, sorted; `nil` before the
    /// first worker.
    public func sharedPackages() throws -> [String]? {
        let texts = try database.read { db in try String.fetchAll(db, sql: "SELECT packages FROM environments") }
        let all = try texts.map { Set(try CanonicalJSON.value([String].self, from: $0)) }
        guard let first = all.first else { return nil }
        return all.dropFirst().reduce(first) { $0.intersection($1) }.sorted()
    }

    /// The packages of a Python environment that a worker has had, as `name==version`, sorted; `nil` for an unknown one.
    public func packages(of environment: ContentHash) throws -> [String]? {
        let text = try database.read { db in
            try String.fetchOne(
                db, sql: "SELECT packages FROM environments WHERE fingerprint = ?", arguments: [environment.rawValue])
        }
        return try text.map { try CanonicalJSON.value(from: $0) }
    }
}

/// What has happened to a job so far.
public struct JobPast: Hashable, Sendable {
    /// The outcome that settled it, if any.
    public let settled: Outcome?
    /// The last lease given for it, if any.
    public let lastTerm: LeaseTerm?
}

/// An attempt that was lost before its outcome came.
public struct LostAttempt: Hashable, Sendable {
    /// Which it was.
    public let attempt: Attempt
    /// The worker it was given to.
    public let worker: WorkerID
    /// When that was known, in seconds since 1970.
    public let endedAt: Double
    /// Why, in the words of `docs/states.md`.
    public let why: String
}

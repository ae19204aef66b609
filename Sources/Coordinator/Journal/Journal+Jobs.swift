import Blobs
import Foundation
import GRDB
public import Vocabulary

/// Something about a job that must be on disk before anyone acts on it.
public enum JobRecord: Sendable {
    /// The search asked for a job; entered once.
    case submitted(Job)
    /// A worker process got the job.
    case assigned(Attempt, worker: WorkerID, incarnation: Incarnation)
    /// An attempt ended without an outcome; `counts` when it counts against the limit.
    case lost(Attempt, reason: String, counts: Bool)
    /// A worker process took an attempt up again under its old lease.
    case adopted(Attempt, incarnation: Incarnation)
    /// The outcome that settles its job, which is looked up where it is not given.
    case settled(Outcome, of: Job? = nil)
    /// An outcome that counts nowhere.
    case late(Outcome)
    /// Nobody waits for the job any more.
    case withdrawn(JobID)
    /// The job was given up.
    case abandoned(JobID, story: [String])
    /// Why jobs of a run wait for workers that are not there; `nil` when none do.
    case waits(RunID, reason: String?)
    /// What a script has printed last, for whoever looks at it.
    case printed(LogTail)
}

/// A job that was not finished when its coordinator ended.
public struct UnfinishedJob: Sendable {
    /// The job.
    public let job: Job
    /// Who held it, if anyone.
    public let holder: Incarnation?
    /// The term it is held under, if any.
    public let heldTerm: LeaseTerm?
    /// The last term given, if any.
    public let lastTerm: LeaseTerm?
    /// Attempts lost so far that count against the limit.
    public let losses: Int
    /// Attempts that workers handed back unfinished.
    public let interruptions: Int
}

extension Journal {
    /// Enters a batch of records in one transaction; blobs are on disk before it.
    public func record(_ records: [JobRecord]) throws {
        guard !records.isEmpty else { return }
        var blobs: [Attempt: OutcomeBlobs] = [:]
        for record in records {
            switch record {
            case .settled(let outcome, _), .late(let outcome):
                blobs[Attempt(job: outcome.job, term: outcome.term)] = OutcomeBlobs(
                    submission: try outcome.submission.map(keep), wholeLog: try outcome.wholeLog.map(keep),
                    model: try outcome.model.map(keep), checkpoint: try outcome.checkpoint.map(keep),
                    probabilities: try outcome.probabilities.map(keep))
            case .submitted, .assigned, .lost, .adopted, .withdrawn, .abandoned, .waits, .printed: break
            }
        }
        let moment = now()
        let unwanted = try database.write { db in
            try records.flatMap { record in
                try Self.enter(record, blobs: blobs, at: moment, in: db)
                return try Self.dropCheckpoints(after: record, in: db)
            }
        }
        for checkpoint in unwanted { self.blobs.remove(checkpoint) }
    }

    /// Forgets checkpoints that nobody will go on from: those before a later one, and all of a settled job.
    ///
    /// - Returns: the blobs that may be removed.
    private static func dropCheckpoints(after record: JobRecord, in db: Database) throws -> [ContentHash] {
        let outcome: Outcome
        let isSettled: Bool
        switch record {
        case .settled(let settling, _): (outcome, isSettled) = (settling, true)
        case .late(let late) where late.checkpoint != nil: (outcome, isSettled) = (late, false)
        default: return []
        }
        // The first attempt of a job has none before it.
        guard outcome.term > .first else { return [] }
        let earlier = isSettled ? outcome.term.rawValue + 1 : outcome.term.rawValue
        let condition = "job = ? AND term < ? AND checkpoint IS NOT NULL"
        let arguments: StatementArguments = [outcome.job.rawValue, earlier]
        let found = try String.fetchAll(
            db, sql: "SELECT DISTINCT checkpoint FROM outcomes WHERE \(condition)", arguments: arguments)
        guard !found.isEmpty else { return [] }
        try db.execute(sql: "UPDATE outcomes SET checkpoint = NULL WHERE \(condition)", arguments: arguments)
        // Equal ones of other attempts share a blob.
        return try found.filter { checkpoint in
            try Bool.fetchOne(
                db, sql: "SELECT NOT EXISTS (SELECT 1 FROM outcomes WHERE checkpoint = ?)", arguments: [checkpoint])
                == true
        }.map { ContentHash($0) }
    }

    /// The large parts of an outcome, which lie beside the database.
    private struct OutcomeBlobs {
        var submission: ContentHash?
        var wholeLog: ContentHash?
        var model: ContentHash?
        var checkpoint: ContentHash?
        var probabilities: ContentHash?
    }

    private static func enter(
        _ record: JobRecord, blobs: [Attempt: OutcomeBlobs], at moment: Double, in db: Database
    ) throws {
        switch record {
        case .submitted(let job): try submit(job, at: moment, in: db)
        case .assigned(let attempt, let worker, let incarnation):
            try db.run(
                """
                INSERT INTO attempts (job, term, worker, incarnation, started_at) VALUES (?, ?, ?, ?, ?)
                """,
                [
                    attempt.job.rawValue, attempt.term.rawValue, worker.rawValue, incarnation.rawValue, moment,
                ])
            try setState("leased", of: attempt.job, in: db)
        case .lost(let attempt, let reason, let counts):
            try endAttempt(attempt, ending: reason, at: moment, in: db)
            try setState("queued", of: attempt.job, losses: counts ? 1 : 0, in: db)
        case .adopted(let attempt, let incarnation):
            try db.run(
                "UPDATE attempts SET ended_at = NULL, ending = NULL, incarnation = ? WHERE job = ? AND term = ?",
                [incarnation.rawValue, attempt.job.rawValue, attempt.term.rawValue])
            try setState("leased", of: attempt.job, in: db)
        case .settled(let outcome, let job):
            try insert(outcome, of: job, isLate: false, blobs: blobs, at: moment, in: db)
            try finish(outcome.job, as: "settled", note: nil, at: moment, in: db)
        case .late(let outcome): try insert(outcome, of: nil, isLate: true, blobs: blobs, at: moment, in: db)
        case .withdrawn(let job): try finish(job, as: "withdrawn", note: nil, at: moment, in: db)
        case .abandoned(let job, let story):
            try finish(job, as: "abandoned", note: story.joined(separator: "\n"), at: moment, in: db)
            try quarantine(job, story: story, at: moment, in: db)
        case .waits(let run, let reason): try note(reason, whyWaiting: run, in: db)
        case .printed(let tail): try keep(tail, at: moment, in: db)
        }
    }

    private static func submit(_ job: Job, at moment: Double, in db: Database) throws {
        // A job withdrawn when its budget ended is wanted again after a resume with a larger one.
        try db.run(
            """
            INSERT INTO jobs (id, run, kind, script, mount_manifest, mount_path, deliverable, seed, cores, wall_milliseconds,
                memory_bytes, output_bytes, state, submitted_at, early_stop, needs) VALUES (?, ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, 'queued', ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET state = 'queued', finished_at = NULL,
                mount_path = excluded.mount_path, wall_milliseconds = excluded.wall_milliseconds
            WHERE state IN ('withdrawn', 'abandoned')
            """,
            [
                job.id.rawValue, job.id.run.rawValue, job.kind.rawValue, job.script.text, job.mount.manifest.rawValue,
                job.mount.path, job.deliverable.rawValue, job.seed, job.cores, job.limits.wall.milliseconds,
                job.limits.memoryBytes,
                job.limits.outputBytes, moment, try job.earlyStop.map(CanonicalJSON.text),
                job.needs == Needs() ? nil : try CanonicalJSON.text(job.needs),
            ])
    }

    private static func setState(_ state: String, of job: JobID, losses: Int = 0, in db: Database) throws {
        try db.run(
            "UPDATE jobs SET state = ?, losses = losses + ? WHERE id = ? AND finished_at IS NULL",
            [state, losses, job.rawValue])
    }

    private static func finish(
        _ job: JobID, as state: String, note: String?, at moment: Double, in db: Database
    ) throws {
        try db.run(
            "UPDATE jobs SET state = ?, finished_at = ?, note = ? WHERE id = ? AND finished_at IS NULL",
            [state, moment, note, job.rawValue])
        try db.run(
            "UPDATE attempts SET ended_at = ?, ending = ? WHERE job = ? AND ended_at IS NULL",
            [moment, state, job.rawValue])
    }

    private static func endAttempt(_ attempt: Attempt, ending: String, at moment: Double, in db: Database) throws {
        try db.run(
            "UPDATE attempts SET ended_at = ?, ending = ? WHERE job = ? AND term = ? AND ended_at IS NULL",
            [moment, ending, attempt.job.rawValue, attempt.term.rawValue])
    }

    private static func insert(
        _ outcome: Outcome, of known: Job?, isLate: Bool, blobs: [Attempt: OutcomeBlobs], at moment: Double,
        in db: Database
    ) throws {
        let attempt = Attempt(job: outcome.job, term: outcome.term)
        try endAttempt(attempt, ending: "\(outcome.ending)", at: moment, in: db)
        // An outcome of a job nobody ever asked for here belongs to another journal: there is nothing to file it under.
        guard let job = try known ?? job(outcome.job, in: db) else { return }
        try db.run(
            """
            INSERT INTO outcomes (job, term, is_late, ending, wall_milliseconds, cpu_milliseconds,
                peak_memory_bytes, message, log, self_reported, submission, environment, content, arrived_at,
                sandbox, whole_log, peak_gpu_memory_bytes, model, checkpoint, probabilities)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, term) DO \(isLate ? "NOTHING" : """
                UPDATE SET is_late = 0, ending = excluded.ending, submission = excluded.submission,
                    message = excluded.message, log = excluded.log, self_reported = excluded.self_reported,
                    sandbox = excluded.sandbox, whole_log = excluded.whole_log, model = excluded.model,
                    probabilities = excluded.probabilities
                """)
            """,
            [
                outcome.job.rawValue, outcome.term.rawValue, isLate, try CanonicalJSON.text(outcome.ending),
                outcome.usage.wall.milliseconds, outcome.usage.cpu.milliseconds, outcome.usage.peakMemoryBytes,
                outcome.message, outcome.log, outcome.selfReported, blobs[attempt]?.submission?.rawValue,
                outcome.environment.rawValue,
                Hashing.hash(job.content(environment: outcome.environment)).rawValue, moment,
                outcome.sandbox.rawValue, blobs[attempt]?.wholeLog?.rawValue, outcome.usage.peakGPUMemoryBytes,
                blobs[attempt]?.model?.rawValue, blobs[attempt]?.checkpoint?.rawValue,
                blobs[attempt]?.probabilities?.rawValue,
            ])
    }
}

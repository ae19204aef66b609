import Blobs
import Foundation
import GRDB
public import Vocabulary

/// What kind of effect a step is.
public enum StepKind: String, Codable, Hashable, Sendable {
    case ask, run, observe, note
}

/// One step of a run.
public struct StepRecord: Hashable, Sendable {
    /// Where it stands in the search.
    public let path: StepPath
    /// What kind of effect it is.
    public let kind: StepKind
    /// The canonical request.
    public let request: String
    /// The answer; `nil` while the step is under way.
    public let answer: String?
    /// When it was asked, seconds since 1970.
    public let askedAt: Double
    /// When it was answered, seconds since 1970.
    public let answeredAt: Double?
    /// How often the effect behind it was started.
    public let timesAsked: Int
}

/// A score with the part of the held-out rows it was computed on.
public struct ScoreRecord: Hashable, Sendable {
    /// The step whose submission was scored.
    public let path: StepPath
    /// `search` or `judge`.
    public let part: String
    /// The score.
    public let score: Score

    /// A record.
    public init(path: StepPath, part: String, score: Score) {
        self.path = path
        self.part = part
        self.score = score
    }
}

extension Journal {
    /// The answer of a finished step; `nil` when the step has none yet.
    ///
    /// - Throws: `JournalError` when the path was asked with another request: an answer is never given to a question it
    ///   does not belong to.
    public func answer<Request: Encodable, Answer: Decodable>(
        at path: StepPath, of run: RunID, kind: StepKind, to request: Request, as type: Answer.Type = Answer.self
    ) throws -> Answer? {
        let text = try CanonicalJSON.text(request)
        let row = try database.read { db in
            try db.row(
                "SELECT kind, request, answer FROM steps WHERE run = ? AND path = ?",
                [run.rawValue, path.description])
        }
        guard let row else { return nil }
        guard row["request"] as String == text, row["kind"] as String == kind.rawValue else {
            let before = (row["request"] as String).prefix(300)
            throw JournalError(
                .stepMismatch,
                "step \(path) of \(run) was asked with another request before: then \(before), now \(text.prefix(300)); "
                    + "the run was made by another version or with other settings: start a new one")
        }
        return try (row["answer"] as String?).map { try CanonicalJSON.value(from: $0) }
    }

    /// Enters that a step is being asked.
    public func ask(_ path: StepPath, of run: RunID, kind: StepKind, request: some Encodable) throws {
        let text = try CanonicalJSON.text(request)
        try database.write { db in
            try db.run(
                """
                INSERT INTO steps (run, path, kind, request_hash, request, state, asked_at)
                VALUES (?, ?, ?, ?, ?, 'asked', ?)
                ON CONFLICT (run, path) DO UPDATE SET times_asked = times_asked + 1
                """,
                [
                    run.rawValue, path.description, kind.rawValue, Hashing.hash(text.utf8).rawValue, text, now(),
                ])
        }
    }

    /// Enters a step's answer and the scores it brought, in one transaction.
    public func answer(
        _ path: StepPath, of run: RunID, with answer: some Encodable, scores: [ScoreRecord] = []
    ) throws {
        let text = try CanonicalJSON.text(answer)
        try database.write { db in
            try db.run(
                """
                UPDATE steps SET state = 'answered', answer = ?, answered_at = ?
                WHERE run = ? AND path = ? AND state = 'asked'
                """, [text, now(), run.rawValue, path.description])
            for record in scores { try insert(record, of: run, in: db) }
        }
    }

    /// The steps of a run in tree order.
    public func steps(of run: RunID) throws -> [StepRecord] {
        let rows = try database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM steps WHERE run = ?", arguments: [run.rawValue])
        }
        return rows.map(StepRecord.init).sorted { $0.path < $1.path }
    }

    /// The scores of a run in tree order.
    public func scores(of run: RunID) throws -> [ScoreRecord] {
        let rows = try database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM scores WHERE run = ?", arguments: [run.rawValue])
        }
        return rows.compactMap(ScoreRecord.init).sorted { ($0.path, $0.part) < ($1.path, $1.part) }
    }

    private func insert(_ record: ScoreRecord, of run: RunID, in db: Database) throws {
        try db.run(
            """
            INSERT OR REPLACE INTO scores (run, path, part, value, standard_error, row_count, evaluation)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                run.rawValue, record.path.description, record.part, record.score.value,
                record.score.standardError, record.score.rowCount, record.score.evaluation.rawValue,
            ])
    }
}

extension StepRecord {
    init(_ row: Row) {
        path = StepPath(row["path"] as String)
        kind = StepKind(rawValue: row["kind"]) ?? .note
        request = row["request"]
        answer = row["answer"]
        askedAt = row["asked_at"]
        answeredAt = row["answered_at"]
        timesAsked = row["times_asked"]
    }
}

extension ScoreRecord {
    init?(_ row: Row) {
        guard
            let score = Score(
                row["value"], standardError: row["standard_error"], rowCount: row["row_count"],
                evaluation: Evaluation(rawValue: row["evaluation"]) ?? .selfReported)
        else { return nil }
        self.init(path: StepPath(row["path"] as String), part: row["part"], score: score)
    }
}

extension Journal {
    /// The answer of a step whatever was asked; for reports and for looking a finished step up again.
    public func storedAnswer<Answer: Decodable>(
        at path: StepPath, of run: RunID, kind: StepKind, as type: Answer.Type = Answer.self
    ) throws -> Answer? {
        let text = try database.read { db in
            try String.fetchOne(
                db, sql: "SELECT answer FROM steps WHERE run = ? AND path = ? AND kind = ?",
                arguments: [run.rawValue, path.description, kind.rawValue])
        }
        return try text.map { try CanonicalJSON.value(from: $0) }
    }

    /// What a step was asked; `nil` when there is no such step.
    public func storedRequest<Request: Decodable>(
        at path: StepPath, of run: RunID, as type: Request.Type = Request.self
    ) throws -> Request? {
        let text = try database.read { db in
            try String.fetchOne(
                db, sql: "SELECT request FROM steps WHERE run = ? AND path = ?",
                arguments: [run.rawValue, path.description])
        }
        return try text.map { try CanonicalJSON.value(from: $0) }
    }
}

import GRDB
public import Vocabulary

/// A hint as the journal knows it.
public struct HintRecord: Hashable, Sendable {
    /// Its number, counted over all runs.
    public let number: Int
    /// `model-card`, `target` or `plan`.
    public let kind: String
    /// The hint itself, as JSON.
    public let content: String
}

extension Journal {
    /// Enters a hint for a run.
    ///
    /// - Returns: its number.
    @discardableResult
    public func hint(_ run: RunID, kind: String, content: String) throws -> Int {
        try database.write { db in
            try db.execute(
                sql: "INSERT INTO hints (run, kind, content, given_at) VALUES (?, ?, ?, ?)",
                arguments: [run.rawValue, kind, content, now()])
            return Int(db.lastInsertedRowID)
        }
    }

    /// The hints for a run behind a number, in the order in which they were given.
    public func hints(for run: RunID, after number: Int = 0) throws -> [HintRecord] {
        try database.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM hints WHERE run = ? AND id > ? ORDER BY id",
                arguments: [run.rawValue, number])
        }.map { HintRecord(number: $0["id"], kind: $0["kind"], content: $0["content"]) }
    }
}

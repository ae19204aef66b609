import GRDB
public import Vocabulary

/// A wish that workers take no more jobs and end.
public struct DrainRequest: Hashable, Sendable {
    /// What has become of it.
    public enum State: String, Hashable, Sendable {
        /// Entered.
        case asked
        /// The workers know of it and get no more jobs.
        case heeded
        /// There is no such worker.
        case refused
    }

    /// Its number.
    public let number: Int
    /// The worker; `nil` for all that are there.
    public let worker: WorkerID?
    /// Whether what they run is stopped and handed back.
    public let handsBack: Bool
    /// What has become of it.
    public let state: State
    /// What the coordinator answered; empty before.
    public let words: String
}

extension Journal {
    /// Enters that a worker, or all of them, should take no more jobs and end.
    ///
    /// - Returns: the request's number.
    public func drain(_ worker: WorkerID?, handsBack: Bool) throws -> Int {
        try database.write { db in
            try db.execute(
                sql: "INSERT INTO drains (worker, hands_back, state, asked_at) VALUES (?, ?, 'asked', ?)",
                arguments: [worker?.rawValue, handsBack, now()])
            return Int(db.lastInsertedRowID)
        }
    }

    /// One request; `nil` for an unknown number.
    public func drain(_ number: Int) throws -> DrainRequest? {
        try database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM drains WHERE id = ?", arguments: [number])
        }.map(DrainRequest.init)
    }

    /// The requests that nobody has answered, in the order in which they were made.
    public func openDrains() throws -> [DrainRequest] {
        try database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM drains WHERE state = 'asked' ORDER BY id")
        }.map(DrainRequest.init)
    }

    /// Answers a request, once.
    public func answer(drain number: Int, as state: DrainRequest.State, words: String) throws {
        try database.write { db in
            try db.execute(
                sql: "UPDATE drains SET state = ?, words = ? WHERE id = ? AND state = 'asked'",
                arguments: [state.rawValue, words, number])
        }
    }
}

extension DrainRequest {
    init(_ row: Row) {
        number = row["id"]
        worker = (row["worker"] as String?).map { WorkerID($0) }
        handsBack = row["hands_back"]
        state = State(rawValue: row["state"]) ?? .refused
        words = row["words"] ?? ""
    }
}

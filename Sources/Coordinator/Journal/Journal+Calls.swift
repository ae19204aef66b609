import Blobs
import Foundation
import GRDB
public import Vocabulary

/// Where a call of a language model stands.
public enum CallState: String, Codable, Hashable, Sendable {
    /// Sent, not answered yet.
    case asked
    /// Answered.
    case answered
    /// Ended with an error.
    case failed
    /// The process died while it was under way: it is counted with the most it can have cost.
    case lost
}

/// Tokens and money of a call.
public struct CallCost: Hashable, Sendable {
    /// Tokens read.
    public var input: Int
    /// Tokens written, thinking included.
    public var output: Int
    /// Picodollars; `nil` where no price is known.
    public var picodollars: Int64?

    /// A cost.
    public init(input: Int, output: Int, picodollars: Int64?) {
        self.input = input
        self.output = output
        self.picodollars = picodollars
    }

    /// Nothing.
    public static let none = CallCost(input: 0, output: 0, picodollars: 0)

    /// Both together; without a price as soon as one has none.
    public static func + (left: CallCost, right: CallCost) -> CallCost {
        let money = left.picodollars.flatMap { left in right.picodollars.map { left + $0 } }
        return CallCost(input: left.input + right.input, output: left.output + right.output, picodollars: money)
    }
}

/// A call that is about to be made.
public struct NewCall: Sendable {
    let path: StepPath
    let role: String
    let attempt: Int
    let model: String
    let request: [UInt8]
    let ceiling: CallCost

    /// A call.
    ///
    /// - Parameters:
    ///   - attempt: which asking of its step it is, from 1.
    ///   - model: as the user names it.
    ///   - request: everything the answer may depend on, in canonical form, without keys.
    ///   - ceiling: the most it can cost: what it is counted with if the process dies while it is under way.
    public init(
        path: StepPath, role: String, attempt: Int, model: String, request: [UInt8], ceiling: CallCost = .none
    ) {
        self.path = path
        self.role = role
        self.attempt = attempt
        self.model = model
        self.request = request
        self.ceiling = ceiling
    }
}

/// A call as the journal knows it.
public struct CallRecord: Hashable, Sendable {
    /// Its number, counted over all runs.
    public let id: Int64
    /// The step it was made for.
    public let path: StepPath
    /// The role that was played.
    public let role: String
    /// Which asking of its step it is, from 1.
    public let attempt: Int
    /// The model, as the user names it.
    public let model: String
    /// The blob of the request.
    public let request: ContentHash
    /// Where it stands.
    public let state: CallState
    /// The blob of the answer.
    public let answer: ContentHash?
    /// What it cost.
    public let cost: CallCost
    /// From the first byte to the last.
    public let latency: Duration
    /// What went wrong with the call.
    public let error: String?
    /// Why the answer could not be used.
    public let defect: String?
    /// What is worth telling.
    public let notes: [String]
}

extension Journal {
    /// Enters a call before it is made.
    public func begin(_ call: NewCall, of run: RunID) throws -> Int64 {
        let request = try blobs.keep(call.request)
        return try database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO calls (run, path, role, attempt, model, request, state, asked_at, input_tokens,
                        output_tokens, picodollars)
                    VALUES (?, ?, ?, ?, ?, ?, 'asked', ?, ?, ?, ?)
                    """,
                arguments: [
                    run.rawValue, call.path.description, call.role, call.attempt, call.model, request.rawValue, now(),
                    call.ceiling.input, call.ceiling.output, call.ceiling.picodollars,
                ])
            return db.lastInsertedRowID
        }
    }

    /// Enters a call's answer.
    public func answer(call: Int64, with answer: [UInt8], cost: CallCost, latency: Duration, notes: [String]) throws {
        let hash = try blobs.keep(answer)
        try end(call, as: .answered, cost, latency, notes: notes, answer: hash)
    }

    /// Enters that a call failed.
    public func fail(call: Int64, with error: String, cost: CallCost, latency: Duration) throws {
        try end(call, as: .failed, cost, latency, error: error)
    }

    private func end(
        _ call: Int64, as state: CallState, _ cost: CallCost, _ latency: Duration, notes: [String] = [],
        answer: ContentHash? = nil, error: String? = nil
    ) throws {
        let notes = try CanonicalJSON.text(notes)
        try database.write { db in
            try db.execute(
                sql: """
                    UPDATE calls SET state = ?, answer = ?, error = ?, input_tokens = ?, output_tokens = ?,
                        picodollars = ?, latency_milliseconds = ?, notes = ?, ended_at = ?
                    WHERE id = ? AND state = 'asked'
                    """,
                arguments: [
                    state.rawValue, answer?.rawValue, error, cost.input, cost.output, cost.picodollars,
                    Int64(latency.seconds * 1000), notes, now(), call,
                ])
        }
    }

    /// Enters what was found of a call's answer: why it cannot be used, if it cannot, and what is worth telling.
    public func judge(call: Int64, defect: String?, notes: [String]) throws {
        let notes = try CanonicalJSON.text(notes)
        try database.write { db in
            try db.execute(
                sql: "UPDATE calls SET defect = ?, notes = ? WHERE id = ?", arguments: [defect, notes, call])
        }
    }

    /// The answered call of a step with the same attempt, model and request: it is not paid for again.
    public func answeredCall(like call: NewCall, of run: RunID) throws -> CallRecord? {
        let request = Hashing.hash(call.request)
        return try database.read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT * FROM calls WHERE run = ? AND path = ? AND role = ? AND attempt = ? AND model = ?
                        AND request = ? AND state = 'answered' ORDER BY id LIMIT 1
                    """,
                arguments: [
                    run.rawValue, call.path.description, call.role, call.attempt, call.model, request.rawValue,
                ])
        }.map(CallRecord.init)
    }

    /// Marks the calls that were under way when the last sitting died.
    ///
    /// - Returns: how many there were.
    @discardableResult
    public func markLostCalls(of run: RunID) throws -> Int {
        try database.write { db in
            try db.execute(
                sql: "UPDATE calls SET state = 'lost', ended_at = ? WHERE run = ? AND state = 'asked'",
                arguments: [now(), run.rawValue])
            return db.changesCount
        }
    }

    /// The calls of a run in the order in which they were made.
    public func calls(of run: RunID) throws -> [CallRecord] {
        try database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM calls WHERE run = ? ORDER BY id", arguments: [run.rawValue])
        }.map(CallRecord.init)
    }
}

extension CallRecord {
    init(_ row: Row) {
        id = row["id"]
        path = StepPath(row["path"] as String)
        role = row["role"]
        attempt = row["attempt"]
        model = row["model"]
        request = ContentHash(row["request"] as String)
        state = CallState(rawValue: row["state"]) ?? .lost
        answer = (row["answer"] as String?).map { ContentHash($0) }
        cost = CallCost(input: row["input_tokens"], output: row["output_tokens"], picodollars: row["picodollars"])
        latency = .milliseconds(row["latency_milliseconds"] as Int64)
        error = row["error"]
        defect = row["defect"]
        notes = (try? CanonicalJSON.value(from: row["notes"])) ?? []
    }
}

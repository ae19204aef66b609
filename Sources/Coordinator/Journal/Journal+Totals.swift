import GRDB

/// Sums over all runs.
public struct JournalTotals: Hashable, Sendable {
    /// Runs by state.
    public var runs: [String: Int] = [:]
    /// Jobs by state.
    public var jobs: [String: Int] = [:]
    /// Calls of language models and what they cost, by model.
    public var calls: [String: ModelTotal] = [:]
}

/// Calls of one language model together.
public struct ModelTotal: Hashable, Sendable {
    /// Calls made.
    public var calls: Int
    /// Tokens read.
    public var inputTokens: Int
    /// Tokens written.
    public var outputTokens: Int
    /// Picodollars, of the calls whose price is known.
    public var picodollars: Int64
}

extension Journal {
    /// Runs and jobs by state, and what language models cost, over all runs.
    public func totals() throws -> JournalTotals {
        try database.read { db in
            var totals = JournalTotals()
            for row in try Row.fetchAll(db, sql: "SELECT state, count(*) AS count FROM runs GROUP BY state") {
                totals.runs[row["state"]] = row["count"]
            }
            for row in try Row.fetchAll(db, sql: "SELECT state, count(*) AS count FROM jobs GROUP BY state") {
                totals.jobs[row["state"]] = row["count"]
            }
            let calls = """
                SELECT model, count(*) AS calls, sum(input_tokens) AS input, sum(output_tokens) AS output,
                    coalesce(sum(picodollars), 0) AS picodollars FROM calls GROUP BY model
                """
            for row in try Row.fetchAll(db, sql: calls) {
                totals.calls[row["model"]] = ModelTotal(
                    calls: row["calls"], inputTokens: row["input"], outputTokens: row["output"],
                    picodollars: row["picodollars"])
            }
            return totals
        }
    }
}

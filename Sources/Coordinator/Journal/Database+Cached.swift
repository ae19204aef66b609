import GRDB

/// Statements that are asked for again and again are compiled once for each connection: compiling costs as much as running them.
extension Database {
    /// Executes a statement that writes.
    func run(_ sql: String, _ arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// The first row of what a statement selects.
    func row(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }
}

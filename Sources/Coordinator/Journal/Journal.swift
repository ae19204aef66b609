import Blobs
import Foundation
import GRDB
public import Vocabulary

/// The memory of all runs: one SQLite file, written by named transactions, and a store of blobs beside it.
///
/// Every commit is on disk when its call returns (WAL, `synchronous=FULL`). Several processes may use one journal, each
/// for its own runs.
public final class Journal: Sendable {
    let database: any DatabaseWriter
    let blobs: BlobStore

    /// Opens the journal of a state folder, making it when it is missing.
    ///
    /// - Throws: `JournalError` when the file cannot be opened, is no journal, or is newer than this program.
    public convenience init(folder: String) throws(JournalError) {
        do {
            let blobs = try BlobStore(folder: "\(folder)/blobs")
            // Two processes that open it at once must not both make its tables.
            guard let lock = FolderLock.waiting(path: "\(folder)/journal.lock") else {
                throw JournalError(.unusable, "cannot write in \(folder)")
            }
            defer { lock.release() }
            var configuration = Configuration()
            configuration.busyMode = .timeout(30)
            let pool = try DatabasePool(path: "\(folder)/journal.sqlite", configuration: configuration)
            // Opening a pool sets NORMAL, with which a power cut may take the last commits along.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try self.init(database: pool, blobs: blobs)
        } catch let error as JournalError {
            throw error
        } catch {
            throw JournalError(.unusable, "cannot open the journal in \(folder): \(error)")
        }
    }

    init(database: any DatabaseWriter, blobs: BlobStore) throws {
        self.database = database
        self.blobs = blobs
        let migrator = Schema.migrator
        if try database.read(migrator.hasBeenSuperseded) {
            throw JournalError(.tooNew, "the journal was written by a newer version of mlestar; use that version")
        }
        try migrator.migrate(database)
    }

    /// A journal in memory with its blobs in a folder, for tests.
    public static func inMemory(blobFolder: String) throws -> Journal {
        try Journal(database: try DatabaseQueue(), blobs: try BlobStore(folder: blobFolder))
    }

    /// The bytes of a blob; `nil` when there are none under that hash.
    public func blob(_ hash: ContentHash) throws -> [UInt8]? { try blobs.bytes(of: hash) }

    /// Keeps bytes as a blob.
    public func keep(_ bytes: [UInt8]) throws -> ContentHash { try blobs.keep(bytes) }

    func now() -> Double { Date().timeIntervalSince1970 }
}

/// What the journal could not do.
public struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: Hashable, Sendable {
        case unusable
        case tooNew
        case unknownRun
        case stepMismatch
        case damaged
    }

    /// What went wrong.
    public let code: Code
    /// A sentence that says what to do.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// JSON with sorted keys: equal values give equal texts.
enum CanonicalJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type = Value.self, from text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

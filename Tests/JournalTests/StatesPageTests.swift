import Foundation
import GRDB
import TestKit
import Testing

@testable import Journal

@Suite("docs/states.md", .timeLimit(.minutes(5)))
struct StatesPageTests {
    private let page: String

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        page = try String(contentsOf: root.appendingPathComponent("docs/states.md"), encoding: .utf8)
    }

    @Test("every state that the tables allow is on the page")
    func tables() throws {
        let folder = try TemporaryFolder()
        let journal = try Journal(folder: folder.path)
        let statements = try journal.database.read { db in
            try String.fetchAll(db, sql: "SELECT sql FROM sqlite_master WHERE sql LIKE '%CHECK (state IN%'")
        }
        #expect(statements.count == 5)
        for statement in statements {
            let list = try #require(statement.firstMatch(of: #/CHECK \(state IN \(([^)]*)\)/#)).1
            let quotes = CharacterSet(charactersIn: " '")
            for state in list.split(separator: ",").map({ $0.trimmingCharacters(in: quotes) }) {
                #expect(page.contains("`\(state)`"), "\(state) is missing")
            }
        }
    }
}

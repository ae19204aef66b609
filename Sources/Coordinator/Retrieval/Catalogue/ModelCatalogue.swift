import Foundation
import GRDB

/// Model cards with a full-text index: what is searched where no web search is set up, or wanted.
public struct ModelCatalogue: Sendable {
    /// All cards, by title.
    public let cards: [ModelCard]
    private let index: DatabaseQueue

    /// The cards that come with the program.
    public static let builtIn: ModelCatalogue = {
        do {
            return try ModelCatalogue(
                try embedded.map { file, bytes in
                    try ModelCard(parsing: String(decoding: bytes, as: UTF8.self), file: file)
                })
        } catch {
            preconditionFailure("the built-in model cards are broken: \(error)")
        }
    }()

    /// Reads a folder of cards (`*.md`) on top of the built-in ones; a card replaces the one of the same title.
    ///
    /// - Throws: `CardError` for a card or folder that cannot be read.
    public static func reading(folder: String) throws -> ModelCatalogue {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw CardError(file: folder, problem: "is no folder that can be read")
        }
        var own: [ModelCard] = []
        for name in names.sorted() where name.hasSuffix(".md") {
            let path = "\(folder)/\(name)"
            guard let content = FileManager.default.contents(atPath: path),
                let source = String(data: content, encoding: .utf8)
            else { throw CardError(file: path, problem: "cannot be read as UTF-8 text") }
            own.append(try ModelCard(parsing: source, file: path))
        }
        let titles = Set(own.map(\.title))
        return try ModelCatalogue(own + builtIn.cards.filter { !titles.contains($0.title) })
    }

    /// Indexes some cards.
    public init(_ cards: [ModelCard]) throws {
        self.cards = cards.sorted { $0.title < $1.title }
        index = try DatabaseQueue()
        try index.write { database in
            try database.create(virtualTable: "card", using: FTS5()) { table in
                table.tokenizer = .porter()
                for column in ["title", "tags", "text", "code"] { table.column(column) }
            }
            for (number, card) in self.cards.enumerated() {
                try database.execute(
                    sql: "INSERT INTO card (rowid, title, tags, text, code) VALUES (?, ?, ?, ?, ?)",
                    arguments: [number, card.title, card.tags.joined(separator: " "), card.text, card.code])
            }
        }
    }

    /// The cards that fit some words best, the best first; equal ones by title.
    ///
    /// - Parameter words: Any text: a question, a task's description. Its marks mean nothing.
    public func search(_ words: String, count: Int) -> [ModelCard] {
        let all: [Substring] = words.lowercased().split { !$0.isLetter && !$0.isNumber }.filter { $0.count > 1 }
        let terms = Set(all.map { String($0) }.prefix(200))
        guard !terms.isEmpty, count > 0 else { return [] }
        let query = terms.sorted().map { "\"\($0)\"" }.joined(separator: " OR ")
        // A word in the title or the tags says more than one in the text.
        let sql = "SELECT rowid FROM card WHERE card MATCH ? ORDER BY bm25(card, 8, 6, 1, 0.2), rowid LIMIT ?"
        let found = try? index.read { try Int.fetchAll($0, sql: sql, arguments: [query, count]) }
        return (found ?? []).map { cards[$0] }
    }
}

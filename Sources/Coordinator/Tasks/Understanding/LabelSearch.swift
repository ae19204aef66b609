import Foundation
import Vocabulary

/// Tells whether a text holds the labels of training rows, or names rows.
struct LabelSearch {
    private let targets: Set<String>
    private let features: Set<String>
    private let testNames: Set<String>
    private let predicted: Set<String>
    private let idNames: Set<String>
    private let ids: RowIDs
    private let labels: Set<String>

    init(tables: TaskTables, identity: RowIdentity, specification: TaskSpecification) {
        let names = specification.targets.filter(tables.train.names.contains)
        targets = Set(names.map { $0.lowercased() })
        testNames = Set((tables.test?.names ?? []).map { $0.lowercased() })
        features = testNames.subtracting([identity.tableColumn, identity.column].compactMap { $0?.lowercased() })
        predicted = Set(specification.submission.columns.map { $0.name.lowercased() })
        idNames = Set([identity.tableColumn, identity.column].compactMap { $0 }.map(IdentityFinder.plain))
        ids = RowIDs(tables: tables, column: identity.tableColumn)
        labels = Set(names.flatMap { tables.train.column($0) ?? [] }.filter { !$0.isEmpty })
    }

    // MARK: Tables

    func finding(in table: TableHead) -> ExtraFiles.Finding {
        let names = table.names.map { $0.lowercased() }
        if let name = table.headers.joined().first(where: { targets.contains($0.lowercased()) }) {
            return .withheld(why: "has the target column '\(name)'")
        }
        if names.count > 1, predicted.isSubset(of: names) { return .withheld(why: "has the columns of a submission") }
        if let place = labelColumn(of: table, names) {
            return .withheld(why: "has the columns of the tables and '\(table.names[place])', which may be the labels,")
        }
        if let place = names.indices.first(where: { namesRows(table, $0) }) {
            return .forbidding(why: "names rows by '\(table.names[place])', which changes when rows are mixed")
        }
        return .harmless
    }

    /// A column that test lacks, beside so many features that rows can be found again by them.
    private func labelColumn(of table: TableHead, _ names: [String]) -> Int? {
        let shared = features.intersection(names).count
        guard shared >= 1, shared * 2 >= features.count else { return nil }
        let others = names.indices.filter {
            !testNames.contains(names[$0]) && !idNames.contains(IdentityFinder.plain(names[$0]))
        }
        if shared >= 3, shared * 5 >= features.count * 4, let first = others.first { return first }
        return others.first { place in
            let values = table.values(place)
            return values.count > 1 && values.isSubset(of: labels)
        }
    }

    private func namesRows(_ table: TableHead, _ place: Int) -> Bool {
        guard !ids.isEmpty else { return false }
        let values = table.values(place)
        let hits = values.lazy.filter(ids.contains).count
        let isNamedSo = idNames.contains(IdentityFinder.plain(table.names[place]))
        guard ids.areNumbers else { return hits >= 3 || (hits > 0 && (isNamedSo || hits == values.count)) }
        // Numbers meet by chance: most must be ids, and of the ids they must be a good part.
        if isNamedSo { return hits > 0 && hits * 2 > values.count && (table.isCut || hits * 10 >= ids.leastCount) }
        // Under another name they must also be many and stand where names stand.
        guard place == 0 || IdentityFinder.namesRows(table.names[place]) else { return false }
        return hits >= 10 && hits * 5 >= values.count * 4 && hits * 5 >= min(ids.leastCount, 2000)
    }

    // MARK: Keys and values

    /// Looks at what JSON has between quotes.
    func finding(inKeysOf head: TableHead) -> ExtraFiles.Finding {
        let names = QuotedName.all(in: head.text)
        guard !names.isEmpty else { return finding(inWordsOf: head) }
        if let name = names.first(where: { targets.contains($0.text.lowercased()) }) {
            return .withheld(why: "has the target '\(name.text)'")
        }
        if head.isCut, mayHoldColumns(names) { return Self.cut }
        return rowNames(names)
    }

    /// Looks at all words, as names need no quotes.
    func finding(inWordsOf head: TableHead) -> ExtraFiles.Finding {
        let words = Self.words(head.text)
        if let target = targets.sorted().first(where: { Self.contains(words, $0) }) {
            return .withheld(why: "has the target '\(target)'")
        }
        if head.isCut, features.lazy.filter({ Self.contains(words, $0) }).prefix(2).count == 2 { return Self.cut }
        return rowNames(QuotedName.all(in: head.text))
    }

    private static let cut = ExtraFiles.Finding.withheld(
        why: "is too long to be looked through, has columns of the tables")

    /// Whether a part of a file is of rows with several features, or of whole columns, of which others may follow.
    private func mayHoldColumns(_ names: [QuotedName]) -> Bool {
        let found = Set(names.lazy.filter(\.isKey).map { $0.text.lowercased() })
        return features.intersection(found).count >= 2
            || names.contains {
                $0.isKeyOfMany
                    && (features.contains($0.text.lowercased()) || idNames.contains(IdentityFinder.plain($0.text)))
            }
    }

    private func rowNames(_ names: [QuotedName]) -> ExtraFiles.Finding {
        let hits = names.filter { ids.contains($0.text) }
        guard hits.contains(where: \.isKey) || (hits.count >= 3 && !ids.areNumbers) else { return .harmless }
        return .forbidding(why: "names rows by their ids, which change when rows are mixed")
    }

    private static func words(_ text: String) -> [Substring: [Int]] {
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
        return Dictionary(grouping: words.indices, by: { words[$0] })
    }

    /// Whether the words of a name stand one behind the other.
    private static func contains(_ words: [Substring: [Int]], _ name: String) -> Bool {
        let parts = name.split { !$0.isLetter && !$0.isNumber }
        guard let first = parts.first, var places = words[first].map(Set.init) else { return false }
        for part in parts.dropFirst() {
            places = Set(words[part] ?? []).intersection(places.map { $0 + 1 })
        }
        return !places.isEmpty
    }
}

/// A text between double quotes.
private struct QuotedName {
    let text: String
    /// Whether a colon follows.
    let isKey: Bool
    /// Whether a list or further keys follow the colon.
    let isKeyOfMany: Bool

    /// All such texts; quotes behind a backslash neither begin nor end one.
    static func all(in text: String) -> [QuotedName] {
        let bytes = Array(text.utf8)
        var found: [QuotedName] = []
        var start: Int?
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\\") {
                at += 1
            } else if bytes[at] == UInt8(ascii: "\"") {
                if let begin = start {
                    found.append(QuotedName(bytes[begin..<at], before: bytes[(at + 1)...]))
                    start = nil
                } else {
                    start = at + 1
                }
            }
            at += 1
        }
        return found
    }

    private init(_ bytes: ArraySlice<UInt8>, before rest: ArraySlice<UInt8>) {
        let marks = rest.lazy.filter { $0 > 0x20 }.prefix(2).map { $0 }
        text = Self.unescaped(bytes)
        isKey = marks.first == UInt8(ascii: ":")
        isKeyOfMany = isKey && "[{".utf8.contains(marks.last ?? 0)
    }

    /// Names may be written with escapes, as `caf\u00e9` or `cost\/unit`; long texts are no names.
    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        if bytes.contains(UInt8(ascii: "\\")), bytes.count <= 500 {
            let quoted = Data([UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")])
            if let name = try? JSONDecoder().decode(String.self, from: quoted) { return name }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The ids of all rows, for looking up; of very many their hashes, 8 bytes a row.
struct RowIDs {
    private var hashes = Set<UInt64>()
    /// Whether all are whole numbers.
    private(set) var areNumbers = true
    /// The rows of the smaller of the two tables.
    let leastCount: Int

    init(tables: TaskTables, column: String?) {
        leastCount = min(tables.train.rowCount, tables.test?.rowCount ?? tables.train.rowCount)
        guard let column else { return }
        for file in [tables.train, tables.test].compactMap({ $0 }) {
            guard let place = file.names.firstIndex(of: column) else { continue }
            file.forEachRow { _, fields in
                fields.withValue(place) { value in
                    hashes.insert(ColumnProfiler.hash(value))
                    if areNumbers, !FieldSyntax(of: value).contains(.integer) { areNumbers = false }
                }
            }
        }
    }

    var isEmpty: Bool { hashes.isEmpty }

    func contains(_ text: String) -> Bool { hashes.contains(Self.hash(text)) }

    static func hash(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8(ColumnProfiler.hash)
    }
}

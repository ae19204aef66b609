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
        if idNames.contains(IdentityFinder.plain(table.names[place])) { return hits > 0 }
        // Numbers meet by chance: most must be ids, they must be many, and they must stand where names stand.
        guard ids.areNumbers else { return hits >= 3 || (hits > 0 && hits == values.count) }
        guard place == 0 || IdentityFinder.namesRows(table.names[place]) else { return false }
        return hits >= 10 && hits * 5 >= values.count * 4 && hits * 5 >= min(ids.leastCount, 2000)
    }

    // MARK: Keys and values

    func finding(inText text: String) -> ExtraFiles.Finding {
        var hits = 0
        var keys = 0
        for quoted in Self.quoted(text) {
            if targets.contains(quoted.text.lowercased()) {
                return .withheld(why: "has the target '\(quoted.text)'")
            }
            guard ids.contains(quoted.text) else { continue }
            hits += 1
            if quoted.isKey { keys += 1 }
        }
        guard keys > 0 || (hits >= 3 && !ids.areNumbers) else { return .harmless }
        return .forbidding(why: "names rows by their ids, which change when rows are mixed")
    }

    /// The texts between quotes, and whether a colon follows, as behind a key.
    private static func quoted(_ text: String) -> [(text: String, isKey: Bool)] {
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return stride(from: 1, to: parts.count, by: 2).map { place in
            let next = place + 1 < parts.count ? parts[place + 1].first { !$0.isWhitespace } : nil
            return (String(parts[place]), next == ":")
        }
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

    func contains(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { hashes.contains(ColumnProfiler.hash($0)) }
    }
}

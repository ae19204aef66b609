/// Finds columns that say which row it is and nothing about it: scripts do without them, since by them held-out rows
/// could be told from real test rows.
struct SilentColumns {
    let tables: TaskTables
    let identity: RowIdentity

    /// Names under which programs write the numbers of rows.
    private static let rowNumberNames: Set = [
        "", "unnamed: 0", "index", "level_0", "row", "rownum", "rownumber", "row_number", "row_num", "row_id", "rowid",
    ]

    /// The columns, and what to tell the owner.
    func find() -> (names: [String], notes: [String]) {
        var names: [String] = []
        var notes: [String] = []
        let foreign = tables.test?.names.filter { $0.isEmpty && !tables.train.names.contains($0) } ?? []
        for name in tables.train.names + foreign where name != identity.tableColumn && name != identity.column {
            guard let reason = reason(name) else { continue }
            names.append(name)
            notes.append("The column '\(name)' \(reason) and is left out of the tables that scripts see.")
        }
        return (names, notes)
    }

    private func reason(_ name: String) -> String? {
        // Every program gives a column without a name another one.
        let ofNameless = name.isEmpty ? "has no name" : nil
        guard let test = tables.test, test.names.contains(name) else { return ofNameless }
        if Self.isRowNumber(name, in: tables.train), Self.isRowNumber(name, in: test) { return "only counts the rows" }
        if let ofNameless { return ofNameless }
        guard case .rowOrder = identity, IdentityFinder.namesRows(name), TaskTables.isUnique(name, in: test),
            TaskTables.isUnique(name, in: tables.train)
        else { return nil }
        return "only names the rows"
    }

    /// Whether a column has the name of a row number and grows by one from row to row.
    static func isRowNumber(_ name: String, in file: CSVFile) -> Bool {
        guard rowNumberNames.contains(name.lowercased()), let place = file.names.firstIndex(of: name) else {
            return false
        }
        var next: Int?
        var isCounting = true
        file.forEachRow { _, fields in
            guard isCounting else { return }
            let number = Int(fields.text(place))
            isCounting = number != nil && (next == nil || number == next)
            next = number.map { $0 &+ 1 }
        }
        return isCounting
    }
}

/// Rows of text under named columns, held by column: `columns[c][r]`. Fields are exactly as written in the file, unquoted.
public struct Table: Hashable, Sendable {
    /// Column names in file order; distinct.
    public private(set) var names: [String]
    /// One array per name, all of `rowCount` fields.
    public private(set) var columns: [[String]]

    /// A table; names and columns must be equally many and columns equally long.
    public init(names: [String], columns: [[String]]) {
        precondition(names.count == columns.count, "a table needs one column per name")
        precondition(Set(columns.map(\.count)).count <= 1, "a table's columns must be equally long")
        self.names = names
        self.columns = columns
    }

    /// Number of rows.
    public var rowCount: Int { columns.first?.count ?? 0 }

    /// The fields of the column called `name`, or `nil`.
    public subscript(name: String) -> [String]? {
        names.firstIndex(of: name).map { columns[$0] }
    }

    /// The table with only `rows`, in that order.
    public func selecting(rows: [Int]) -> Table {
        Table(names: names, columns: columns.map { column in rows.map { column[$0] } })
    }

    /// The table with only the columns called `kept`, in that order; names it lacks are left out.
    public func selecting(columns kept: [String]) -> Table {
        let present = kept.filter { names.contains($0) }
        return Table(names: present, columns: present.compactMap { self[$0] })
    }
}

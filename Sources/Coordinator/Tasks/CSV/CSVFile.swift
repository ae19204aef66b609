import Foundation
public import Vocabulary

/// A CSV file (RFC 4180) held as its bytes and the offset of each record, so that a large table costs little more
/// memory than its file. Text is made only of the columns that are asked for.
///
/// Read as pandas reads: a byte-order mark and empty lines are skipped, `\n`, `\r\n` and `\r` end a record, and a quote
/// inside an unquoted field is an ordinary character.
public struct CSVFile: Sendable {
    /// The file's name as errors show it.
    public let name: String
    /// The columns in file order; distinct.
    public let names: [String]
    let content: Data
    /// Offset of the first byte of each record below the header.
    let starts: [Int]

    /// Reads and checks a file.
    public init(path: String) throws(TaskError) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let content: Data
        do {
            // Only what is large is mapped: a mapped file that is cut short while it is read ends the process.
            let isLarge = FolderListing.byteCount(path) > 256 << 20
            content = try Data(contentsOf: URL(fileURLWithPath: path), options: isLarge ? .mappedIfSafe : [])
        } catch {
            throw TaskError(
                .inaccessibleFile, "\(name) cannot be read at \(path): check that it exists and may be read.")
        }
        try self.init(content, name: name)
    }

    /// Checks bytes that came from elsewhere, such as a submission.
    public init(bytes: [UInt8], name: String) throws(TaskError) { try self.init(Data(bytes), name: name) }

    private init(_ content: Data, name: String) throws(TaskError) {
        let index = try content.withUnsafeBytes { raw in
            CSVIndex.make(of: raw.assumingMemoryBound(to: UInt8.self), name: name)
        }.get()
        self.name = name
        self.content = content
        names = index.names
        starts = index.starts
    }

    /// Number of records below the header.
    public var rowCount: Int { starts.count }

    /// The fields of one column in file order, or `nil` when there is no such column.
    public func column(_ name: String) -> [String]? {
        guard let place = names.firstIndex(of: name) else { return nil }
        var texts: [String] = []
        texts.reserveCapacity(rowCount)
        forEachRow { _, fields in texts.append(fields.text(place)) }
        return texts
    }

    /// The whole file as a table of text.
    public func table() -> Table { table(of: names) }

    /// The columns called `kept`, in that order; names the file lacks are left out.
    public func table(of kept: [String]) -> Table {
        let places = kept.compactMap { names.firstIndex(of: $0) }
        var columns = [[String]](repeating: [], count: places.count)
        for index in columns.indices { columns[index].reserveCapacity(rowCount) }
        forEachRow { _, fields in
            for (index, place) in places.enumerated() { columns[index].append(fields.text(place)) }
        }
        return Table(names: places.map { names[$0] }, columns: columns)
    }

    /// Hands each record's fields to `body`, in file order. The fields must not be kept after the call.
    func forEachRow(_ body: (_ row: Int, _ fields: CSVFields) -> Void) { forEachRow(of: starts.indices, body) }

    /// Hands the fields of the chosen records to `body`, in the order of `rows`.
    func forEachRow(of rows: some Sequence<Int>, _ body: (_ row: Int, _ fields: CSVFields) -> Void) {
        content.withUnsafeBytes { raw in
            var fields = CSVFields(bytes: raw.assumingMemoryBound(to: UInt8.self))
            for row in rows {
                fields.load(recordAt: starts[row])
                body(row, fields)
            }
        }
    }

    /// The line of the file (from 1) on which a record starts, for error messages.
    func line(ofRow row: Int) -> Int {
        content.withUnsafeBytes { raw in
            CSVIndex.line(at: starts[row], in: raw.assumingMemoryBound(to: UInt8.self))
        }
    }
}

public import Vocabulary

/// Makes CSV text: fields quoted only when they must be, records ended by `\n`.
public struct CSVWriter: Sendable {
    /// The text so far.
    public private(set) var bytes: [UInt8] = []
    private var fieldsInRecord = 0
    private var recordStart = 0

    /// A writer without text.
    public init() {}

    /// A whole table.
    public static func bytes(of table: Table) -> [UInt8] {
        var writer = CSVWriter()
        writer.record(table.names)
        for row in 0..<table.rowCount { writer.record(table.columns.map { $0[row] }) }
        return writer.bytes
    }

    /// Adds a record.
    public mutating func record(_ fields: [String]) {
        for text in fields { field(text) }
        endRecord()
    }

    /// Adds a field to the record that is being written.
    public mutating func field(_ text: String) {
        var text = text
        text.withUTF8 { field($0) }
    }

    mutating func field(_ value: UnsafeBufferPointer<UInt8>) {
        if fieldsInRecord > 0 { bytes.append(CSVByte.comma) }
        fieldsInRecord += 1
        guard value.contains(where: { CSVByte.endsField($0) || $0 == CSVByte.quote }) else {
            bytes.append(contentsOf: value)
            return
        }
        bytes.append(CSVByte.quote)
        for byte in value {
            if byte == CSVByte.quote { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(CSVByte.quote)
    }

    /// Ends the record. An empty line would be no record, so a lone empty field is written as `""`.
    public mutating func endRecord() {
        if bytes.count == recordStart { bytes += [CSVByte.quote, CSVByte.quote] }
        bytes.append(CSVByte.lineFeed)
        fieldsInRecord = 0
        recordStart = bytes.count
    }

    /// Hands over the records so far and goes on with none; for files written in pieces.
    mutating func takeBytes() -> [UInt8] {
        let written = bytes
        bytes = []
        recordStart = 0
        return written
    }
}

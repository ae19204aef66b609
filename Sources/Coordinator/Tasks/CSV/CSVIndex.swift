/// The header of a CSV file and where its records start, checked once so that later passes need no checks.
struct CSVIndex {
    var names: [String] = []
    var starts: [Int] = []

    /// Reads all records: every record must have as many fields as the header, and all bytes must be UTF-8 text.
    static func make(of bytes: UnsafeBufferPointer<UInt8>, name: String) -> Result<CSVIndex, TaskError> {
        do throws(TaskError) {
            try checkEncoding(of: bytes, name: name)
            var index = CSVIndex()
            try index.read(bytes, name: name)
            return .success(index)
        } catch {
            return .failure(error)
        }
    }

    /// The line (from 1) that holds the byte at `offset`.
    static func line(at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var line = 1
        for at in 0..<min(offset, bytes.count) {
            let isLoneReturn =
                bytes[at] == CSVByte.carriageReturn && !(at + 1 < bytes.count && bytes[at + 1] == CSVByte.lineFeed)
            if bytes[at] == CSVByte.lineFeed || isLoneReturn { line += 1 }
        }
        return line
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(TaskError) {
        var fields = CSVFields(bytes: bytes)
        var at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var hasHeader = false
        while at < bytes.count {
            if bytes[at] == CSVByte.lineFeed || bytes[at] == CSVByte.carriageReturn {
                at += 1
                continue
            }
            fields.load(recordAt: at)
            try Self.checkQuotes(fields, name: name)
            if hasHeader {
                try Self.checkWidth(fields, expected: names.count, at: at, name: name)
                starts.append(at)
            } else {
                names = (0..<fields.count).map(fields.text)
                hasHeader = true
                try checkHeader(name)
            }
            at = fields.next
        }
        guard hasHeader else {
            throw TaskError(.malformedTable, "\(name) is empty: its first line must name the columns.")
        }
    }

    private static func checkQuotes(_ fields: CSVFields, name: String) throws(TaskError) {
        guard let open = fields.places.first(where: { !$0.isClosed }) else { return }
        let line = line(at: open.start, in: fields.bytes)
        throw TaskError(
            .malformedTable,
            "\(name), line \(line): a quoted field that begins here never ends. Add the closing quote, or double a "
                + "quote that is meant as a character.")
    }

    private static func checkWidth(
        _ fields: CSVFields, expected: Int, at offset: Int, name: String
    ) throws(TaskError) {
        guard fields.count != expected else { return }
        throw TaskError(
            .malformedTable,
            "\(name), line \(line(at: offset, in: fields.bytes)): \(fields.count) fields where the header has "
                + "\(expected). Put fields that contain commas or line breaks in double quotes, or complete the row.")
    }

    private func checkHeader(_ name: String) throws(TaskError) {
        if names.count == 1, let only = names.first,
            let separator = [";", "\t", "|"].first(where: { only.contains($0) })
        {
            let shown = separator == "\t" ? "tabs" : "'\(separator)'"
            throw TaskError(
                .malformedTable, "\(name), line 1: fields seem to be separated by \(shown). Convert the file to commas."
            )
        }
        var seen = Set<String>()
        for (place, column) in names.enumerated() where !seen.insert(column).inserted {
            throw TaskError(
                .malformedTable,
                "\(name), line 1: column \(place + 1) is called '\(column)' like an earlier one. Rename one of the two."
            )
        }
    }

    private static func checkEncoding(of bytes: UnsafeBufferPointer<UInt8>, name: String) throws(TaskError) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw TaskError(
                .malformedTable,
                "\(name) is UTF-16. Convert it: iconv -f UTF-16 -t UTF-8 \(name) > converted.csv, then put that in its "
                    + "place."
            )
        }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x1F, 0x8B]) {
            throw TaskError(.malformedTable, "\(name) is compressed. Unpack it, then put the CSV file in its place.")
        }
        guard let fault = UTF8Check.firstFault(in: bytes) else { return }
        let line = line(at: fault, in: bytes)
        if bytes[fault] == 0 {
            throw TaskError(
                .malformedTable,
                "\(name), line \(line): a NUL byte. The file is damaged or not text; write it again from its source.")
        }
        throw TaskError(
            .malformedTable,
            "\(name), line \(line): bytes that are not UTF-8. Convert it, for example: iconv -f WINDOWS-1252 -t UTF-8 "
                + "\(name) > converted.csv, then put that in its place.")
    }
}

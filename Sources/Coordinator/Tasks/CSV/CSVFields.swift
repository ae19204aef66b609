/// One record's fields as places in the file's bytes. Reused from record to record.
struct CSVFields {
    /// Where a field's bytes are, quotes included.
    struct Place {
        let start: Int
        let end: Int
        let isQuoted: Bool
        /// The field's closing quote was found.
        let isClosed: Bool
    }

    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var places: [Place] = []
    /// The offset of the byte after the record and its line end.
    private(set) var next = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var count: Int { places.count }

    /// Finds the fields of the record that starts at `offset`.
    mutating func load(recordAt offset: Int) {
        places.removeAll(keepingCapacity: true)
        var at = offset
        while true {
            let place = Self.field(at: at, in: bytes)
            places.append(place)
            at = place.end
            guard at < bytes.count, bytes[at] == CSVByte.comma else { break }
            at += 1
        }
        if at < bytes.count {
            let isReturn = bytes[at] == CSVByte.carriageReturn
            at += 1
            if isReturn, at < bytes.count, bytes[at] == CSVByte.lineFeed { at += 1 }
        }
        next = at
    }

    /// The bytes of a field as they stand in the file.
    func raw(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[places[column].start..<places[column].end])
    }

    /// Whether a field has no characters.
    func isEmpty(_ column: Int) -> Bool {
        let place = places[column]
        return place.isQuoted ? place.end - place.start <= 2 : place.end == place.start
    }

    /// Hands a field's bytes without quotes to `body`; copies them only when quotes are doubled inside.
    func withValue<Result>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let place = places[column]
        guard place.isQuoted else { return body(raw(column)) }
        let inner = UnsafeBufferPointer(rebasing: bytes[(place.start + 1)..<place.end])
        if let quote = inner.firstIndex(of: CSVByte.quote), quote == inner.count - 1 {
            return body(UnsafeBufferPointer(rebasing: inner[..<quote]))
        }
        return Self.unquoted(inner).withUnsafeBufferPointer(body)
    }

    /// A field's text without quotes.
    func text(_ column: Int) -> String { withValue(column) { String(decoding: $0, as: UTF8.self) } }

    /// What follows an opening quote: doubled quotes become one, the closing quote goes, what comes after it stays.
    private static func unquoted(_ inner: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var value: [UInt8] = []
        value.reserveCapacity(inner.count)
        var at = 0
        var isInside = true
        while at < inner.count {
            let byte = inner[at]
            if isInside, byte == CSVByte.quote {
                if at + 1 < inner.count, inner[at + 1] == CSVByte.quote {
                    value.append(byte)
                    at += 1
                } else {
                    isInside = false
                }
            } else {
                value.append(byte)
            }
            at += 1
        }
        return value
    }

    @inline(__always)
    private static func field(at start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Place {
        var at = start
        let count = bytes.count
        let isQuoted = at < count && bytes[at] == CSVByte.quote
        if isQuoted {
            at += 1
            var isClosed = false
            while at < count {
                if bytes[at] == CSVByte.quote {
                    guard at + 1 < count, bytes[at + 1] == CSVByte.quote else {
                        isClosed = true
                        at += 1
                        break
                    }
                    at += 1
                }
                at += 1
            }
            guard isClosed else { return Place(start: start, end: count, isQuoted: true, isClosed: false) }
        }
        while at < count, !CSVByte.endsField(bytes[at]) { at += 1 }
        return Place(start: start, end: at, isQuoted: isQuoted, isClosed: true)
    }
}

/// The bytes that mean something in CSV.
enum CSVByte {
    static let comma = UInt8(ascii: ",")
    static let quote = UInt8(ascii: "\"")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")

    @inline(__always)
    static func endsField(_ byte: UInt8) -> Bool { byte == comma || byte == lineFeed || byte == carriageReturn }
}

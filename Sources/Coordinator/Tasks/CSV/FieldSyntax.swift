/// How a field is written, as far as it matters for telling numbers from texts and one way of writing from another.
struct FieldSyntax: OptionSet, Hashable {
    let rawValue: UInt16

    static let number = FieldSyntax(rawValue: 1)
    /// `12`
    static let integer = FieldSyntax(rawValue: 2)
    /// `1.0`, `1.50`
    static let trailingZero = FieldSyntax(rawValue: 4)
    /// `1e5`
    static let exponent = FieldSyntax(rawValue: 8)
    /// `+1`
    static let plus = FieldSyntax(rawValue: 16)
    /// `007`
    static let leadingZero = FieldSyntax(rawValue: 32)
    /// Blanks around it.
    static let padded = FieldSyntax(rawValue: 64)
    /// `.5`, `5.`
    static let bareDot = FieldSyntax(rawValue: 128)
    /// No characters.
    static let empty = FieldSyntax(rawValue: 256)
    /// `NA`, `nan`, `null` and the like.
    static let missingWord = FieldSyntax(rawValue: 512)
    /// `True`, `false`
    static let truth = FieldSyntax(rawValue: 1024)

    /// A line break of Windows inside.
    static let carriageReturn = FieldSyntax(rawValue: 2048)

    /// Reads a field.
    init(of bytes: UnsafeBufferPointer<UInt8>) {
        guard !bytes.isEmpty else {
            self = .empty
            return
        }
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        let inner = UnsafeBufferPointer(rebasing: bytes[start..<end])
        var syntax = Self.number(inner) ?? Self.word(inner)
        if end - start < bytes.count { syntax.insert(.padded) }
        self = syntax
    }

    init(rawValue: UInt16) { self.rawValue = rawValue }

    private static func word(_ bytes: UnsafeBufferPointer<UInt8>) -> FieldSyntax {
        guard bytes.count <= 5 else { return bytes.contains(CSVByte.carriageReturn) ? .carriageReturn : [] }
        let text = String(decoding: bytes, as: UTF8.self)
        if missingWords.contains(text) { return .missingWord }
        return ["true", "false"].contains(text.lowercased()) ? .truth : []
    }

    /// Words that pandas takes for a missing number.
    static let missingWords: Set = [
        "NA", "N/A", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "n/a", "<NA>", "#N/A", "#NA",
    ]

    private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> FieldSyntax? {
        var syntax: FieldSyntax = .number
        var at = 0
        if at < bytes.count, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
            if bytes[at] == UInt8(ascii: "+") { syntax.insert(.plus) }
            at += 1
        }
        let whole = digits(bytes, &at)
        if whole > 1, bytes[at - whole] == UInt8(ascii: "0") { syntax.insert(.leadingZero) }
        var fraction = 0
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            fraction = digits(bytes, &at)
            if fraction > 0, bytes[at - 1] == UInt8(ascii: "0") { syntax.insert(.trailingZero) }
            if whole == 0 || fraction == 0 { syntax.insert(.bareDot) }
        } else {
            syntax.insert(.integer)
        }
        guard whole + fraction > 0 else { return nil }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") { at += 1 }
            guard digits(bytes, &at) > 0 else { return nil }
            syntax.insert(.exponent)
            syntax.remove(.integer)
        }
        return at == bytes.count ? syntax : nil
    }

    private static func digits(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int {
        let start = at
        while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
        return at - start
    }
}

extension FieldSyntax {
    /// Reads a text.
    init(of text: String) {
        var text = text
        self = text.withUTF8 { FieldSyntax(of: $0) }
    }
}

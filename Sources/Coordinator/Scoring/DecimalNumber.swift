/// Reads numbers as CSV writers write them.
enum DecimalNumber {
    /// The finite number a field stands for, or `nil`: blanks around it are ignored, and what only Swift would accept
    /// ("0x1p3", "infinity", "nan") is refused.
    static func finite(_ field: String) -> Double? {
        if let value = plain(field[...]) { return value }
        let isPadded = field.utf8.first == blank || field.utf8.last == blank
        return isPadded ? plain(trimmed(field)) : nil
    }

    private static let blank = UInt8(ascii: " ")

    private static func plain(_ text: Substring) -> Double? {
        guard text.utf8.allSatisfy(isAllowed), let value = Double(text), value.isFinite else { return nil }
        return value
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private static func trimmed(_ text: String) -> Substring {
        var rest = text[...]
        while rest.utf8.first == blank { rest.removeFirst() }
        while rest.utf8.last == blank { rest.removeLast() }
        return rest
    }
}

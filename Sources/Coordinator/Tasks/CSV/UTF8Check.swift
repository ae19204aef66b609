/// Tells whether bytes are text: well-formed UTF-8 (Unicode 15, table 3-7) without NUL.
enum UTF8Check {
    /// The offset of the first byte that breaks the rule, or `nil`.
    static func firstFault(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x80 {
                if byte == 0 { return at }
                at += 1
                continue
            }
            guard let length = sequenceLength(at: at, in: bytes) else { return at }
            at += length
        }
        return nil
    }

    private static func sequenceLength(at start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let length: Int
        let second: ClosedRange<UInt8>
        switch bytes[start] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard start + length <= bytes.count, second.contains(bytes[start + 1]) else { return nil }
        for offset in 2..<max(2, length) where !(0x80...0xBF).contains(bytes[start + offset]) { return nil }
        return length
    }
}

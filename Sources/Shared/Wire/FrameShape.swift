/// What a protocol message consists of on the line, without making anything of it (Protocol Buffers encoding).
struct FrameShape {
    private let bytes: [UInt8]
    private var offset = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many bytes of a message belong to other fields than one; `nil` when it is no message.
    static func bytes(in message: [UInt8], outside field: UInt64) -> Int? {
        var shape = FrameShape(message)
        var outside = 0
        while shape.offset < message.count {
            let begin = shape.offset
            guard let number = shape.skipField() else { return nil }
            if number != field { outside += shape.offset - begin }
        }
        return outside
    }

    /// A number as it stands on the line.
    static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 128 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// Passes over one field.
    ///
    /// - Returns: its number; `nil` where no field is.
    private mutating func skipField() -> UInt64? {
        guard let tag = varint() else { return nil }
        switch tag & 7 {
        case 0: guard varint() != nil else { return nil }
        case 1: guard skip(8) else { return nil }
        case 2: guard let length = varint(), skip(length) else { return nil }
        case 5: guard skip(4) else { return nil }
        default: return nil
        }
        return tag >> 3
    }

    private mutating func skip(_ count: UInt64) -> Bool {
        guard count <= UInt64(bytes.count - offset) else { return false }
        offset += Int(count)
        return true
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard offset < bytes.count else { return nil }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 127) << shift
            if byte < 128 { return value }
        }
        return nil
    }
}

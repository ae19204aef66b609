/// What a protocol message consists of on the line, without making anything of it (Protocol Buffers encoding).
struct FrameShape<Bytes: RandomAccessCollection<UInt8>> where Bytes.Index == Int {
    /// One field of a message.
    struct Field {
        let number: UInt64
        /// All its bytes, the tag's first.
        let place: Range<Int>
        /// Its content, for a field that has a length.
        let content: Range<Int>?
    }

    private let bytes: Bytes
    private var offset: Int

    private init(_ bytes: Bytes) { (self.bytes, offset) = (bytes, bytes.startIndex) }

    /// How many bytes of a message belong to other fields than one; `nil` when it is no message.
    static func bytes(in message: Bytes, outside number: UInt64) -> Int? {
        var shape = FrameShape(message)
        var outside = 0
        while shape.offset < message.endIndex {
            guard let field = shape.nextField() else { return nil }
            if field.number != number { outside += field.place.count }
        }
        return outside
    }

    /// The last field of a message, in the indices of the message; `nil` when it has none or is no message.
    static func lastField(of message: Bytes) -> Field? {
        var shape = FrameShape(message)
        var last: Field?
        while shape.offset < message.endIndex {
            last = shape.nextField()
            if last == nil { return nil }
        }
        return last
    }

    /// Passes over one field; `nil` where none is.
    private mutating func nextField() -> Field? {
        let begin = offset
        guard let tag = varint() else { return nil }
        var content: Range<Int>?
        switch tag & 7 {
        case 0: guard varint() != nil else { return nil }
        case 1: guard skip(8) else { return nil }
        case 2:
            guard let length = varint() else { return nil }
            let first = offset
            guard skip(length) else { return nil }
            content = first..<offset
        case 5: guard skip(4) else { return nil }
        default: return nil
        }
        return Field(number: tag >> 3, place: begin..<offset, content: content)
    }

    private mutating func skip(_ count: UInt64) -> Bool {
        guard count <= UInt64(bytes.endIndex - offset) else { return false }
        offset += Int(count)
        return true
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard offset < bytes.endIndex else { return nil }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 127) << shift
            if byte < 128 { return value }
        }
        return nil
    }
}

/// A number as it stands on the line.
func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 128 {
        bytes.append(UInt8(rest & 127) | 128)
        rest >>= 7
    }
    return bytes + [UInt8(rest)]
}

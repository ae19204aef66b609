/// How the fields of one column are written in mounts, where train and test write the same things differently: by
/// `1` here and `1.0` there a script could tell held-out rows from real test rows.
struct FieldRewriting: OptionSet, Hashable {
    let rawValue: UInt8

    /// Numbers without plus sign, needless zeros and blanks: `+01.50` becomes `1.5`.
    static let number = FieldRewriting(rawValue: 1)
    /// Missing values as empty fields.
    static let missing = FieldRewriting(rawValue: 2)
    /// True and false as `1` and `0`.
    static let truthAsNumber = FieldRewriting(rawValue: 4)
    /// True and false as `True` and `False`.
    static let truthAsWord = FieldRewriting(rawValue: 8)
    /// No blanks at both ends.
    static let trimmed = FieldRewriting(rawValue: 16)
    /// Line breaks as `\n`.
    static let lineFeeds = FieldRewriting(rawValue: 32)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// What must be rewritten so that the two tables write a column alike; empty when they do already.
    init(train: ColumnProfiler.Count, test: ColumnProfiler.Count) {
        self = []
        if train.isNumeric, test.isNumeric, Self.numbersDiffer(train.syntax, test.syntax) { insert(.number) }
        if train.isNumeric || train.isTruth, test.isNumeric || test.isTruth {
            if Self.differ(Self.missingForms(train), Self.missingForms(test)) { insert(.missing) }
            if train.isTruth != test.isTruth { formUnion([.truthAsNumber, .number]) }
        }
        if train.isTruth, test.isTruth, Self.spellingsDiffer(train.truths, test.truths) { insert(.truthAsWord) }
        let isText = !train.isNumeric && !test.isNumeric
        if isText, train.syntax.contains(.padded) != test.syntax.contains(.padded) { insert(.trimmed) }
        if train.syntax.contains(.carriageReturn) != test.syntax.contains(.carriageReturn) { insert(.lineFeeds) }
    }

    /// Whether one table has a form that the other lacks although it has another form of the same thing.
    private static func differ(_ a: Set<String>, _ b: Set<String>) -> Bool { a != b && !a.isEmpty && !b.isEmpty }

    private static func missingForms(_ count: ColumnProfiler.Count) -> Set<String> {
        count.words.union(count.empty > 0 ? [""] : [])
    }

    private static func numbersDiffer(_ a: FieldSyntax, _ b: FieldSyntax) -> Bool {
        let marks: FieldSyntax = [.plus, .padded, .bareDot, .leadingZero]
        let whole: FieldSyntax = [.integer, .trailingZero]
        if a.intersection(marks) != b.intersection(marks) { return true }
        let (left, right) = (a.intersection(whole), b.intersection(whole))
        return left != right && !left.isEmpty && !right.isEmpty
    }

    private static func spellingsDiffer(_ a: Set<String>, _ b: Set<String>) -> Bool {
        let all = a.union(b)
        return Set(all.map { $0.lowercased() }).count < all.count
    }

    /// The field as it is written.
    func rewritten(_ value: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let syntax = FieldSyntax(of: value)
        if contains(.missing), syntax.contains(.missingWord) { return [] }
        if syntax.contains(.number) { return contains(.number) ? Self.plainNumber(value) : Array(value) }
        if syntax.contains(.truth) {
            let isTrue = value.first { $0 != 0x20 && $0 != 0x09 }.map { $0 | 0x20 } == UInt8(ascii: "t")
            if contains(.truthAsNumber) { return [isTrue ? 0x31 : 0x30] }
            if contains(.truthAsWord) { return Array((isTrue ? "True" : "False").utf8) }
        }
        var bytes = Array(value)
        if contains(.trimmed) { bytes = Self.trimmed(bytes) }
        if contains(.lineFeeds) { bytes = Self.withLineFeeds(bytes) }
        return bytes
    }

    private static func plainNumber(_ value: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var digits = trimmed(Array(value))
        var result: [UInt8] = []
        if digits.first == UInt8(ascii: "-") || digits.first == UInt8(ascii: "+") {
            if digits.removeFirst() == UInt8(ascii: "-") { result.append(UInt8(ascii: "-")) }
        }
        let end = digits.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? digits.count
        let exponent = digits[end...]
        let mantissa = digits[..<end]
        let point = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? end
        let whole = mantissa[..<point].drop { $0 == 0x30 }
        var fraction = mantissa[min(point + 1, end)...]
        while fraction.last == 0x30 { fraction.removeLast() }
        result += whole.isEmpty ? [0x30] : Array(whole)
        if !fraction.isEmpty { result += [UInt8(ascii: ".")] + fraction }
        return result + exponent
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard let last = bytes.lastIndex(where: { !isBlank($0) }) else { return [] }
        return Array(bytes[...last].drop(while: isBlank))
    }

    private static func withLineFeeds(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for (at, byte) in bytes.enumerated() {
            guard byte == CSVByte.carriageReturn else {
                result.append(byte)
                continue
            }
            if at + 1 == bytes.count || bytes[at + 1] != CSVByte.lineFeed { result.append(CSVByte.lineFeed) }
        }
        return result
    }
}

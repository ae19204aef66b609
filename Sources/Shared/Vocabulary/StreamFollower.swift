/// Turns the tails of a growing stream into what has not been shown yet.
public struct StreamFollower: Sendable {
    /// Bytes shown, or left out because nobody told them in time.
    private var shown = 0
    /// The end of what was shown, to find the place again in a kept log.
    private var mark = ""

    private static let markLength = 200

    /// A stream of which nothing was shown.
    public init() {}

    /// Takes the last bytes of a stream in.
    ///
    /// - Parameter size: bytes of the stream so far.
    /// - Returns: what is new, in whole characters.
    public mutating func take(size: Int, tail: [UInt8]) -> String {
        // Another attempt begins anew.
        if size < shown { self = StreamFollower() }
        let first = size - tail.count
        let fresh = Array(tail.dropFirst(max(0, shown - first)))
        let whole = fresh.dropLast(Self.cutOff(fresh))
        let gap = first > shown ? "… \(first - shown) bytes left out …\n" : ""
        shown = max(shown, first) + whole.count
        return gap + note(String(decoding: whole, as: UTF8.self))
    }

    /// What is left of a log that was kept when the script had ended: what stands behind what was shown. Where that is in the
    /// part that was left out of the log, it is the line that says so and all that follows.
    public func rest(of log: String) -> String {
        guard !mark.isEmpty else { return log }
        if let place = log.ranges(of: mark).last { return String(log[place.upperBound...]) }
        return log.firstRange(of: #/(?m)^… \d+ bytes left out …$/#).map { String(log[$0.lowerBound...]) } ?? ""
    }

    private mutating func note(_ text: String) -> String {
        mark = String((mark + text).suffix(Self.markLength))
        return text
    }

    /// How many bytes at the end are the beginning of a character that is not there as a whole yet.
    private static func cutOff(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }
            // What no character begins with waits for nothing.
            if byte >= 0b1111_1000 { return 0 }
            let length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}

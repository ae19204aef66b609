/// What an attempt that runs has printed last.
public struct LogTail: Hashable, Sendable {
    /// The end of one stream.
    public struct Stream: Hashable, Sendable {
        /// The most of it that is told, in bytes.
        public static let largest = 16 << 10

        /// Bytes printed so far.
        public let size: Int
        /// The last of them.
        public let tail: [UInt8]

        /// The end of a stream.
        public init(size: Int, tail: [UInt8]) {
            self.size = size
            self.tail = tail
        }
    }

    /// Which attempt.
    public let attempt: Attempt
    /// Standard output.
    public let output: Stream
    /// Standard error.
    public let errors: Stream

    /// A tail.
    public init(attempt: Attempt, output: Stream, errors: Stream) {
        self.attempt = attempt
        self.output = output
        self.errors = errors
    }
}

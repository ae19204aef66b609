/// A moment on the coordinator's monotonic clock.
public struct Instant: Hashable, Codable, Sendable, Comparable {
    /// Time since the clock's start.
    public let sinceStart: Duration

    /// The moment `sinceStart` after the clock's start.
    public init(_ sinceStart: Duration) { self.sinceStart = sinceStart }

    /// Whether `left` comes first.
    public static func < (left: Instant, right: Instant) -> Bool { left.sinceStart < right.sinceStart }
    /// The moment `span` later.
    public static func + (moment: Instant, span: Duration) -> Instant { Instant(moment.sinceStart + span) }
    /// The time between two moments.
    public static func - (later: Instant, earlier: Instant) -> Duration { later.sinceStart - earlier.sinceStart }
}

extension Duration {
    /// The span in seconds.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

    /// The span in whole milliseconds, rounded down.
    public var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}

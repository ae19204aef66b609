import Vocabulary

/// How much one peer may say; what is over it is dropped and counted.
///
/// The numbers are reasoned in `docs/protocol.md`: an honest worker never reaches them, because an outcome that settles a
/// job gives back what it took.
public struct PeerLimits: Hashable, Sendable {
    /// Messages per second of one incarnation in the long run.
    public var messagesPerSecond = 2_000.0
    /// Messages of one incarnation at once.
    public var messageBurst = 10_000.0
    /// Bytes per second of one incarnation in the long run.
    public var bytesPerSecond = Double(64 << 20)
    /// Bytes of one incarnation at once; four of the largest frames.
    public var byteBurst = Double(1 << 30)
    /// The largest frame of a peer that has not said hello, in bytes. All such peers of one key share an allowance.
    public var strangerBytes = 4 << 20
    /// Worker processes that one key may have at once.
    public var workersPerKey = 1_000

    /// The usual limits.
    public init() {}
}

/// An allowance that fills at a rate up to a burst.
struct TokenBucket: Hashable, Sendable {
    let rate: Double
    let burst: Double
    private var level: Double
    private var filledAt: Instant

    init(rate: Double, burst: Double, at now: Instant) {
        self.rate = rate
        self.burst = burst
        level = burst
        filledAt = now
    }

    /// Takes an amount if there is as much.
    mutating func take(_ amount: Double, at now: Instant) -> Bool {
        guard has(amount, at: now) else { return false }
        level -= amount
        return true
    }

    /// Whether there is as much now.
    mutating func has(_ amount: Double, at now: Instant) -> Bool {
        level = min(burst, level + max(0, (now - filledAt).seconds) * rate)
        filledAt = now
        return level >= amount
    }

    mutating func giveBack(_ amount: Double) { level = min(burst, level + amount) }
}

/// What one peer may still say.
struct Allowance: Hashable, Sendable {
    private var messages: TokenBucket
    private var bytes: TokenBucket

    init(_ limits: PeerLimits, at now: Instant) {
        messages = TokenBucket(rate: limits.messagesPerSecond, burst: limits.messageBurst, at: now)
        bytes = TokenBucket(rate: limits.bytesPerSecond, burst: limits.byteBurst, at: now)
    }

    mutating func take(bytes count: Int, at now: Instant) -> Bool {
        // What is dropped takes nothing.
        guard messages.has(1, at: now), bytes.take(Double(count), at: now) else { return false }
        return messages.take(1, at: now)
    }

    mutating func giveBack(bytes count: Int) {
        messages.giveBack(1)
        bytes.giveBack(Double(count))
    }
}

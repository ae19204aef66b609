/// When and how often a failed call is made again.
public struct RetryPolicy: Hashable, Sendable {
    /// Calls in all, at least 1.
    public var attempts: Int
    /// Waited before the second call; doubled each time, give or take a quarter.
    public var base: Duration
    /// The longest wait of our own.
    public var longest: Duration
    /// A provider that asks for more than this is not waited for: the error says how long it wanted.
    public var longestAsked: Duration
    /// Times a broken or empty answer is asked for again.
    public var reasks: Int

    /// A policy.
    public init(
        attempts: Int = 5, base: Duration = .seconds(1), longest: Duration = .seconds(60),
        longestAsked: Duration = .seconds(120), reasks: Int = 1
    ) {
        self.attempts = attempts
        self.base = base
        self.longest = longest
        self.longestAsked = longestAsked
        self.reasks = reasks
    }

    /// How long to wait before another call: what the provider asked for, else our own, whichever is longer.
    ///
    /// - Parameters:
    ///   - failures: Calls that failed so far, at least 1.
    ///   - chance: 0 to 1; spreads callers that failed together.
    /// - Returns: `nil` when there should be no other call.
    func wait(after failures: Int, asked: Duration?, chance: Double) -> Duration? {
        if let asked, asked > longestAsked { return nil }
        let doubled = base * (1 << min(failures - 1, 20))
        let own = min(doubled, longest) * (0.75 + 0.5 * chance)
        return max(asked ?? .zero, own)
    }
}

/// A small seeded generator (SplitMix64), so that waits can be told in advance in tests.
struct SeededChance: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number from 0 up to 1.
    mutating func next() -> Double {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Double((mixed ^ (mixed >> 31)) >> 11) / Double(1 << 53)
    }
}

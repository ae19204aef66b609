import HTTP
import Testing

@testable import LanguageModels

@Suite("Waiting", .timeLimit(.minutes(5)))
struct WaitingTests {
    @Test("waits double up to a limit, spread by a quarter, the same for the same seed")
    func backoff() {
        let policy = RetryPolicy(base: .seconds(1), longest: .seconds(8))
        var chance = SeededChance(seed: 3)
        for (failures, middle) in [(1, 1.0), (2, 2), (3, 4), (4, 8), (9, 8)] {
            let wait = policy.wait(after: failures, asked: nil, chance: chance.next())
            #expect(wait.map { $0 >= .seconds(middle * 0.75) && $0 <= .seconds(middle * 1.25) } == true)
        }
        var one = SeededChance(seed: 5)
        var other = SeededChance(seed: 5)
        #expect((0..<9).map { _ in one.next() } == (0..<9).map { _ in other.next() })
    }

    @Test("a provider's wish is obeyed when it is longer, and not waited for when it is too long")
    func wishes() {
        let policy = RetryPolicy()
        #expect(policy.wait(after: 1, asked: .seconds(30), chance: 0) == .seconds(30))
        #expect(policy.wait(after: 4, asked: .milliseconds(10), chance: 0.5) == .seconds(8))
        #expect(policy.wait(after: 1, asked: .seconds(121), chance: 0) == nil)
    }

    private static func head(_ fields: (String, String)...) -> HTTPResponse {
        HTTPResponse(status: 429, fields: fields.map { .init(name: $0.0, value: $0.1) })
    }

    @Test("hints are read in every spelling")
    func hints() {
        let now = 1_755_780_000.0  // 2025-08-21T12:40:00Z
        func wait(_ fields: (String, String)...) -> Duration? {
            RetryHint.wait(
                in: HTTPResponse(status: 429, fields: fields.map { .init(name: $0.0, value: $0.1) }), now: now)
        }
        #expect(wait(("retry-after-ms", "1500"), ("retry-after", "9")) == .seconds(1.5))
        #expect(wait(("retry-after", "2.5")) == .seconds(2.5))
        #expect(wait(("retry-after", "Thu, 21 Aug 2025 12:40:30 GMT")) == .seconds(30))
        #expect(wait(("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0s")) == .seconds(360))
        #expect(wait(("x-ratelimit-remaining-tokens", "5"), ("x-ratelimit-reset-tokens", "6m0s")) == nil)
        #expect(
            wait(
                ("anthropic-ratelimit-input-tokens-remaining", "0"),
                ("anthropic-ratelimit-input-tokens-reset", "2025-08-21T12:40:59Z")) == .seconds(59))
        #expect(wait(("retry-after", "soon")) == nil)
    }

    @Test(
        "Go durations are read",
        arguments: [("1s", 1.0), ("6m0s", 360), ("12ms", 0.012), ("1h2m3s", 3723), ("45.837906927s", 45.837906927)])
    func goDurations(text: String, seconds: Double) {
        #expect(Timestamp.goDuration(text) == seconds)
        #expect(Timestamp.goDuration("x" + text) == nil)
    }

    @Test("a key's requests per minute are kept by waiting for the oldest to age")
    func requestLimit() async throws {
        let clock = StillClock()
        let limiter = KeyLimiter(KeyLimits(requestsPerMinute: 2), pacing: clock.pacing)
        for _ in 0..<4 { limiter.leave(try await limiter.enter(tokens: 1), tokens: nil) }
        #expect(clock.slept == [.seconds(60)])
    }

    @Test("a key's tokens per minute are kept, counted by what calls really used")
    func tokenLimit() async throws {
        let clock = StillClock()
        let limiter = KeyLimiter(KeyLimits(tokensPerMinute: 1000), pacing: clock.pacing)
        limiter.leave(try await limiter.enter(tokens: 10), tokens: 900)
        limiter.leave(try await limiter.enter(tokens: 100), tokens: nil)
        #expect(clock.slept.isEmpty)
        limiter.leave(try await limiter.enter(tokens: 5000), tokens: nil)
        #expect(clock.slept == [.seconds(60)])
    }

    @Test("calls in flight never pass their limit, and each gets its turn")
    func inFlight() async throws {
        let clock = StillClock()
        let limiter = KeyLimiter(KeyLimits(callsInFlight: 3), pacing: clock.pacing)
        let counter = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let turn = try await limiter.enter(tokens: 1)
                    await counter.begin()
                    for _ in 0..<5 { await Task.yield() }
                    await counter.end()
                    limiter.leave(turn, tokens: 1)
                }
            }
            try await group.waitForAll()
        }
        #expect(await counter.most == 3)
        #expect(await counter.done == 50)
    }

    @Test("a held key lets nobody begin until the hold is over")
    func hold() async throws {
        let clock = StillClock()
        let limiter = KeyLimiter(KeyLimits(), pacing: clock.pacing)
        limiter.hold(for: .seconds(20))
        _ = try await limiter.enter(tokens: 1)
        #expect(clock.slept == [.seconds(20)])
    }
}

private actor Counter {
    private var running = 0
    private(set) var most = 0
    private(set) var done = 0

    func begin() {
        running += 1
        most = max(most, running)
    }

    func end() {
        running -= 1
        done += 1
    }
}

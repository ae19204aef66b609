import HTTP
import Synchronization

/// What one key may do.
public struct KeyLimits: Hashable, Sendable {
    /// Calls begun within any minute.
    public var requestsPerMinute: Int?
    /// Tokens of calls begun within any minute, input and output.
    public var tokensPerMinute: Int?
    /// Calls at the same time, at least 1.
    public var callsInFlight: Int

    /// Limits; `nil` for none.
    public init(requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, callsInFlight: Int = 8) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.callsInFlight = callsInFlight
    }
}

/// Keeps the calls of one key below its limits; shared by all models that use the key.
final class KeyLimiter: Sendable {
    private let limits: KeyLimits
    private let pacing: Pacing
    private let state = Mutex(State())

    private struct Call {
        let number: Int
        let began: Duration
        var tokens: Int
    }

    private struct State {
        var recent: [Call] = []
        var inFlight: Set<Int> = []
        var heldUntil = Duration.zero
        var last = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private enum Turn {
        case now(Int)
        case after(Duration)
        case whenOneEnds(Int)
    }

    init(_ limits: KeyLimits, pacing: Pacing) {
        self.limits = limits
        self.pacing = pacing
    }

    /// Waits for a turn; every `enter` is followed by one `leave` with the number it gave.
    ///
    /// - Parameter tokens: What the call will probably use.
    func enter(tokens: Int) async throws -> Int {
        while true {
            try Task.checkCancellation()
            let turn: Turn = state.withLock { self.turn(for: tokens, at: pacing.now(), &$0) }
            switch turn {
            case .now(let number): return number
            case .after(let wait): try await pacing.sleep(wait)
            case .whenOneEnds(let number): await oneEnds(number)
            }
        }
    }

    /// Ends a call: what it really used counts from now on.
    func leave(_ number: Int, tokens: Int?) {
        let waiting = state.withLock { state in
            state.inFlight.remove(number)
            if let tokens, let place = state.recent.firstIndex(where: { $0.number == number }) {
                state.recent[place].tokens = tokens
            }
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Lets nobody begin for a while: the provider said so to one of us.
    func hold(for wait: Duration) {
        let until = pacing.now() + wait
        state.withLock { $0.heldUntil = max($0.heldUntil, until) }
    }

    private func turn(for tokens: Int, at now: Duration, _ state: inout State) -> Turn {
        state.recent.removeAll { $0.began + .seconds(60) <= now }
        if now < state.heldUntil { return .after(state.heldUntil - now) }
        if let limit = limits.requestsPerMinute, state.recent.count >= max(1, limit) {
            return .after(state.recent[state.recent.count - max(1, limit)].began + .seconds(60) - now)
        }
        if let limit = limits.tokensPerMinute, let wait = tokenWait(tokens, limit, now, state) { return .after(wait) }
        state.last += 1
        guard state.inFlight.count < max(1, limits.callsInFlight) else { return .whenOneEnds(state.last) }
        state.inFlight.insert(state.last)
        state.recent.append(Call(number: state.last, began: now, tokens: tokens))
        return .now(state.last)
    }

    /// Until enough of the last minute's tokens have aged; a call larger than the limit waits for an empty minute.
    private func tokenWait(_ tokens: Int, _ limit: Int, _ now: Duration, _ state: State) -> Duration? {
        var used = state.recent.reduce(0) { $0 + $1.tokens }
        for call in state.recent {
            if used + tokens <= limit { return nil }
            used -= call.tokens
            if used + tokens <= limit || used == 0 { return call.began + .seconds(60) - now }
        }
        return nil
    }

    private func oneEnds(_ number: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    guard !Task.isCancelled, state.inFlight.count >= max(1, limits.callsInFlight) else { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }
}

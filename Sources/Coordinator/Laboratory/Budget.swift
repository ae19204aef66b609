public import Search
import Synchronization
import Vocabulary

/// The wall time of a run: when the search must end, and when everything must.
///
/// The search ends early enough to refit the winner: as long before the end as the slowest accepted script suggests.
public final class Budget: Sendable {
    /// Which of the two ends applies.
    public enum Phase: Sendable {
        /// Steps of the search.
        case search
        /// The final steps.
        case finish
    }

    private struct State {
        var reserve: Duration
        var charged = Duration.zero
        var isFinishing = false
        var isCancelled = false
        /// Since when the clock stands still.
        var pausedSince: ContinuousClock.Instant?
        /// How long it stood still before.
        var pausedFor = Duration.zero
    }

    private let total: Duration
    private let spentBefore: Duration
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant
    private let state: Mutex<State>

    /// A budget whose clock starts now.
    ///
    /// - Parameters:
    ///   - total: wall time of the whole run.
    ///   - spent: what earlier sittings have used of it.
    public init(total: Duration, spent: Duration) {
        self.total = total
        spentBefore = spent
        began = clock.now
        state = Mutex(State(reserve: min(total * 0.1, .seconds(5))))
    }

    /// Wall time used in this sitting, pauses not counted.
    public var elapsed: Duration {
        state.withLock { began.duration(to: $0.pausedSince ?? clock.now) - $0.pausedFor }
    }

    /// Time left for a phase; negative when it is over.
    public func remaining(_ phase: Phase) -> Duration {
        let state = state.withLock { $0 }
        if state.isCancelled { return .zero }
        let left = total - spentBefore - elapsed - state.charged
        switch phase {
        case .finish: return left
        case .search: return state.isFinishing ? .zero : left - state.reserve
        }
    }

    /// Whether the user has stopped everything.
    public var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// What was charged beside the wall time, in all sittings.
    public var charged: Duration { state.withLock { $0.charged } }

    /// Keeps this much time back for the final steps; never more than 40 % of the whole.
    public func reserve(_ time: Duration) {
        state.withLock { $0.reserve = min(time, total * 0.4) }
    }

    /// Charges time that was not spent now: what it would have taken to get an outcome that is used again.
    public func charge(_ time: Duration) { state.withLock { $0.charged += time } }

    /// Ends the search; the final steps go on.
    public func finishNow() {
        unpause()
        state.withLock { $0.isFinishing = true }
    }

    /// Stops the clock: nothing is charged and nothing new begins.
    public func pause() {
        state.withLock { if $0.pausedSince == nil { $0.pausedSince = clock.now } }
    }

    /// Lets the clock go on.
    public func unpause() {
        state.withLock { state in
            guard let since = state.pausedSince else { return }
            state.pausedFor += since.duration(to: clock.now)
            state.pausedSince = nil
        }
    }

    /// Whether the clock stands still.
    public var isPaused: Bool { state.withLock { $0.pausedSince != nil && !$0.isCancelled } }

    /// Waits for the end of a pause, if there is one.
    func untilUnpaused() async throws {
        while isPaused { try await Task.sleep(for: .milliseconds(100)) }
    }

    /// Ends everything.
    public func cancel() { state.withLock { $0.isCancelled = true } }

    /// The signal that applies to a phase now, if any.
    public func signal(for phase: Phase) -> Signal? {
        if isCancelled { return .cancelled }
        return remaining(phase) <= .zero ? .outOfBudget : nil
    }

    /// Runs a body until it ends or its phase does; then the body is cancelled and the signal thrown.
    func race<Value: Sendable>(_ phase: Phase, _ body: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask { throw try await self.nextSignal(for: phase) }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw Signal.cancelled }
            return first
        }
    }

    private func nextSignal(for phase: Phase) async throws -> Signal {
        while true {
            if let signal = signal(for: phase) { return signal }
            // The end can move while we wait: the user asks to finish, or a slower script wins.
            try await Task.sleep(for: min(.milliseconds(200), max(.milliseconds(1), remaining(phase))))
        }
    }
}

import Synchronization

/// Stops a script when it is pulled: before its start, while it runs, or to no effect afterwards.
public final class StopLine: Sendable {
    private struct State {
        var isPulled = false
        var stop: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// A line nobody has pulled.
    public init() {}

    /// Ends the script and everything it started; may be called at any time and more than once.
    public func pull() {
        let stop = state.withLock { state in
            state.isPulled = true
            return state.stop
        }
        stop?()
    }

    /// From now on the line does this when it is pulled; at once when it has been.
    public func attach(_ stop: @escaping @Sendable () -> Void) {
        let isPulled = state.withLock { state in
            state.stop = stop
            return state.isPulled
        }
        if isPulled { stop() }
    }
}

import Laboratory
import Synchronization

/// The user's wish that a serving coordinator ends.
final class StopRequest: Sendable {
    private struct State {
        var isRequested = false
        var budgets: [Budget] = []
    }

    private let state = Mutex(State())

    var isRequested: Bool { state.withLock { $0.isRequested } }

    /// Ends the runs under way, too.
    func request() {
        let budgets = state.withLock { state in
            state.isRequested = true
            return state.budgets
        }
        for budget in budgets { budget.cancel() }
    }

    /// A run's budget, to be cancelled with the request.
    func cancels(_ budget: Budget) {
        let isLate = state.withLock { state in
            state.budgets.append(budget)
            return state.isRequested
        }
        if isLate { budget.cancel() }
    }
}

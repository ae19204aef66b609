import Foundation
import Laboratory
import Synchronization

/// Ctrl-C once ends the search with the best so far, twice stops now; a termination signal stops now.
final class Interrupts: Sendable {
    private let watch: SignalWatch

    /// - Parameter finish: what ends the search with the best so far.
    init(_ budget: Budget, finish: @escaping @Sendable () -> Void) {
        let presses = Presses()
        watch = SignalWatch { number in
            if number == SIGTERM || presses.next() > 1 {
                budget.cancel()
            } else {
                tell("finishing with the best so far; press ctrl-C again to stop now")
                finish()
            }
        }
    }

    func end() { watch.end() }

    private final class Presses: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }
}

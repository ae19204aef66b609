import Synchronization

@testable import LanguageModels

/// A clock that stands still but for sleeping, which takes no time.
final class StillClock: Sendable {
    private let state = Mutex((now: Duration.zero, slept: [Duration]()))

    var pacing: Pacing {
        Pacing(
            now: { self.state.withLock { $0.now } }, epochSeconds: { 1_780_000_000 + self.seconds },
            sleep: { wait in
                try Task.checkCancellation()
                self.state.withLock {
                    $0.now += wait
                    $0.slept.append(wait)
                }
                await Task.yield()
            })
    }

    private var seconds: Double {
        let now = state.withLock { $0.now }.components
        return Double(now.seconds) + Double(now.attoseconds) / 1e18
    }

    var slept: [Duration] { state.withLock { $0.slept } }
}

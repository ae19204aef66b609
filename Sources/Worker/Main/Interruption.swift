import Dispatch
import Execution
import Foundation
import Synchronization

/// Signals that end the program, turned into pulled stop lines: what it has begun is cleared away before it goes.
final class Interruption: Sendable {
    private struct State {
        var signal: Int32?
        var lines: [StopLine] = []
    }

    private let state = Mutex(State())
    /// Listens for these signals as long as the sources are not cancelled.
    func listen(for numbers: [Int32]) -> [any DispatchSourceSignal] {
        numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { self.came(number) }
            source.resume()
            return source
        }
    }

    /// The first signal that came.
    var received: Int32? { state.withLock(\.signal) }

    /// A line that is pulled when a signal comes, or now if one has.
    func line() -> StopLine {
        let line = StopLine()
        let isLate = state.withLock { state in
            state.lines.append(line)
            return state.signal != nil
        }
        if isLate { line.pull() }
        return line
    }

    private func came(_ number: Int32) {
        let lines = state.withLock { state in
            state.signal = state.signal ?? number
            return state.lines
        }
        for line in lines { line.pull() }
    }
}

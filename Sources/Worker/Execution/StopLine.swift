import Foundation
import Synchronization

/// Stops a script when it is pulled: before its start, while it runs, or to no effect afterwards.
public final class StopLine: Sendable {
    private struct State {
        var isPulled = false
        var launcher: LauncherLine?
    }

    private let state = Mutex(State())

    /// A line nobody has pulled.
    public init() {}

    /// Ends the script and everything it started; may be called at any time and more than once.
    public func pull() {
        state.withLock { state in
            state.isPulled = true
            state.launcher?.close()
        }
    }

    /// From now on the line stops what this launcher runs.
    func attach(to launcher: LauncherLine) {
        state.withLock { state in
            state.launcher = launcher
            if state.isPulled { launcher.close() }
        }
    }
}

/// The standard input of a launcher: names its script, and ends it when the line closes, at the latest with this process.
final class LauncherLine: Sendable {
    /// Given to the launcher, who closes it.
    let listening: Int32
    private let held: HeldDescriptor

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
        // Subprocess closes everything but the standard streams in its children, so no other script holds the line.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        listening = ends[0]
        held = HeldDescriptor(ends[1])
    }

    /// Tells the launcher which script to run.
    func say(_ line: String) { held.write(line + "\n") }

    func close() { held.close() }
}

import Foundation
import Machine
import Synchronization
import Vocabulary

/// The launchers of one worker: one without imports, and those that hold some, as `WarmPlan` decides.
final class WarmPool: Sendable {
    private struct State {
        var plan: WarmPlan
        var parents: [WarmKind: Launcher] = [:]
        /// What tells the plan how those came out that are starting.
        var starts: [WarmKind: Task<Void, Never>] = [:]
        var plain: Launcher
        var lastTended = Instant(.zero)
    }

    /// Memory may become short sooner than this; a script that starts looks, too.
    private static let tendingTime = Duration.seconds(5)
    /// Imports that take longer are done by the script itself.
    private static let longestWait = Duration.seconds(60)

    private let state: Mutex<State>
    private let files: LauncherFiles
    private let interpreter: String
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant

    /// Starts the launcher without imports.
    init(interpreter: String, files: LauncherFiles, slots: Int) throws {
        self.interpreter = interpreter
        self.files = files
        began = clock.now
        state = Mutex(
            State(
                plan: WarmPlan(limit: slots + 4, reserve: max(1 << 30, MachineMemory.available / 10)),
                plain: try Launcher(files.plainProgram(interpreter))))
    }

    /// The launcher without imports; a new one when the last one has ended.
    func plain() throws -> Launcher {
        try state.withLock { state in
            if state.plain.isGone { state.plain = try Launcher(files.plainProgram(interpreter)) }
            return state.plain
        }
    }

    /// A launcher that holds a script's imports. One that is being prepared is waited for: it does what the script would have to
    /// do meanwhile, and both at once take each other's time. `nil` where there can be none.
    func launcher(for kind: WarmKind, until stopLine: StopLine) async -> Launcher? {
        let best = launcher(for: kind)
        guard let start = state.withLock({ $0.starts[kind] }) else { return best }
        let (ends, end) = AsyncStream<Void>.makeStream()
        stopLine.attach { end.finish() }
        let others = [
            Task {
                await start.value
                end.finish()
            },
            Task {
                try? await Task.sleep(for: Self.longestWait)
                end.finish()
            },
        ]
        for await _ in ends {}
        for other in others { other.cancel() }
        return launcher(for: kind)
    }

    /// A launcher that holds imports of a script, if one is ready; at any rate one is prepared for its like.
    private func launcher(for kind: WarmKind) -> Launcher? {
        let now = now
        return state.withLock { state in
            for (kind, parent) in state.parents where parent.isGone {
                state.parents[kind] = nil
                state.plan.ended(kind)
            }
            let (from, commands) = state.plan.request(kind, at: now, freeBytes: MachineMemory.free)
            carryOut(commands, &state)
            return from.flatMap { state.parents[$0] }
        }
    }

    /// Ends launchers that nobody has asked for, or that memory is too short for; called now and then.
    func tend() {
        let now = now
        state.withLock { state in
            guard !state.parents.isEmpty, now - state.lastTended >= Self.tendingTime else { return }
            state.lastTended = now
            carryOut(state.plan.timePassed(at: now, freeBytes: MachineMemory.free), &state)
        }
    }

    private var now: Instant { Instant(began.duration(to: clock.now)) }

    private func carryOut(_ commands: [WarmPlan.Command], _ state: inout State) {
        for command in commands {
            switch command {
            case .start(let kind): start(kind, &state)
            // Attempts that run from it keep it until they have ended.
            case .end(let kind): state.parents[kind] = nil
            }
        }
    }

    /// Ends all launchers; none of them writes anything any more.
    func end() async {
        let all = state.withLock { state in
            defer { state.parents = [:] }
            return [state.plain] + state.parents.values
        }
        for launcher in all { await launcher.finish() }
    }

    private func start(_ kind: WarmKind, _ state: inout State) {
        guard let launcher = try? Launcher(files.warmProgram(interpreter, kind)) else {
            state.plan.started(kind, works: false, at: now)
            return
        }
        state.parents[kind] = launcher
        state.starts[kind] = Task { [weak self] in
            var works = true
            do { try await launcher.ready() } catch { works = false }
            guard let self else { return }
            let now = self.now
            self.state.withLock { state in
                state.plan.started(kind, works: works, at: now)
                state.starts[kind] = nil
                if !works { state.parents[kind] = nil }
            }
        }
    }
}

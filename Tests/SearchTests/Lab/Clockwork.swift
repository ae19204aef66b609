import Synchronization

/// Runs tasks on the calling thread, one at a time, and lets what they wait for come in an order drawn from a seed.
///
/// Tasks run until each of them waits in `turn()`; then one of the waiting is drawn and goes on. Nothing sleeps, and a
/// search that waits for something that never comes is seen at once.
final class Clockwork: TaskExecutor {
    private struct State {
        var ready: [UnownedJob] = []
        var waiting: [(continuation: CheckedContinuation<Void, Never>, isPatient: Bool)] = []
        var generator: TestGenerator
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(generator: TestGenerator(seed: seed))) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
    }

    /// Waits until it is this caller's turn; a patient caller's comes when nobody else waits.
    func turn(isPatient: Bool = false) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append((continuation, isPatient)) }
        }
    }

    /// Runs a body to its end on this thread.
    ///
    /// - Returns: what it ended with; `nil` when it waits for something that never comes.
    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) -> Result<Value, any Error>? {
        let end = End<Value>()
        Task(executorPreference: self) {
            do {
                end.set(.success(try await body()))
            } catch {
                end.set(.failure(error))
            }
        }
        drain()
        return end.value
    }

    private func drain() {
        while true {
            while let job = state.withLock({ $0.ready.isEmpty ? nil : $0.ready.removeFirst() }) {
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
            let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard !state.waiting.isEmpty else { return nil }
                let hasty = state.waiting.indices.filter { !state.waiting[$0].isPatient }
                let candidates = hasty.isEmpty ? Array(state.waiting.indices) : hasty
                let index = candidates[Int.random(in: candidates.indices, using: &state.generator)]
                return state.waiting.remove(at: index).continuation
            }
            guard let next else { return }
            next.resume()
        }
    }
}

/// What a body ended with.
private final class End<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    var value: Result<Value, any Error>? { result.withLock { $0 } }

    func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }
}

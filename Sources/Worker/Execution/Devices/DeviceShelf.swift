import Synchronization
import Vocabulary

/// A worker's graphics processors, each given to one job at a time.
final class DeviceShelf: Sendable {
    /// What came of a wish.
    enum Taking: Sendable {
        case taken([GraphicsDevice])
        /// The attempt was stopped while it waited.
        case stopped
        /// The worker does not have that much; in words.
        case impossible(String)
    }

    private struct Customer {
        let number: Int
        let needs: Needs
        let continuation: CheckedContinuation<Taking, Never>
    }

    private struct State {
        /// Without those that are lost.
        var all: [GraphicsDevice]
        var free: [GraphicsDevice]
        var waiting: [Customer] = []
        var lastNumber = 0
    }

    private let state: Mutex<State>

    init(_ devices: [GraphicsDevice]) {
        state = Mutex(State(all: devices, free: devices))
    }

    /// Takes what a job asks for. The coordinator counts and assigns no more than there is; it may wait a moment for an
    /// attempt that was revoked and has not ended.
    func take(for needs: Needs, until stopLine: StopLine) async -> Taking {
        guard needs.gpus > 0 else { return .taken([]) }
        if let reason = state.withLock({ Self.whyImpossible(needs, with: $0.all) }) { return .impossible(reason) }
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let taking = await withCheckedContinuation { continuation in
            state.withLock {
                $0.waiting.append(Customer(number: number, needs: needs, continuation: continuation))
            }
            serve()
            stopLine.attach { [weak self] in self?.dismiss(number) }
        }
        // Whoever runs the script attaches what ends it.
        stopLine.attach {}
        return taking
    }

    /// Puts processors back.
    func give(_ devices: [GraphicsDevice]) {
        guard !devices.isEmpty else { return }
        state.withLock { $0.free += devices }
        serve()
    }

    /// Takes processors out for good: what still uses them could not be ended. Who waits for more than is left is told so.
    func lose(_ devices: [GraphicsDevice]) {
        let refused = state.withLock { state in
            state.all.removeAll { lost in devices.contains { $0.processor == lost.processor } }
            let refused = state.waiting.compactMap { customer in
                Self.whyImpossible(customer.needs, with: state.all).map { (customer, $0) }
            }
            state.waiting.removeAll { customer in refused.contains { $0.0.number == customer.number } }
            return refused
        }
        for (customer, reason) in refused { customer.continuation.resume(returning: .impossible(reason)) }
        serve()
    }

    private static func whyImpossible(_ needs: Needs, with all: [GraphicsDevice]) -> String? {
        guard all.map(\.processor).choice(for: needs) == nil else { return nil }
        return "the script asks for \(needs); this worker has \(all.count) graphics processors for scripts"
    }

    /// Serves those who wait, in their order.
    private func serve() {
        let served = state.withLock { state in
            var served: [(Customer, [GraphicsDevice])] = []
            while let customer = state.waiting.first,
                let chosen = state.free.map(\.processor).choice(for: customer.needs)
            {
                served.append((customer, state.free.filter { chosen.contains($0.processor) }))
                state.free.removeAll { chosen.contains($0.processor) }
                state.waiting.removeFirst()
            }
            return served
        }
        for (customer, devices) in served { customer.continuation.resume(returning: .taken(devices)) }
    }

    private func dismiss(_ number: Int) {
        let customer = state.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
        }
        customer?.continuation.resume(returning: .stopped)
        serve()
    }
}

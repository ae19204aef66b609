import Foundation
import Vocabulary
import Wire
import ZeroMQ

/// Speaks a worker's part of the protocol and answers every assignment at once: no script is run.
struct InstantWorker {
    private let socket: ZeroMQSocket
    private let wakeup: Wakeup
    private let capabilities: Capabilities
    private static let environment = ContentHash(String(repeating: "ab", count: 32))

    /// - Parameter slots: jobs it takes at once.
    init(endpoint: String, name: String, slots: Int) throws {
        capabilities = Capabilities(
            worker: WorkerID(name), incarnation: Incarnation("\(name)-\(getpid())"), slots: slots, coresPerSlot: 1,
            memoryBytes: 1 << 40, environment: Self.environment, host: "bench")
        wakeup = try Wakeup()
        socket = try ZeroMQSocket(.dealer, in: try ZeroMQContext())
        try socket.setRoutingName(capabilities.incarnation.rawValue)
        try socket.connect(endpoint)
    }

    func run() throws {
        let clock = ContinuousClock()
        var isWelcome = false
        var nextBeat = clock.now
        var held: Set<Attempt> = []
        while true {
            if clock.now >= nextBeat {
                nextBeat = clock.now + .seconds(1)
                try send(isWelcome ? .heartbeat(held: Array(held)) : .hello(capabilities, held: []))
            }
            while let bytes = try socket.receive()?.last {
                switch try CoordinatorMessage(decoding: bytes) {
                case .welcome: isWelcome = true
                case .assignment(let job, let term, _):
                    held.insert(Attempt(job: job.id, term: term))
                    try send(.outcome(outcome(of: job, term)))
                case .acknowledgement(let attempt): held.remove(attempt)
                case .shutdown:
                    try send(.goodbye)
                    return
                default: break
                }
            }
            try socket.wait(for: .milliseconds(500), orUntil: wakeup)
        }
    }

    private func outcome(of job: Job, _ term: LeaseTerm) -> Outcome {
        Outcome(
            job: job.id, term: term, ending: .succeeded, usage: .none, message: "", log: "", selfReported: nil,
            submission: Array("id,y\n1,0.5\n".utf8), environment: Self.environment)
    }

    private func send(_ message: WorkerMessage) throws {
        let bytes = try message.encoded()
        while try !socket.send([bytes]) { usleep(100) }
    }
}

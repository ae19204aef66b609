import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A process of `launch.py`: starts attempts when asked, and ends them all when this value goes.
final class Launcher: Sendable {
    /// What to start.
    struct Program: Sendable {
        /// The interpreter and its arguments.
        let command: [String]
        let environment: [String: String]
        /// Where its own output goes; anything in it is a complaint.
        let log: String
    }

    private struct Message: Decodable {
        let ready: Bool?
        let reason: String?
        let run: Int?
        let failure: String?
    }

    /// Why a request was not answered.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private enum Readiness {
        case pending([CheckedContinuation<Void, any Error>])
        case ready
        case failed(Failure)
    }

    private struct State {
        var readiness = Readiness.pending([])
        var lastNumber = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var isGone = false
        /// Those who wait for its end.
        var ends: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let requests: HeldDescriptor
    private let log: String

    /// Starts the process.
    init(_ program: Program) throws {
        log = program.log
        // A socket, because a write to a process that is gone must be an error and no signal.
        var line: [Int32] = [0, 0]
        var answers: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &line) == 0, pipe(&answers) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE)
        }
        // Subprocess closes everything but the standard streams in its children, so nobody else holds the line.
        for end in line + answers { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        requests = HeldDescriptor(line[1])
        let (listening, answering, reading) = (line[0], answers[1], answers[0])
        Task { [weak self] in
            var options = PlatformOptions()
            // Signals meant for the worker's terminal must not reach the scripts.
            options.createSession = true
            // The interpreter's own streams must be of the kind a script's are: files.
            let redirect = #"exec "$@" 3<&0 4>&1 </dev/null >"$0" 2>&1"#
            do {
                _ = try await Subprocess.run(
                    .path("/bin/sh"), arguments: Arguments(["-c", redirect, program.log] + program.command),
                    environment: .custom(
                        Dictionary(uniqueKeysWithValues: program.environment.map { (.init(stringLiteral: $0), $1) })),
                    platformOptions: options,
                    input: .fileDescriptor(FileDescriptor(rawValue: listening), closeAfterSpawningProcess: true),
                    output: .fileDescriptor(FileDescriptor(rawValue: answering), closeAfterSpawningProcess: true),
                    error: .discarded)
            } catch {
                _ = Glibc.close(answering)
                self?.end("cannot start \(program.command.first ?? ""): \(error)")
            }
        }
        let thread = Thread { [weak self] in
            Self.read(reading) { self?.receive($0) }
            self?.end("the launcher ended")
        }
        thread.name = "launcher"
        thread.start()
    }

    deinit { requests.close() }

    /// Whether the process has ended.
    var isGone: Bool { state.withLock(\.isGone) }

    /// Tells the process to end, and waits until it has. Attempts that run are stopped.
    func finish() async {
        requests.close()
        await withCheckedContinuation { continuation in
            let isGone = state.withLock { state in
                if !state.isGone { state.ends.append(continuation) }
                return state.isGone
            }
            if isGone { continuation.resume() }
        }
    }

    /// Waits until the launcher takes requests.
    func ready() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let settled: Result<Void, any Error>? = state.withLock { state in
                switch state.readiness {
                case .ready: return .success(())
                case .failed(let failure): return .failure(failure)
                case .pending(let others):
                    state.readiness = .pending(others + [continuation])
                    return nil
                }
            }
            if let settled { continuation.resume(with: settled) }
        }
    }

    /// Runs an attempt to its end, which the launcher has then written where the specification says.
    func run(specification: String, until stopLine: StopLine) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let number = state.withLock { state -> Int? in
                if state.isGone { return nil }
                state.lastNumber += 1
                state.waiting[state.lastNumber] = continuation
                return state.lastNumber
            }
            guard let number else {
                continuation.resume(throwing: Failure(description: "the launcher has ended"))
                return
            }
            // A specification's path is the worker's own and needs no escaping beyond JSON's.
            let path = (try? JSONEncoder().encode(specification)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
            requests.send(#"{"run":\#(number),"specification":\#(path)}"#)
            stopLine.attach { [weak self] in self?.requests.send(#"{"stop":\#(number)}"#) }
        }
    }

    private func receive(_ line: Data) {
        guard let message = try? JSONDecoder().decode(Message.self, from: line) else { return }
        if let isReady = message.ready {
            settle(isReady ? nil : Failure(description: message.reason ?? "the launcher is not ready"))
        } else if let number = message.run, let waiting = state.withLock({ $0.waiting.removeValue(forKey: number) }) {
            if let reason = message.failure {
                waiting.resume(throwing: Failure(description: "\(reason) \(complaint)"))
            } else {
                waiting.resume()
            }
        }
    }

    private func settle(_ failure: Failure?) {
        let others = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            guard case .pending(let others) = state.readiness else { return [] }
            state.readiness = failure.map(Readiness.failed) ?? .ready
            return others
        }
        for other in others {
            if let failure { other.resume(throwing: failure) } else { other.resume() }
        }
    }

    private func end(_ reason: String) {
        let failure = Failure(description: "\(reason) \(complaint)")
        settle(failure)
        let (abandoned, ends) = state.withLock { state in
            defer { (state.waiting, state.ends) = ([:], []) }
            state.isGone = true
            return (Array(state.waiting.values), state.ends)
        }
        for waiting in abandoned { waiting.resume(throwing: failure) }
        for end in ends { end.resume() }
    }

    /// The last words of the process.
    private var complaint: String {
        String(decoding: FileManager.default.contents(atPath: log)?.suffix(500) ?? Data(), as: UTF8.self)
    }

    private static func read(_ descriptor: Int32, line: (Data) -> Void) {
        defer { _ = Glibc.close(descriptor) }
        var pending = Data()
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return }
            pending += piece[..<count]
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                line(Data(pending[..<end]))
                pending = Data(pending[pending.index(after: end)...])
            }
        }
    }
}

import CCurl
import Foundation
import Synchronization

/// The one thread that owns the multi handle. Others only queue commands and wake it.
final class TransferLoop: @unchecked Sendable {
    // `multi` is used by the thread alone; `curl_multi_wakeup`, which libcurl allows from anywhere, is called under the
    // mutex, so never after the handle is gone. `running` belongs to the thread.
    private let multi: UnsafeMutableRawPointer
    private let configuration: HTTPConfiguration
    private let resolves: UnsafeMutablePointer<curl_slist>?
    private var running: [UInt64: Transfer] = [:]
    private let inbox = Mutex(Inbox())

    private struct Inbox {
        var commands: [Command] = []
        var last: UInt64 = 0
        var isClosed = false
    }

    private enum Command {
        case start(Transfer)
        case cancel(UInt64)
        case close
    }

    init?(_ configuration: HTTPConfiguration) {
        // Done once, before any thread uses libcurl.
        guard Self.isReady, let multi = curl_multi_init() else { return nil }
        self.multi = multi
        self.configuration = configuration
        var list: UnsafeMutablePointer<curl_slist>?
        for entry in configuration.resolves { list = curl_slist_append(list, entry) ?? list }
        resolves = list
        let thread = Thread { self.run() }
        thread.name = "http"
        thread.start()
    }

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    func number() -> UInt64 {
        inbox.withLock {
            $0.last += 1
            return $0.last
        }
    }

    /// Starts a transfer; one that comes after `close` ends at once.
    func start(_ transfer: Transfer) {
        if !send(.start(transfer)) { transfer.finish(HTTPError(.cancelled, "the HTTP client was closed")) }
    }

    func cancel(_ number: UInt64) { _ = send(.cancel(number)) }

    /// Ends all transfers and the thread.
    func close() { _ = send(.close) }

    private func send(_ command: Command) -> Bool {
        inbox.withLock {
            guard !$0.isClosed else { return false }
            $0.commands.append(command)
            curl_multi_wakeup(multi)
            return true
        }
    }

    // MARK: The thread

    private func run() {
        while true {
            let commands = inbox.withLock { inbox in
                defer { inbox.commands = [] }
                return inbox.commands
            }
            for command in commands {
                switch command {
                case .start(let transfer): begin(transfer)
                case .cancel(let number):
                    end(number, HTTPError(.cancelled, "the request was cancelled"))
                case .close: return shutDown()
                }
            }
            var alive: Int32 = 0
            curl_multi_perform(multi, &alive)
            collectFinished()
            endOverdue()
            curl_multi_poll(multi, nil, 0, waitMilliseconds(), nil)
        }
    }

    private func begin(_ transfer: Transfer) {
        guard transfer.prepare(configuration, resolves: resolves), let handle = transfer.handle,
            curl_multi_add_handle(multi, handle) == CURLM_OK
        else {
            transfer.finish(HTTPError(.badRequest, "\(transfer.request.shownURL) cannot be asked"))
            return
        }
        running[transfer.number] = transfer
    }

    private func end(_ number: UInt64, _ error: HTTPError?) {
        guard let transfer = running.removeValue(forKey: number), let handle = transfer.handle else { return }
        curl_multi_remove_handle(multi, handle)
        transfer.finish(error)
    }

    private func collectFinished() {
        var result = CURLE_OK
        while let handle = mlestar_curl_next_finished(multi, &result) {
            guard let transfer = running.values.first(where: { $0.handle == handle }) else { continue }
            end(transfer.number, transfer.error(for: result))
        }
    }

    private func endOverdue() {
        let now = ContinuousClock.now
        for transfer in Array(running.values) {
            if let error = transfer.passedLimit(at: now) { end(transfer.number, error) }
        }
    }

    /// Until the next limit; a wakeup or a byte ends the wait sooner.
    private func waitMilliseconds() -> Int32 {
        guard let next = running.values.map(\.deadline).min() else { return 60_000 }
        return Int32(clamping: min(60_000, ContinuousClock.now.duration(to: next).milliseconds + 1))
    }

    private func shutDown() {
        let waiting = inbox.withLock { inbox in
            inbox.isClosed = true
            defer { inbox.commands = [] }
            return inbox.commands
        }
        let closed = HTTPError(.cancelled, "the HTTP client was closed")
        for case .start(let transfer) in waiting { transfer.finish(closed) }
        for number in Array(running.keys) { end(number, closed) }
        curl_multi_cleanup(multi)
        if let resolves { curl_slist_free_all(resolves) }
    }
}

import Dispatch
import Foundation

/// Turns ctrl-C and the termination signal into calls, until it is ended.
final class SignalWatch: @unchecked Sendable {
    // Made in `init`, cancelled in `end`, never changed in between; a dispatch source may be cancelled from any thread.
    private let sources: [any DispatchSourceSignal]

    init(_ handler: @escaping @Sendable (_ signal: Int32) -> Void) {
        let queue = DispatchQueue(label: "signals")
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { handler(number) }
            source.resume()
            return source
        }
    }

    func end() { for source in sources { source.cancel() } }
}

/// Where a coordinator listens, or is found by its workers.
public struct Endpoint: Hashable, Sendable {
    /// How it begins when it is one, in words.
    public static let form = "must begin with tcp:// or ipc://"

    /// Whether it is a socket among this machine's files, `ipc://`, which is private as it is.
    public let isFile: Bool
    /// Whether nothing that is sent there leaves this machine.
    public let isOnThisMachine: Bool

    private let text: String

    /// Reads an endpoint; `nil` when it does not have that form.
    public init?(_ text: String) {
        self.text = text
        if text.hasPrefix("ipc://") {
            (isFile, isOnThisMachine) = (true, true)
            return
        }
        guard text.hasPrefix("tcp://") else { return nil }
        let place = text.dropFirst("tcp://".count)
        let host = place.lastIndex(of: ":").map { place[..<$0] } ?? place
        // Only numbers: a name may begin with 127 and lead anywhere.
        let isLoopback = host.hasPrefix("127.") && host.allSatisfy { ("0"..."9").contains($0) || $0 == "." }
        (isFile, isOnThisMachine) = (false, isLoopback || host == "localhost")
    }

    /// Why a worker cannot come in there with a key or without one, in words for its command line; `nil` when it can.
    public func obstacle(hasKey: Bool) -> String? {
        if !hasKey, !isOnThisMachine {
            return "--coordinator '\(text)' is beyond loopback: give --key FILE; `mlestar keys new NAME` on the "
                + "coordinator's host makes it"
        }
        return hasKey && isFile ? "--key is for tcp://; an ipc:// socket is private as it is" : nil
    }
}

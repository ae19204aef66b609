import Keys
import Logging
import Vocabulary
import ZeroMQ

/// Watches the connection to the coordinator and says in words why it does not come about.
struct LineWatch {
    private let socket: ZeroMQSocket
    private let monitor: SocketMonitor
    private let settings: WorkerSettings
    private let logger: Logger
    private var nextWords = Instant(.zero)
    private var reconnectAt: Instant?

    /// How long the same words are not said again.
    private static let period = Duration.seconds(30)

    init(
        _ socket: ZeroMQSocket, in context: ZeroMQContext, settings: WorkerSettings, logger: Logger
    ) throws(ZeroMQError) {
        self.socket = socket
        self.settings = settings
        self.logger = logger
        try socket.startMonitor(at: "inproc://line")
        monitor = try SocketMonitor(at: "inproc://line", in: context)
    }

    /// The socket to wait for.
    var events: ZeroMQSocket { monitor.socket }

    /// Takes in what happened.
    ///
    /// - Returns: why the coordinator will not let this worker in, however often it tries.
    mutating func look(at now: Instant) throws -> String? {
        while let event = try monitor.next() {
            switch event {
            case .refused(let status) where (400..<500).contains(status):
                return "it does not let the key '\(settings.key?.name ?? "?")' in: the key was revoked, or made for "
                    + "another state folder; `mlestar keys list` on the coordinator's host shows the good ones"
            case .refused: say("the coordinator cannot read its list of keys; trying again", at: now)
            case .handshakeCut: say(words, at: now)
            case .misspoke:
                say(words, at: now)
                // The library gives up an endpoint that spoke otherwise; it may be served again in another way.
                reconnectAt = now + .seconds(2)
            case .accepted, .established, .ended: break
            }
        }
        if let due = reconnectAt, now >= due {
            reconnectAt = nil
            try socket.reconnect(settings.coordinator)
        }
        return nil
    }

    private var words: String {
        settings.key == nil
            ? "the coordinator ends the connection: it wants a key (--key FILE, made by `mlestar keys new NAME`)"
            : "the coordinator ends the connection: the key file names another coordinator's key, or the coordinator "
                + "serves without keys; make the key with its state folder (`mlestar keys new NAME --state DIR`)"
    }

    private mutating func say(_ words: String, at now: Instant) {
        guard now >= nextWords else { return }
        nextWords = now + Self.period
        logger.warning("\(words)", metadata: ["at": "\(settings.coordinator)"])
    }
}

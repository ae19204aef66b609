import Foundation
import Logging
import Wire
import ZeroMQ

/// The coordinator's socket, bound: one ROUTER at a private endpoint, at one that needs keys, or at both.
struct OpenDoor {
    let socket: ZeroMQSocket
    /// `nil` where nobody needs a key.
    let porter: Porter?
    let ring: KeyRing?
    /// Where it listens, with the port the system chose for a wildcard.
    let endpoint: String

    init(_ settings: Dispatcher.Settings, logger: Logger) throws {
        let context = try ZeroMQContext()
        socket = try ZeroMQSocket(.router, in: context)
        try socket.setMaximumMessage(bytes: Int64(maximumFrameBytes))
        try socket.noticeLostPeers()
        // Options count for endpoints bound after them: what is bound now needs no key.
        if let privateEndpoint = settings.privateEndpoint { try Self.bind(socket, to: privateEndpoint) }
        guard let keys = settings.keys, !settings.endpoint.hasPrefix("ipc://") else {
            (porter, ring) = (nil, nil)
            try Self.bind(socket, to: settings.endpoint)
            endpoint = try socket.lastEndpoint()
            return
        }
        let pair = try keys.server()
        let ring = KeyRing(keys)
        // Before the endpoint is bound: with nobody to ask, the library would let everybody in.
        let porter = try Porter(ring, context: context, logger: logger)
        do {
            try socket.startMonitor(at: Porter.monitorAddress)
            try socket.serveCurve(as: pair)
            try Self.bind(socket, to: settings.endpoint)
            endpoint = try socket.lastEndpoint()
        } catch {
            socket.stopMonitor()
            porter.stop()
            throw error
        }
        (self.porter, self.ring) = (porter, ring)
    }

    private static func bind(_ socket: ZeroMQSocket, to endpoint: String) throws {
        do {
            try socket.bind(endpoint)
        } catch {
            throw DispatchError(
                "cannot listen at \(endpoint) (\(error)); another coordinator may be using it: "
                    + "choose another endpoint with --bind")
        }
    }
}

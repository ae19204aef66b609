import Keys
import Logging
import Vocabulary
import Wire
import ZeroMQ

/// Decides of each message that arrived whether it is read, and as whose word it counts.
///
/// Who a peer is was proved when it connected; the library hands its public key on with each message. What it may say
/// follows from the key's name alone: a key named `gpu-1` speaks for workers `gpu-1` and `gpu-1-…`, and for incarnations
/// of these, unless a longer listed name fits better. So an incarnation never belongs to two keys.
struct Doorkeeper {
    enum Verdict: Hashable {
        case read(Incarnation)
        case drop
        case refuse(Incarnation, String)
    }

    /// `nil` where nobody needs a key: a private `ipc://` socket, or loopback.
    private let ring: KeyRing?
    private let limits: PeerLimits
    private let logger: Logger
    private var refusals = RefusalLog()
    private var joined: [Incarnation: Joined] = [:]
    private var strangers: Allowance
    private var generation = 0

    /// What is known of a peer that was welcomed.
    private struct Joined {
        /// Its public key; `nil` for a local one.
        let key: String?
        var allowance: Allowance
    }

    init(_ ring: KeyRing?, limits: PeerLimits, logger: Logger, at now: Instant) {
        self.ring = ring
        self.limits = limits
        self.logger = logger
        strangers = Allowance(limits, at: now)
    }

    /// Messages that were not read.
    var refusedCount: Int { refusals.count }

    /// Looks at a message before it is decoded.
    mutating func look(at message: ReceivedMessage, now: Instant) -> Verdict {
        let frames = message.frames
        guard frames.count == 2, let name = String(validating: frames[0], as: UTF8.self),
            (1...200).contains(name.utf8.count)
        else { return drop("not two frames, or no name of 1 to 200 bytes", message, at: now) }
        let sender = Incarnation(name)
        guard hasAllowance(sender, frames[1].count, at: now) else {
            return drop("more messages or bytes than a peer may send", message, named: name, at: now)
        }
        guard let ring else { return .read(sender) }
        guard let key = message.user, !key.isEmpty else {
            // Without a key only through the private socket.
            if message.address?.hasPrefix("localhost:") == true { return .read(sender) }
            return drop("a remote peer without a key", message, named: name, at: now)
        }
        // Nothing has changed since it was welcomed.
        if joined[sender]?.key == key, ring.generation == generation { return .read(sender) }
        switch ring.standing(of: key) {
        case .listed(let owner) where ring.owner(of: name) == owner: return .read(sender)
        case .listed(let owner):
            return drop("it speaks as an incarnation that is not its key's", message, named: owner, at: now)
        case .revoked(let owner):
            refusals.note("its key was revoked", from: message.address, named: owner, at: now, to: logger)
            return .refuse(sender, "the key \(owner) was revoked")
        case .unknown:
            refusals.note("its key is not listed any more", from: message.address, named: name, at: now, to: logger)
            return .refuse(sender, "the key is not listed any more")
        // What was let in stays while the list cannot be read.
        case .unreadable: return joined[sender]?.key == key ? .read(sender) : .drop
        }
    }

    /// What is wrong with a hello of this sender; `nil` when it is to be welcomed.
    func objection(to capabilities: Capabilities, from sender: Incarnation, key: String?) -> String? {
        guard capabilities.incarnation == sender else {
            return "the hello names another incarnation than the connection"
        }
        guard let ring, let key, case .listed(let owner) = ring.standing(of: key) else { return nil }
        let worker = capabilities.worker.rawValue
        guard ring.owner(of: worker) == owner, sender.rawValue.hasPrefix("\(worker)-") else {
            return "the key \(owner) speaks for the worker \(owner) or \(owner)-…, not for \(worker)"
        }
        return nil
    }

    /// A peer was welcomed: from now on it has an allowance of its own.
    mutating func welcome(_ sender: Incarnation, key: String?, at now: Instant) {
        if joined[sender] == nil { joined[sender] = Joined(key: key, allowance: Allowance(limits, at: now)) }
    }

    /// Whether a peer was welcomed.
    func knows(_ sender: Incarnation) -> Bool { joined[sender] != nil }

    /// A message brought what was asked for: it does not count.
    mutating func giveBack(_ sender: Incarnation, bytes: Int) { joined[sender]?.allowance.giveBack(bytes: bytes) }

    /// Counts and logs a message that could not be read.
    mutating func note(_ reason: String, _ message: ReceivedMessage, at now: Instant) {
        let name = message.frames.first.map { String(decoding: $0.prefix(200), as: UTF8.self) }
        refusals.note(reason, from: message.address, named: name, at: now, to: logger)
    }

    /// Looks at the list of keys, and tells whose key is not in it any more.
    mutating func newlyRevoked() -> [Incarnation] {
        guard let ring else { return [] }
        ring.refresh()
        let now = ring.now
        guard now.generation != generation else { return [] }
        generation = now.generation
        for defect in now.defects { logger.error("a key cannot be used", metadata: ["why": "\(defect)"]) }
        logger.info("keys let in", metadata: ["names": "\(now.names.joined(separator: " "))"])
        let gone = joined.filter { entry in
            guard let key = entry.value.key else { return false }
            if case .listed = ring.standing(of: key) { return false }
            return true
        }
        for incarnation in gone.keys { joined[incarnation] = nil }
        return gone.keys.sorted()
    }

    /// Forgets peers that are not among these.
    mutating func forget(allBut known: Set<Incarnation>) {
        joined = joined.filter { known.contains($0.key) }
    }

    private mutating func hasAllowance(_ sender: Incarnation, _ bytes: Int, at now: Instant) -> Bool {
        if joined[sender] != nil { return joined[sender]?.allowance.take(bytes: bytes, at: now) ?? false }
        return bytes <= limits.strangerBytes && strangers.take(bytes: bytes, at: now)
    }

    private mutating func drop(
        _ reason: String, _ message: ReceivedMessage, named name: String? = nil, at now: Instant
    ) -> Verdict {
        refusals.note(reason, from: message.address, named: name, at: now, to: logger)
        return .drop
    }
}

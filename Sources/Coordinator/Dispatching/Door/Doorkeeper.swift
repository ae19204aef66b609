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
    /// What those may still say that have not said hello, by their listed key; by none where none is needed.
    private var strangers: [String: Allowance] = [:]
    /// How often those are answered that are turned away.
    private var unwanted: TokenBucket
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
        unwanted = TokenBucket(rate: 10, burst: 100, at: now)
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
        let key = message.user.flatMap { $0.isEmpty ? nil : $0 }
        let isKnown = joined[sender].map { $0.key == key } ?? false
        // Who it is comes before how much it says: what others send in its name takes nothing from it.
        switch standing(of: name, key: key, address: message.address, isKnown: isKnown) {
        case .admitted where mayTalk(sender, key, bytes: frames[1].count, isKnown: isKnown, at: now):
            return .read(sender)
        case .admitted:
            return drop("more messages or bytes than a peer may send", message, named: name, at: now)
        case .turnedAway(let reason, let owner, let words):
            refusals.note(reason, from: message.address, named: owner ?? name, at: now, to: logger)
            guard let words, unwanted.take(1, at: now) else { return .drop }
            return .refuse(sender, words)
        }
    }

    private enum Standing {
        case admitted
        /// Why, for the log; whose key it is; what to tell it, if anything.
        case turnedAway(String, owner: String? = nil, words: String? = nil)
    }

    private func standing(of name: String, key: String?, address: String?, isKnown: Bool) -> Standing {
        guard let ring else { return .admitted }
        guard let key else {
            // Without a key only through the private socket.
            return address?.hasPrefix("localhost:") == true
                ? .admitted : .turnedAway("a remote peer without a key")
        }
        // Nothing has changed since it was welcomed.
        if isKnown, ring.generation == generation { return .admitted }
        switch ring.standing(of: key) {
        case .listed(let owner) where ring.owner(of: name) == owner: return .admitted
        case .listed(let owner):
            return .turnedAway("it speaks as an incarnation that is not its key's", owner: owner)
        case .revoked(let owner):
            return .turnedAway("its key was revoked", owner: owner, words: "the key \(owner) was revoked")
        case .unknown:
            return .turnedAway("its key is not listed any more", words: "the key is not listed any more")
        // What was let in stays while the list cannot be read.
        case .unreadable: return isKnown ? .admitted : .turnedAway("the list of keys cannot be read")
        }
    }

    /// What is wrong with a hello of this sender; `nil` when it is to be welcomed.
    func objection(to capabilities: Capabilities, from sender: Incarnation, key: String?) -> String? {
        guard capabilities.incarnation == sender else {
            return "the hello names another incarnation than the connection"
        }
        guard let ring, let key else { return nil }
        // Race: it may have been revoked since the message was let through.
        guard case .listed(let owner) = ring.standing(of: key) else { return "the key is not listed any more" }
        let worker = capabilities.worker.rawValue
        guard ring.owner(of: worker) == owner, sender.rawValue.hasPrefix("\(worker)-") else {
            return "the key \(owner) speaks for the worker \(owner) or \(owner)-…, not for \(worker)"
        }
        if joined[sender] == nil, joined.values.count(where: { $0.key == key }) >= limits.workersPerKey {
            return "the key \(owner) has \(limits.workersPerKey) workers; make another for more"
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
        strangers = [:]
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

    /// Peers that have not said hello share what their key may say.
    private mutating func mayTalk(
        _ sender: Incarnation, _ key: String?, bytes: Int, isKnown: Bool, at now: Instant
    ) -> Bool {
        if isKnown { return joined[sender]?.allowance.take(bytes: bytes, at: now) ?? false }
        guard bytes <= limits.strangerBytes else { return false }
        return strangers[key ?? "", default: Allowance(limits, at: now)].take(bytes: bytes, at: now)
    }

    private mutating func drop(
        _ reason: String, _ message: ReceivedMessage, named name: String? = nil, at now: Instant
    ) -> Verdict {
        refusals.note(reason, from: message.address, named: name, at: now, to: logger)
        return .drop
    }
}

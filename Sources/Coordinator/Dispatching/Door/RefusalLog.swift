import Logging
import Vocabulary

/// Says that somebody was refused, once per reason and address in a period, with how often it was not said.
struct RefusalLog {
    private struct Subject: Hashable {
        let reason: String
        let address: String
    }

    private struct Entry {
        var saidAt: Instant
        var silent = 0
    }

    /// How long one subject is not spoken of again.
    static let period = Duration.seconds(10)
    /// Subjects kept apart; beyond it, addresses are not.
    static let limit = 200

    private var entries: [Subject: Entry] = [:]
    /// Refusals in all.
    private(set) var count = 0

    /// Counts a refusal.
    ///
    /// - Returns: how many were counted in silence since this was last said; `nil` when it is not to be said now.
    mutating func note(_ reason: String, from address: String, at now: Instant) -> Int? {
        count += 1
        var subject = Subject(reason: reason, address: address)
        if entries[subject] == nil, entries.count >= Self.limit {
            entries = entries.filter { now - $0.value.saidAt < Self.period }
            if entries.count >= Self.limit { subject = Subject(reason: "many peers", address: "") }
        }
        guard var entry = entries[subject] else {
            entries[subject] = Entry(saidAt: now)
            return 0
        }
        defer { entries[subject] = entry }
        guard now - entry.saidAt >= Self.period else {
            entry.silent += 1
            return nil
        }
        let silent = entry.silent
        entry = Entry(saidAt: now)
        return silent
    }

    /// Counts a refusal and logs it when it is to be said.
    mutating func note(
        _ reason: String, from address: String?, named name: String? = nil, at now: Instant, to logger: Logger
    ) {
        guard let silent = note(reason, from: address ?? "?", at: now) else { return }
        var metadata: Logger.Metadata = ["reason": "\(reason.printable())", "address": "\(address ?? "?")"]
        if let name { metadata["name"] = "\(name.printable(200))" }
        if silent > 0 { metadata["more"] = "\(silent)" }
        logger.warning("refused a peer", metadata: metadata)
    }
}

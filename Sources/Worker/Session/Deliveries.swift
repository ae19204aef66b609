import Vocabulary

/// When outcomes that were sent and are not acknowledged are sent again; a large one on a slow line is not put behind itself.
struct Deliveries {
    private var due: [Attempt: Instant] = [:]
    /// Until when what was sent may still be on its way, so that hearing nothing says nothing.
    private var lineBusyUntil = Instant(.zero)

    /// The least time an outcome is given to be acknowledged, and the slowest line that is reckoned with.
    static let interval = Duration.seconds(2)
    static let slowestBytesPerSecond = 1 << 20

    /// An outcome of so many bytes was sent.
    mutating func sent(_ attempt: Attempt, bytes: Int, at now: Instant) {
        let way = Duration.seconds(Double(bytes) / Double(Self.slowestBytesPerSecond))
        lineBusyUntil = max(now, lineBusyUntil) + way
        due[attempt] = lineBusyUntil + Self.interval
    }

    /// An outcome could not be sent now.
    mutating func failed(_ attempt: Attempt, at now: Instant) { due[attempt] = now + Self.interval }

    /// Whether an outcome that is not acknowledged is to be sent now: it was never sent on this connection, or long ago.
    func isDue(_ attempt: Attempt, at now: Instant) -> Bool { due[attempt].map { $0 <= now } ?? true }

    /// Whether nothing that was sent can still be on its way.
    func isLineFree(at now: Instant) -> Bool { lineBusyUntil <= now }

    /// The other side has not got what was sent so far.
    mutating func beginAnew() { due = [:] }

    /// Forgets outcomes that were acknowledged.
    mutating func forget(allBut pending: some Collection<Attempt>) {
        let kept = Set(pending)
        due = due.filter { kept.contains($0.key) }
    }
}

import Vocabulary

/// What an interpreter that is held ready stands for.
struct WarmKind: Hashable, Sendable {
    /// Modules it has imported, in the order of its script.
    let imports: [String]
    /// Variables it was started with.
    let environment: [String: String]

    /// Whether a script of another kind may start from it without seeing a difference: nothing is imported that the script
    /// does not import itself, nor in another order.
    func serves(_ other: WarmKind) -> Bool {
        guard environment == other.environment else { return false }
        var left = imports[...]
        for module in other.imports where module == left.first { left = left.dropFirst() }
        return left.isEmpty
    }
}

/// Decides which interpreters are held ready: those that scripts have asked for, as many as memory allows. A value without
/// clock or processes.
struct WarmPlan {
    enum Command: Equatable {
        case start(WarmKind)
        case end(WarmKind)
    }

    private enum Phase { case starting, ready }

    private struct Parent {
        var phase: Phase
        var lastUsed: Instant
    }

    /// How many are held at most.
    let limit: Int
    /// Memory of the machine that is never used for holding interpreters, in bytes.
    let reserve: Int
    /// What one is taken to need before it is there, in bytes.
    static let expectedBytes = 400 << 20
    /// One that nobody asked for as long as this ends.
    static let idleTime = Duration.seconds(900)
    /// One that could not be used is not tried again before this, but then it is: memory, or a package, may be back.
    static let refusalTime = Duration.seconds(900)

    private var parents: [WarmKind: Parent] = [:]
    /// Those that could not be used, since when.
    private var refused: [WarmKind: Instant] = [:]

    init(limit: Int, reserve: Int) {
        self.limit = limit
        self.reserve = reserve
    }

    /// A script of some kind is about to start.
    ///
    /// - Parameter freeBytes: memory that could be used now.
    /// - Returns: the interpreter to start it from, if one is ready, and what to change.
    mutating func request(_ kind: WarmKind, at now: Instant, freeBytes: Int) -> (from: WarmKind?, commands: [Command]) {
        let ready = parents.filter { $0.value.phase == .ready && $0.key.serves(kind) }.map(\.key)
        // Of two that hold as much, one always: which of them must not depend on a dictionary's order.
        let best = ready.max {
            ($0.imports.count, $0.imports.joined(separator: " ")) < (
                $1.imports.count, $1.imports.joined(separator: " ")
            )
        }
        if let best { parents[best]?.lastUsed = now }
        var commands = endIdle(at: now)
        refused = refused.filter { now - $0.value < Self.refusalTime }
        if freeBytes < reserve {
            commands += endOldest(but: best).map { [$0] } ?? []
        } else if !kind.imports.isEmpty, parents[kind] == nil, refused[kind] == nil {
            commands += makeRoom(for: kind, but: best, freeBytes: freeBytes, at: now)
        }
        return (best, commands)
    }

    /// Some time has passed, whether or not scripts came: those that nobody asked for end, and one when memory is short.
    mutating func timePassed(at now: Instant, freeBytes: Int) -> [Command] {
        let idle = endIdle(at: now)
        guard freeBytes < reserve, let oldest = endOldest(but: nil) else { return idle }
        return idle + [oldest]
    }

    /// An interpreter has done its imports, or cannot be used.
    mutating func started(_ kind: WarmKind, works: Bool, at now: Instant) {
        if works {
            parents[kind]?.phase = .ready
        } else {
            parents[kind] = nil
            refused[kind] = now
        }
    }

    /// An interpreter has ended by itself.
    mutating func ended(_ kind: WarmKind) { parents[kind] = nil }

    private mutating func makeRoom(for kind: WarmKind, but best: WarmKind?, freeBytes: Int, at now: Instant)
        -> [Command]
    {
        var commands: [Command] = []
        if parents.count >= limit || freeBytes < reserve + Self.expectedBytes {
            guard let ended = endOldest(but: best) else { return [] }
            commands.append(ended)
        }
        guard parents.count < limit else { return commands }
        parents[kind] = Parent(phase: .starting, lastUsed: now)
        return commands + [.start(kind)]
    }

    private mutating func endIdle(at now: Instant) -> [Command] {
        let idle = parents.filter { $0.value.phase == .ready && now - $0.value.lastUsed >= Self.idleTime }.map(\.key)
        for kind in idle { parents[kind] = nil }
        return idle.map(Command.end)
    }

    private mutating func endOldest(but kept: WarmKind?) -> Command? {
        let candidates = parents.filter { $0.key != kept && $0.value.phase == .ready }
        guard let oldest = candidates.min(by: { $0.value.lastUsed < $1.value.lastUsed })?.key else { return nil }
        parents[oldest] = nil
        return .end(oldest)
    }
}

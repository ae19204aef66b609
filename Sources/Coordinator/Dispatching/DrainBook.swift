import Vocabulary

/// Which workers are to end, and which of them know.
struct DrainBook {
    private struct Entry {
        var handsBack: Bool
        var isHeard = false
    }

    private var entries: [Incarnation: Entry] = [:]

    /// Enters that a worker is to end.
    ///
    /// - Returns: whether that is news: a worker that ends after its scripts may be asked to stop them.
    mutating func begin(_ incarnation: Incarnation, handsBack: Bool) -> Bool {
        guard entries[incarnation].map({ handsBack && !$0.handsBack }) ?? true else { return false }
        entries[incarnation] = Entry(handsBack: handsBack)
        return true
    }

    /// A worker said that it takes no more jobs.
    mutating func hear(_ incarnation: Incarnation) { entries[incarnation]?.isHeard = true }

    /// Whether a worker has said so since it was asked.
    func isHeard(_ incarnation: Incarnation) -> Bool { entries[incarnation]?.isHeard ?? false }

    /// What a worker must be asked again; `nil` when it need not be.
    func unheard(_ incarnation: Incarnation) -> Bool? {
        entries[incarnation].flatMap { $0.isHeard ? nil : $0.handsBack }
    }

    /// Forgets workers that are not among these.
    mutating func forget(allBut known: Set<Incarnation>) { entries = entries.filter { known.contains($0.key) } }
}

/// What is to happen in a simulated cluster, earliest first; what was entered first comes first within one moment.
struct Agenda {
    private struct Entry {
        /// The moment, and below it the order of entering.
        let key: UInt64
        let occurrence: Cluster.Occurrence
    }

    private var entries: [Entry] = []
    private var nextOrder: UInt64 = 0

    /// Enters something to happen at a moment, in milliseconds.
    mutating func add(_ occurrence: Cluster.Occurrence, at moment: Int) {
        entries.append(Entry(key: UInt64(moment) << 32 | nextOrder, occurrence: occurrence))
        nextOrder += 1
        var child = entries.count - 1
        while child > 0, entries[child].key < entries[(child - 1) / 2].key {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out what happens next.
    mutating func next() -> (moment: Int, occurrence: Cluster.Occurrence)? {
        guard !entries.isEmpty else { return nil }
        entries.swapAt(0, entries.count - 1)
        let first = entries.removeLast()
        var parent = 0
        while 2 * parent + 1 < entries.count {
            var child = 2 * parent + 1
            if child + 1 < entries.count, entries[child + 1].key < entries[child].key { child += 1 }
            guard entries[child].key < entries[parent].key else { break }
            entries.swapAt(parent, child)
            parent = child
        }
        return (Int(first.key >> 32), first.occurrence)
    }
}

/// What is to happen, earliest first; what was entered first comes first within one moment.
struct Agenda<Entry> {
    private var entries: [(moment: Int, order: Int, entry: Entry)] = []
    private var nextOrder = 0

    /// Enters something to happen at a moment, in milliseconds.
    mutating func add(_ entry: Entry, at moment: Int) {
        entries.append((moment, nextOrder, entry))
        nextOrder += 1
        var child = entries.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out what happens next.
    mutating func next() -> (moment: Int, entry: Entry)? {
        guard !entries.isEmpty else { return nil }
        entries.swapAt(0, entries.count - 1)
        let last = entries.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count && precedes(child, least) {
                least = child
            }
            guard least != parent else { return (last.moment, last.entry) }
            entries.swapAt(parent, least)
            parent = least
        }
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (entries[left].moment, entries[left].order) < (entries[right].moment, entries[right].order)
    }
}

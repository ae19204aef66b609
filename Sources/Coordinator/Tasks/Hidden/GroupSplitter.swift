/// Holds out whole groups: no group has rows in both the training and the held-out part, nor in both search and judge
/// part.
struct GroupSplitter {
    let splitter: RowSplitter
    let column: String

    func heldOut() throws(TaskError) -> [RowSplitter.HeldOut] {
        let material = splitter.material
        var members: [String: [Int]] = [:]
        var order: [String] = []
        // A row without a group is a group of its own; no written group begins with NUL.
        let name: (Int) -> String = { material.groups[$0] ?? "\u{0}\($0)" }
        for row in material.labelled {
            if members[name(row)] == nil { order.append(name(row)) }
            members[name(row), default: []].append(row)
        }
        guard order.count >= splitter.settings.folds + 2 else {
            throw TaskError(
                .impossibleSplit,
                "train.csv, column '\(column)': \(order.count) groups with labels are too few to hold some out. Name a "
                    + "column with more values as 'split.column' in task.yaml, or write 'split: {kind: plain}'.")
        }
        var stream = RandomStream(seed: splitter.seed, purpose: "groups")
        var pool = stream.shuffled(order)
        var folds: [RowSplitter.HeldOut] = []
        for _ in 0..<splitter.settings.folds {
            let taken = Self.take(splitter.heldOutCount, from: &pool, sizes: members.mapValues(\.count))
            let groups = taken.compactMap { members[$0] }
            let held = Set(taken)
            // Rows without labels go with their group, or training would show what the real test set hides.
            let training = (0..<material.rowCount).filter { !held.contains(name($0)) }
            folds.append(RowSplitter.HeldOut(rows: groups.flatMap { $0 }.sorted(), training: training, groups: groups))
        }
        return folds
    }

    /// Groups in pool order that fit into `count` rows, at least two where there are enough; they leave the pool.
    private static func take(_ count: Int, from pool: inout [String], sizes: [String: Int]) -> [String] {
        var taken: [String] = []
        var rows = 0
        for group in pool {
            let size = sizes[group] ?? 0
            guard rows + size <= count else { continue }
            taken.append(group)
            rows += size
        }
        if taken.count < 2 {
            // Groups larger than the part wanted: the two smallest are the nearest to it.
            taken = pool.enumerated().sorted {
                (sizes[$0.element] ?? 0, $0.offset) < (sizes[$1.element] ?? 0, $1.offset)
            }.prefix(2).map(\.element)
        }
        let gone = Set(taken)
        pool.removeAll(where: gone.contains)
        return taken
    }
}

/// Holds out the latest rows. Rows of one moment stay on one side; in fold 1 the rows before those of fold 0 are held
/// out, and
/// so on, and each fold trains only on what came before.
///
/// Scripts can tell the held-out rows from the real test rows by their time: the split copies the task's own order of
/// time,
/// which no mixing can hide.
struct TimeSplitter {
    let splitter: RowSplitter
    let column: String

    func heldOut() throws(TaskError) -> [RowSplitter.HeldOut] {
        let material = splitter.material
        let dated = material.labelled.compactMap { row in material.times[row].map { (row: row, time: $0) } }
            .sorted { ($0.time, $0.row) < ($1.time, $1.row) }
        var end = dated.count
        var folds: [RowSplitter.HeldOut] = []
        for fold in 0..<splitter.settings.folds {
            let wanted = min(splitter.heldOutCount, end / 2)
            guard let start = Self.boundary(wanted, before: end, in: dated.map(\.time)) else {
                throw TaskError(
                    .impossibleSplit,
                    "train.csv, column '\(column)': there are too few different times to hold out the latest rows of "
                        + "fold \(fold). Lower the number of folds, or write 'split: {kind: plain}' in task.yaml.")
            }
            let from = dated[start].time
            let block = dated[start..<end].map(\.row)
            var stream = RandomStream(seed: splitter.seed, purpose: "latest rows \(fold)")
            let rows = stream.shuffled(block).prefix(splitter.settings.maximumHoldoutRows).sorted()
            let training = (0..<material.rowCount).filter { material.times[$0].map { $0 < from } ?? true }
            folds.append(RowSplitter.HeldOut(rows: rows, training: training))
            end = start
        }
        return folds
    }

    /// Where the latest `wanted` times before `end` begin, moved to the nearest change of time that leaves earlier
    /// rows.
    private static func boundary(_ wanted: Int, before end: Int, in times: [Double]) -> Int? {
        guard wanted > 0, end <= times.count else { return nil }
        let ideal = end - wanted
        let changes = (1..<max(1, end)).filter { times[$0] != times[$0 - 1] && end - $0 >= 2 }
        return changes.min { (abs($0 - ideal), $0) < (abs($1 - ideal), $1) }
    }
}

/// The tables of a task, read, with what was counted in them.
struct TaskTables {
    let train: CSVFile
    let test: CSVFile?
    let sample: CSVFile?
    let trainCounts: [ColumnProfiler.Count]
    let testCounts: [ColumnProfiler.Count]

    init(_ layout: TaskLayout) throws(TaskError) {
        train = try CSVFile(path: layout.absolute(layout.train))
        if let path = layout.test { test = try CSVFile(path: layout.absolute(path)) } else { test = nil }
        if let path = layout.sample { sample = try CSVFile(path: layout.absolute(path)) } else { sample = nil }
        for file in [train, test, sample].compactMap({ $0 }) where file.rowCount == 0 {
            throw TaskError(.malformedTable, "\(file.name) has a header but no rows. Put its rows below the header.")
        }
        (trainCounts, testCounts) = ColumnProfiler.counts(train: train, test: test)
    }

    /// Columns that only `train.csv` has.
    var trainOnly: [String] { train.names.filter { !(test?.names.contains($0) ?? false) } }

    func trainCount(_ name: String) -> ColumnProfiler.Count? {
        train.names.firstIndex(of: name).map { trainCounts[$0] }
    }

    /// Whether no two rows of the column are equal and none is empty. Compares hashes of 64 bits, so that ten million
    /// ids need
    /// not be held as text.
    static func isUnique(_ column: String, in file: CSVFile) -> Bool {
        guard let place = file.names.firstIndex(of: column) else { return false }
        var seen = Set<UInt64>(minimumCapacity: file.rowCount)
        var isUnique = true
        file.forEachRow { _, fields in
            guard isUnique else { return }
            isUnique = !fields.isEmpty(place) && seen.insert(fields.withValue(place, ColumnProfiler.hash)).inserted
        }
        return isUnique
    }
}

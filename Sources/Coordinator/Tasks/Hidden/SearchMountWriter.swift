import Vocabulary

/// Writes one fold's search mount and says what its ids stand for.
struct SearchMountWriter {
    let task: TaskFolder
    let train: CSVFile
    let test: CSVFile
    let rewritings: [String: FieldRewriting]
    let identifiers: IdentifierFormat
    /// Row of `test.csv` for each real test id, in the order of the sample submission.
    let testOrder: [Int]
    /// Target columns of the training table as text.
    let truth: Table
    let seed: String

    /// A row of the mount's test table.
    private enum Source {
        case heldOut(row: Int)
        case real(row: Int)
    }

    func write(_ rows: FoldRows, fold: Int, with builder: inout MountBuilder) throws(TaskError) -> FoldKey {
        var stream = RandomStream(seed: seed, purpose: "mount \(fold)")
        let training = stream.shuffled(rows.training)
        let sources =
            (rows.search + rows.judge).map { Source.heldOut(row: $0) }
            + (0..<test.rowCount).map { Source.real(row: $0) }
        let ids = identifiers.make(training.count + sources.count, stream: &stream)
        let sourceIDs = Array(ids[training.count...])
        let order = stream.shuffled(sources.indices)
        try writeTraining(training, ids: ids, with: &builder)
        try writeTest(order.map { (sources[$0], sourceIDs[$0]) }, with: &builder)
        let submissionIDs = stream.shuffled(sourceIDs)
        try writeSample(submissionIDs, with: &builder)
        try MountExtras(task: task).place(isSearch: true, with: &builder)
        let realStart = rows.search.count + rows.judge.count
        return FoldKey(
            submissionIDs: submissionIDs,
            search: HeldOutRows(ids: Array(sourceIDs[..<rows.search.count]), truth: truth.selecting(rows: rows.search)),
            judge: HeldOutRows(
                ids: Array(sourceIDs[rows.search.count..<realStart]), truth: truth.selecting(rows: rows.judge)),
            testRows: testOrder.map { sourceIDs[realStart + $0] })
    }

    // MARK: Tables

    private func writeTraining(_ rows: [Int], ids: [String], with builder: inout MountBuilder) throws(TaskError) {
        let names = train.names
        let layout = ColumnLayout(names: names, in: names, task: task, rewritings: rewritings)
        try builder.write(MountFile.train) { record in
            record { $0.record(layout.header) }
            var next = ids.startIndex
            train.forEachRow(of: rows) { _, fields in
                record { layout.write(fields, id: ids[next], to: &$0) }
                next += 1
            }
        }
    }

    private func writeTest(_ rows: [(Source, String)], with builder: inout MountBuilder) throws(TaskError) {
        let fromTest = ColumnLayout(names: test.names, in: test.names, task: task, rewritings: rewritings)
        let fromTrain = ColumnLayout(names: test.names, in: train.names, task: task, rewritings: rewritings)
        try builder.write(MountFile.test) { record in
            record { $0.record(fromTest.header) }
            for (source, id) in rows {
                switch source {
                case .heldOut(let row):
                    train.forEachRow(of: CollectionOfOne(row)) { _, fields in
                        record { fromTrain.write(fields, id: id, to: &$0) }
                    }
                case .real(let row):
                    test.forEachRow(of: CollectionOfOne(row)) { _, fields in
                        record { fromTest.write(fields, id: id, to: &$0) }
                    }
                }
            }
        }
    }

    private func writeSample(_ ids: [String], with builder: inout MountBuilder) throws(TaskError) {
        try SampleWriter(task: task).write(ids, with: &builder)
    }
}

/// Which columns of a file go into a mount's table, in which order and form.
struct ColumnLayout {
    private enum Cell {
        case id
        case field(place: Int, rewriting: FieldRewriting)
    }

    let header: [String]
    private let cells: [Cell]

    /// The columns called `names` of a file whose columns are `fileNames`; the id column is replaced or added in front.
    init(names: [String], in fileNames: [String], task: TaskFolder, rewritings: [String: FieldRewriting]) {
        var header: [String] = []
        var cells: [Cell] = []
        if case .rowOrder(let column, _) = task.identity {
            header.append(column)
            cells.append(.id)
        }
        for name in names where !task.silent.contains(name) {
            if name == task.identity.tableColumn {
                cells.append(.id)
                header.append(task.identity.column)
                continue
            }
            if let place = fileNames.firstIndex(of: name) {
                cells.append(.field(place: place, rewriting: rewritings[name] ?? []))
                header.append(name)
            }
        }
        self.header = header
        self.cells = cells
    }

    func write(_ fields: CSVFields, id: String, to writer: inout CSVWriter) {
        for cell in cells {
            switch cell {
            case .id: writer.field(id)
            case .field(let place, let rewriting):
                fields.withValue(place) { value in
                    if rewriting.isEmpty {
                        writer.field(value)
                    } else {
                        rewriting.rewritten(value).withUnsafeBufferPointer { writer.field($0) }
                    }
                }
            }
        }
        writer.endRecord()
    }
}

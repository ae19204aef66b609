import Vocabulary

/// The tables of a task read for splitting: labels, groups, times and ids as text, all else as bytes.
struct SplitTables {
    let task: TaskFolder
    let train: CSVFile
    let test: CSVFile
    let material: SplitMaterial
    let truth: Table
    /// Ids of the real test rows in the order of the sample submission, and the row of each in the test table.
    let testIDs: [String]
    let testOrder: [Int]
    private let trainCounts: [ColumnProfiler.Count]
    private let testCounts: [ColumnProfiler.Count]

    init(task: TaskFolder) throws(TaskError) {
        let layout = task.layout
        guard let testPath = layout.test else {
            throw TaskError(.impossibleSplit, "\(task.specification.name): there is no table of test rows.")
        }
        self.task = task
        train = try CSVFile(path: layout.absolute(layout.train))
        test = try CSVFile(path: layout.absolute(testPath))
        truth = train.table(of: task.specification.targets)
        (trainCounts, testCounts) = ColumnProfiler.counts(train: train, test: test)
        material = Self.material(task, train, trainCounts, truth)
        (testIDs, testOrder) = try Self.testRows(task, test)
    }

    func writer(seed: String) throws(TaskError) -> SearchMountWriter {
        var rewritings: [String: FieldRewriting] = [:]
        for (place, name) in test.names.enumerated() {
            guard let own = train.names.firstIndex(of: name) else { continue }
            rewritings[name] = FieldRewriting(train: trainCounts[own], test: testCounts[place])
        }
        return SearchMountWriter(
            task: task, train: train, test: test, rewritings: rewritings, identifiers: identifiers(),
            testOrder: testOrder, truth: truth, seed: seed)
    }

    /// Every part of a two-class task needs both classes, or its scores mean nothing.
    func check(_ folds: [FoldRows]) throws(TaskError) {
        guard task.specification.kind == .binaryClassification, let labels = truth.columns.first else { return }
        for (index, fold) in folds.enumerated() {
            for (name, rows) in [("training", fold.training), ("search", fold.search), ("judge", fold.judge)] {
                guard Set(rows.map { labels[$0] }.filter { !$0.isEmpty }).count < 2 else { continue }
                throw TaskError(
                    .impossibleSplit,
                    "\(train.name), column '\(truth.names[0])': the \(name) part of fold \(index) (\(rows.count) rows) "
                        + "would have one class only. Raise the held-out share, use another seed, or write 'hidden: "
                        + "false' in task.yaml."
                )
            }
        }
    }

    private func identifiers() -> IdentifierFormat {
        switch task.identity {
        case .column(let name), .renamedColumn(let name, _):
            IdentifierFormat(learningFrom: testIDs + (train.column(name) ?? []))
        case .rowOrder, .unrelated: IdentifierFormat(learningFrom: testIDs)
        }
    }

    // MARK: Material

    private static func material(
        _ task: TaskFolder, _ train: CSVFile, _ counts: [ColumnProfiler.Count], _ truth: Table
    ) -> SplitMaterial {
        let isText = task.specification.kind == .textGeneration
        let classes = Set(task.specification.classes)
        let labelled = (0..<train.rowCount).filter { row in
            truth.columns.allSatisfy { column in
                isText ? !column[row].isEmpty : TargetLabels.isLabel(column[row], classes: classes)
            }
        }
        var material = SplitMaterial(
            rowCount: train.rowCount, labelled: labelled, strata: strata(task, truth, rowCount: train.rowCount))
        switch task.split.kind {
        case .grouped(let column): material.groups = groups(column, task, train)
        case .forwardInTime(let column):
            if let place = train.names.firstIndex(of: column), let key = TimeKey.demanded(count: counts[place]) {
                train.forEachRow { _, fields in material.times.append(fields.withValue(place, key.time)) }
            }
        case .stratified, .plain: break
        }
        return material
    }

    /// The group of each row; of a column of ids what they begin with.
    private static func groups(_ column: String, _ task: TaskFolder, _ train: CSVFile) -> [String?] {
        guard let place = train.names.firstIndex(of: column) else { return [] }
        let isID = column == task.identity.tableColumn
        var groups: [String?] = []
        groups.reserveCapacity(train.rowCount)
        train.forEachRow { _, fields in
            fields.withValue(place) { value in
                let name = isID ? IdentifierGroup.prefix(value) : value.isEmpty ? nil : value
                groups.append(name.map { String(decoding: $0, as: UTF8.self) })
            }
        }
        return groups
    }

    /// Classes by number; of several targets the combination, and all combinations that are rare together as one class.
    private static func strata(_ task: TaskFolder, _ truth: Table, rowCount: Int) -> [Int] {
        let isClass =
            switch task.specification.kind {
            case .binaryClassification, .multiclassClassification, .multilabelClassification: true
            case .regression, .textGeneration: false
            }
        guard isClass, task.split.kind != .plain else { return [Int](repeating: 0, count: rowCount) }
        let names = (0..<rowCount).map { row in truth.columns.map { $0[row] }.joined(separator: "\u{1F}") }
        var sizes: [String: Int] = [:]
        for name in names { sizes[name, default: 0] += 1 }
        let least = truth.columns.count > 1 ? 10 : 0
        let common = sizes.filter { $0.value >= least }.keys.sorted()
        let numbers = Dictionary(uniqueKeysWithValues: zip(common, common.indices))
        return names.map { numbers[$0] ?? common.count }
    }

    private static func testRows(_ task: TaskFolder, _ test: CSVFile) throws(TaskError) -> ([String], [Int]) {
        guard let column = task.identity.tableColumn, let ids = test.column(column) else {
            return (try RowNames(task: task).test, Array(0..<test.rowCount))
        }
        guard let path = task.layout.sample,
            let wanted = try CSVFile(path: task.layout.absolute(path)).column(task.identity.column)
        else {
            return (ids, Array(ids.indices))
        }
        let places = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
        return (wanted, wanted.compactMap { places[$0] })
    }
}

import Vocabulary

/// The split `task.yaml` demands, or else the one the tables speak for.
struct SplitChoice {
    let settings: TaskSettings
    let tables: TaskTables
    let identity: RowIdentity
    let specification: TaskSpecification
    /// Columns that scripts do without.
    let silent: [String]

    /// The split, and what its owner should know, one sentence each.
    func choose() throws(TaskError) -> (advice: SplitAdvice, notes: [String]) {
        if let demanded = settings.split {
            try check(demanded)
            return (SplitAdvice(kind: demanded, reason: "task.yaml says so"), [])
        }
        guard let test = tables.test else {
            return (
                SplitAdvice(
                    kind: isClassification ? .stratified : .plain, reason: "there is no test table to compare with"), []
            )
        }
        let found = SplitDetector(
            train: tables.train, test: test, counts: tables.trainCounts, testCounts: tables.testCounts,
            excluded: Set(specification.targets + [identity.column, identity.tableColumn ?? identity.column] + silent),
            id: identity.tableColumn, isClassification: isClassification
        ).detect()
        guard let id = identity.tableColumn, found.advice.kind == .grouped(column: id) else { return found }
        let note =
            "Rows whose '\(id)' begins alike stay together; scripts get new ids, by which they cannot see what belongs "
            + "together."
        return (found.advice, found.notes + [note])
    }

    private var isClassification: Bool {
        switch specification.kind {
        case .binaryClassification, .multiclassClassification, .multilabelClassification: true
        case .regression, .textGeneration: false
        }
    }

    private func check(_ kind: SplitAdvice.Kind) throws(TaskError) {
        switch kind {
        case .plain: return
        case .stratified:
            guard isClassification else {
                throw TaskError(
                    .malformedConfiguration,
                    "task.yaml: 'split.kind' is 'stratified', but the target is no class. Allowed here: grouped, "
                        + "forward, plain."
                )
            }
        case .grouped(let column):
            _ = try count(column)
            guard column == identity.tableColumn, !hasGroups(column), TaskTables.isUnique(column, in: tables.train)
            else { return }
            throw TaskError(
                .malformedConfiguration,
                "task.yaml: 'split.column' is '\(column)', but it names single rows. Name a column whose values repeat, "
                    + "or write 'split: {kind: plain}'.")
        case .forwardInTime(let column):
            guard TimeKey.demanded(count: try count(column)) != nil else {
                throw TaskError(
                    .malformedConfiguration,
                    "task.yaml: 'split.column' is '\(column)', but not all its fields in \(tables.train.name) are "
                        + "dates or numbers. Name a column of dates such as 2024-03-01, or of numbers.")
            }
        }
    }

    /// Whether ids begin with the names of groups.
    private func hasGroups(_ id: String) -> Bool {
        guard let place = tables.train.names.firstIndex(of: id) else { return false }
        var hasGroups = false
        tables.train.forEachRow { _, fields in
            if !hasGroups { hasGroups = fields.withValue(place, IdentifierGroup.key) != nil }
        }
        return hasGroups
    }

    private func count(_ column: String) throws(TaskError) -> ColumnProfiler.Count {
        if let count = tables.trainCount(column) { return count }
        throw TaskError(
            .malformedConfiguration,
            "task.yaml: 'split.column' is '\(column)', but \(tables.train.name) has no such column. Allowed: "
                + "\(tables.train.names.joined(separator: ", ")).")
    }
}

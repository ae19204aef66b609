/// Finds the column that names rows.
struct IdentityFinder {
    let tables: TaskTables
    let settings: TaskSettings
    /// The header of the description's example of a submission, where there is no sample submission.
    let exampleHeader: [String]?

    /// The name of the column that mounts get when a task's rows have no names.
    static let addedColumn = "row_id"

    func find() throws(TaskError) -> RowIdentity {
        if let id = settings.id { return try demanded(id) }
        guard let test = tables.test else {
            guard let sample = tables.sample else {
                throw TaskError(
                    .missingFile,
                    "There is neither test.csv nor a sample submission beside \(tables.train.name). Add test.csv with "
                        + "the rows to predict, or write 'files: {test: …}' in task.yaml.")
            }
            return .unrelated(column: sample.names[0])
        }
        if let sample = tables.sample { return fromSample(sample, test) }
        return fromExample(test)
    }

    private func demanded(_ id: String) throws(TaskError) -> RowIdentity {
        if let sample = tables.sample, !sample.names.contains(id) {
            throw TaskError(
                .unclearColumns,
                "task.yaml: 'id' is '\(id)', but \(sample.name) has no such column. Allowed: "
                    + "\(sample.names.joined(separator: ", "))."
            )
        }
        guard let test = tables.test, !test.names.contains(id) else {
            return tables.test == nil ? .unrelated(column: id) : .column(id)
        }
        guard let sample = tables.sample else {
            throw TaskError(
                .unclearColumns,
                "task.yaml: 'id' is '\(id)', but \(test.name) has no such column. Allowed: "
                    + "\(test.names.joined(separator: ", "))."
            )
        }
        return sample.rowCount == test.rowCount
            ? .rowOrder(column: id, isInSubmission: true) : .unrelated(column: id)
    }

    private func fromSample(_ sample: CSVFile, _ test: CSVFile) -> RowIdentity {
        if let shared = sample.names.first(where: { test.names.contains($0) }) { return .column(shared) }
        let first = sample.names[0]
        guard sample.rowCount == test.rowCount else { return .unrelated(column: first) }
        let isNamed = sample.names.count > 1 && !tables.train.names.contains(first)
        if isNamed, TaskTables.isUnique(first, in: sample) { return .rowOrder(column: first, isInSubmission: true) }
        return .rowOrder(column: freeName(test), isInSubmission: false)
    }

    private func fromExample(_ test: CSVFile) -> RowIdentity {
        if let exampleHeader {
            if let shared = exampleHeader.first(where: { test.names.contains($0) }) { return .column(shared) }
            return .rowOrder(column: freeName(test), isInSubmission: false)
        }
        let named = test.names.first { name in
            let lowered = name.lowercased()
            return (lowered == "id" || lowered == "key" || lowered.hasSuffix("_id") || name.hasSuffix("Id"))
                && TaskTables.isUnique(name, in: test)
        }
        return named.map { .column($0) } ?? .rowOrder(column: freeName(test), isInSubmission: false)
    }

    private func freeName(_ test: CSVFile) -> String {
        var name = Self.addedColumn
        while test.names.contains(name) || tables.train.names.contains(name) { name += "_" }
        return name
    }
}

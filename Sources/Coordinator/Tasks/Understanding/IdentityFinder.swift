/// Finds the column that names rows.
struct IdentityFinder {
    let tables: TaskTables
    let settings: TaskSettings
    /// The header of the description's example of a submission, where there is no sample submission.
    let exampleHeader: [String]?

    /// The name of the column that mounts get when a task's rows have no names.
    static let addedColumn = "row_id"

    func find() throws(TaskError) -> RowIdentity {
        try checkSampleNames()
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
        if let sample = tables.sample { return try fromSample(sample, test) }
        return fromExample(test)
    }

    /// Whether a column's name says that it names rows.
    static func namesRows(_ name: String) -> Bool {
        let plain = plain(name)
        return ["id", "key", "uuid", "guid", "rowid"].contains(plain)
            || ["_id", "_no", "_nr"].contains(where: name.lowercased().hasSuffix)
            || ["Id", "ID", "No", "Nr"].contains(where: name.hasSuffix)
    }

    private func checkSampleNames() throws(TaskError) {
        guard let sample = tables.sample, let place = sample.names.firstIndex(of: "") else { return }
        throw TaskError(
            .unclearColumns,
            "\(sample.name), line 1: column \(place + 1) has no name. Give it the name of the column of test.csv that "
                + "names the rows, or delete it.")
    }

    private func demanded(_ id: String) throws(TaskError) -> RowIdentity {
        guard let test = tables.test else {
            if let sample = tables.sample { try check(id, isIn: sample) }
            return .unrelated(column: id)
        }
        guard let sample = tables.sample else {
            try check(id, isIn: test)
            return .column(id)
        }
        if test.names.contains(id) {
            if !sample.names.contains(id), let first = submissionName(sample),
                Self.plain(first) == Self.plain(id) || columns(of: test, withIDsOf: sample).contains(id)
            {
                return .renamedColumn(table: id, submission: first)
            }
            try check(id, isIn: sample)
            return .column(id)
        }
        try check(id, isIn: sample)
        if id == submissionName(sample), let column = partner(of: id, sample, test) {
            return .renamedColumn(table: column, submission: id)
        }
        return sample.rowCount == test.rowCount
            ? .rowOrder(column: id, isInSubmission: true) : .unrelated(column: id)
    }

    private func check(_ id: String, isIn file: CSVFile) throws(TaskError) {
        guard !file.names.contains(id) else { return }
        throw TaskError(
            .unclearColumns,
            "task.yaml: 'id' is '\(id)', but \(file.name) has no such column. Allowed: "
                + "\(file.names.joined(separator: ", ")).")
    }

    private func fromSample(_ sample: CSVFile, _ test: CSVFile) throws(TaskError) -> RowIdentity {
        if let shared = sample.names.first(where: { test.names.contains($0) }) { return .column(shared) }
        let first = sample.names[0]
        if let named = submissionName(sample), let column = partner(of: named, sample, test) {
            return .renamedColumn(table: column, submission: named)
        }
        guard sample.rowCount == test.rowCount else {
            try checkHasNames(sample, test)
            return .unrelated(column: first)
        }
        guard submissionName(sample) != nil, TaskTables.isUnique(first, in: sample) else {
            return .rowOrder(column: freeName(test), isInSubmission: false)
        }
        if let other = test.names.first(where: { Self.namesRows($0) && TaskTables.isUnique($0, in: test) }) {
            throw TaskError(
                .unclearColumns,
                "\(sample.name) names rows by '\(first)', \(test.name) by '\(other)', and their values differ. If the "
                    + "rows of both files are in the same order, write 'id: \(first)' in task.yaml; else give "
                    + "\(sample.name) the column '\(other)'.")
        }
        return .rowOrder(column: first, isInSubmission: true)
    }

    /// A sample submission without names must at least have a row for each row of test.
    private func checkHasNames(_ sample: CSVFile, _ test: CSVFile) throws(TaskError) {
        guard submissionName(sample) == nil else { return }
        throw TaskError(
            .contradiction,
            "\(sample.name) has no column that names the rows, and \(sample.rowCount) rows where \(test.name) has "
                + "\(test.rowCount). Give it a row for each row of \(test.name), or the column that names the rows.")
    }

    // MARK: One column under two names

    /// The sample submission's first column where that names rows and is no prediction.
    private func submissionName(_ sample: CSVFile) -> String? {
        sample.names.count > 1 && !tables.train.names.contains(sample.names[0]) ? sample.names[0] : nil
    }

    /// The column of test that is the sample submission's `name` written differently, or else the one with its values.
    private func partner(of name: String, _ sample: CSVFile, _ test: CSVFile) -> String? {
        let alike = test.names.filter { Self.plain($0) == Self.plain(name) }
        if alike.count == 1 { return alike[0] }
        let equal = columns(of: test, withIDsOf: sample)
        return equal.first(where: Self.namesRows) ?? equal.first
    }

    /// The columns of test that hold the values of the sample submission's first column, each once.
    private func columns(of test: CSVFile, withIDsOf sample: CSVFile) -> [String] {
        guard sample.rowCount == test.rowCount else { return [] }
        var ids = Set<UInt64>(minimumCapacity: sample.rowCount)
        sample.forEachRow { _, fields in ids.insert(fields.withValue(0, ColumnProfiler.hash)) }
        guard ids.count == sample.rowCount else { return [] }
        // One pass for all columns; those that are left after it are few.
        var open = Set(test.names.indices)
        test.forEachRow { _, fields in
            for place in open where !ids.contains(fields.withValue(place, ColumnProfiler.hash)) { open.remove(place) }
        }
        return open.sorted().map { test.names[$0] }.filter { TaskTables.isUnique($0, in: test) }
    }

    /// The name without case, blanks, underscores and hyphens.
    static func plain(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" }
    }

    // MARK: Without a sample submission

    private func fromExample(_ test: CSVFile) -> RowIdentity {
        if let exampleHeader {
            if let shared = exampleHeader.first(where: { test.names.contains($0) }) { return .column(shared) }
            for name in exampleHeader where !tables.train.names.contains(name) {
                let alike = test.names.filter { Self.plain($0) == Self.plain(name) }
                if alike.count == 1 { return .renamedColumn(table: alike[0], submission: name) }
            }
            return .rowOrder(column: freeName(test), isInSubmission: false)
        }
        let named = test.names.first { Self.namesRows($0) && TaskTables.isUnique($0, in: test) }
        return named.map { .column($0) } ?? .rowOrder(column: freeName(test), isInSubmission: false)
    }

    private func freeName(_ test: CSVFile) -> String {
        var name = Self.addedColumn
        while test.names.contains(name) || tables.train.names.contains(name) { name += "_" }
        return name
    }
}

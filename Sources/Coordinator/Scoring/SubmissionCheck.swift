public import Vocabulary

/// Checks a submission against what the task asks, before anything is scored.
public enum SubmissionCheck {
    /// The predictions in the order of `ids`: the id column first, then the schema's columns in its order.
    ///
    /// Columns and rows may come in any order. All schema columns must be there and no others; every id exactly once,
    /// compared as text; every field as its column's content says. Labels come back as `classes` spells them ("1.0"
    /// as "1", see `Labels`); a probability outside 0 to 1 by at most 0.000001, as sums of floats give, comes back as
    /// 0 or 1; other fields come back as written. With empty `classes` any text but the empty one is a label.
    public static func align(
        _ submission: Table, to ids: [String], schema: SubmissionSchema, classes: [String]
    ) throws(SubmissionDefect) -> Table {
        try checkHeader(submission.names, schema: schema)
        let rows = try SubmittedRows(submission[schema.idColumn] ?? [], column: schema.idColumn, ids: ids)
        let labels = Labels(classes: classes)
        var columns = [ids]
        for column in schema.columns {
            let check = FieldCheck(column: column, classes: classes, labels: labels)
            let fields = try check.checked(submission[column.name] ?? [], ids: rows.submitted)
            columns.append(rows.order.map { fields[$0] })
        }
        return Table(names: schema.header, columns: columns)
    }

    private static func checkHeader(_ names: [String], schema: SubmissionSchema) throws(SubmissionDefect) {
        let expected = "The header must be \(schema.header.listed(limit: 20))."
        let missing = schema.header.filter { !names.contains($0) }
        if let first = missing.first {
            throw SubmissionDefect(message: "Columns are missing: \(missing.listed()). \(expected)", column: first)
        }
        let extra = names.filter { !schema.header.contains($0) }
        if let first = extra.first {
            // `to_csv` without `index=False` is the usual cause, and its column has no name or this one.
            let hint = first.isEmpty || first.hasPrefix("Unnamed") ? " Write the file without its index." : ""
            throw SubmissionDefect(
                message: "Columns are not allowed: \(extra.listed()). \(expected)\(hint)", column: first)
        }
    }
}

extension SubmissionCheck {
    /// Classes and the labels beyond them: those that are not another spelling of one before ("1.0" of "1", see
    /// `Labels`).
    public static func widened(_ classes: [String], by labels: [String]) -> [String] {
        let comparison = Labels(classes: classes)
        var keys = Set(classes.map(comparison.key))
        return classes + labels.filter { keys.insert(comparison.key($0)).inserted }
    }
}

/// Where each wanted id stands in a submission, once every id is there exactly once.
struct SubmittedRows {
    /// The ids as submitted.
    let submitted: [String]
    /// For each wanted id the index of its row in the submission.
    let order: [Int]

    /// Matches ids as text; throws the first duplicate, unknown or missing id.
    init(_ submitted: [String], column: String, ids: [String]) throws(SubmissionDefect) {
        self.submitted = submitted
        let counts =
            submitted.count == ids.count ? "" : " The file has \(submitted.count) rows, \(ids.count) are expected."
        let wanted = Set(ids)
        var rowOf: [String: Int] = [:]
        rowOf.reserveCapacity(submitted.count)
        for (row, id) in submitted.enumerated() {
            if let earlier = rowOf.updateValue(row, forKey: id) {
                throw SubmissionDefect(
                    message: "The id \(id.quoted) stands in row \(earlier + 1) and again in row \(row + 1). "
                        + "Each id must occur once.\(counts)", column: column, row: row + 1)
            }
            guard wanted.contains(id) else {
                throw SubmissionDefect(
                    message: "Row \(row + 1) has the id \(id.quoted), which test.csv has not.\(counts)"
                        + SubmittedRows.hint(id: id, ids: ids), column: column, row: row + 1)
            }
        }
        let missing = ids.filter { rowOf[$0] == nil }
        guard missing.isEmpty else {
            throw SubmissionDefect(
                message: "Ids of test.csv have no row: \(missing.listed(limit: 3)).\(counts)", column: column)
        }
        order = ids.compactMap { rowOf[$0] }
    }

    /// Ids such as `00017` lose their zeros when a reader takes them for numbers.
    private static func hint(id: String, ids: [String]) -> String {
        guard let alike = ids.first(where: { Labels.canonical($0) == Labels.canonical(id) }) else { return "" }
        return " Ids are compared as text, and test.csv writes \(alike.quoted): read the id column as text."
    }
}

import Vocabulary

/// Checks the fields of one column of a submission.
struct FieldCheck {
    /// How far a probability may lie outside 0 to 1.
    static let probabilityTolerance = 1e-6

    private let column: SubmissionSchema.Column
    private let classes: [String]
    private let labels: Labels

    /// A check of `column`; `labels` are made of `classes`.
    init(column: SubmissionSchema.Column, classes: [String], labels: Labels) {
        self.column = column
        self.classes = classes
        self.labels = labels
    }

    /// The fields as they are to be scored, in the order given; throws the first that is not allowed.
    func checked(_ fields: [String], ids: [String]) throws(SubmissionDefect) -> [String] {
        let results = fields.map(allowed)
        guard let row = results.firstIndex(where: { $0 == nil }) else { return results.compactMap { $0 } }
        let others = results.count { $0 == nil } - 1
        let further = others == 0 ? "" : " \(others) more rows are wrong in this column."
        throw SubmissionDefect(
            message: "Column \(column.name.quoted), row \(row + 1) (id \(ids[row].quoted)): \(fields[row].quoted) is "
                + "not allowed; the field must be \(requirement).\(further)",
            column: column.name, row: row + 1)
    }

    private func allowed(_ field: String) -> String? {
        switch column.content {
        case .probability: DecimalNumber.finite(field).flatMap { probability($0, field: field) }
        case .number: DecimalNumber.finite(field) == nil ? nil : field
        case .nonNegativeNumber: DecimalNumber.finite(field).flatMap { $0 >= 0 ? field : nil }
        case .label: labels.spelling(of: field)
        case .text: field
        }
    }

    private func probability(_ value: Double, field: String) -> String? {
        if (0...1).contains(value) { return field }
        let limit = value < 0 ? 0.0 : 1.0
        return abs(value - limit) <= FieldCheck.probabilityTolerance ? "\(limit)" : nil
    }

    private var requirement: String {
        switch column.content {
        case .probability: "a number from 0 to 1"
        case .number: "a finite number"
        case .nonNegativeNumber: "a finite number, zero or more"
        case .label: classes.isEmpty ? "a label" : "one of \(classes.listed(limit: 20))"
        case .text: "text"
        }
    }
}

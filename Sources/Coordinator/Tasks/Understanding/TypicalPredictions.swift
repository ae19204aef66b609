import Vocabulary

/// One row of predictions that says nothing of any row: what the sample submissions of mounts are filled with.
struct TypicalPredictions {
    let tables: TaskTables
    let specification: TaskSpecification

    /// For each predicted column the sample submission's most frequent value (of several the earliest), or a
    /// neutral one where there is no sample.
    func values() -> [String] {
        specification.submission.columns.map { column in
            tables.sample?.column(column.name).flatMap(Self.mostFrequent) ?? neutral(column)
        }
    }

    static func mostFrequent(_ values: [String]) -> String? {
        var counts: [String: Int] = [:]
        for value in values { counts[value, default: 0] += 1 }
        guard let top = counts.values.max() else { return nil }
        return values.first { counts[$0] == top }
    }

    private func neutral(_ column: SubmissionSchema.Column) -> String {
        switch column.content {
        case .probability:
            let isOneOfMany = specification.kind == .multiclassClassification
            return isOneOfMany ? String(1 / Double(max(2, specification.submission.columns.count))) : "0.5"
        case .number, .nonNegativeNumber: return "0"
        case .label: return specification.classes.first ?? "0"
        case .text: return "?"
        }
    }
}

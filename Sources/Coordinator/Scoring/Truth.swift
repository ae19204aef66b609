import Vocabulary

/// The true fields of the target columns, read as the metric needs them; `[column][row]` throughout, columns as in the
/// schema. What the metric does not need is empty.
struct Truth: Sendable {
    /// Number of rows.
    let count: Int
    /// FNV-1a over all fields; the same in every process.
    let fingerprint: UInt64
    /// The fields as written.
    let texts: [[String]]
    /// The fields as numbers.
    private(set) var numbers: [[Double]] = []
    /// Whether a field is the column's positive class.
    private(set) var flags: [[Bool]] = []

    /// Reads the target columns of `table`; throws when a column is missing or a field cannot be true.
    init(_ table: Table, scorer: Scorer) throws(ScoringError) {
        var texts: [[String]] = []
        for column in scorer.schema.columns {
            guard let fields = table[column.target] else {
                throw ScoringError(message: "The true labels have no column \(column.target.quoted).")
            }
            texts.append(fields)
        }
        guard table.rowCount > 0, !texts.isEmpty else {
            throw ScoringError(message: "There is nothing to score: no row or no predicted column.")
        }
        self.texts = texts
        count = table.rowCount
        fingerprint = Truth.fingerprint(texts)
        switch scorer.truthForm {
        case .numbers: numbers = try read(scorer) { field in DecimalNumber.finite(field) }
        case .wholeNumbers: numbers = try read(scorer) { field in Truth.grade(field) }
        case .flags: try readFlags(scorer)
        case .labels: _ = try read(scorer) { field in field.isEmpty ? nil : field }
        case .texts: break
        }
    }

    private func read<Value>(
        _ scorer: Scorer, _ parse: (String) -> Value?
    ) throws(ScoringError) -> [[Value]] {
        var columns: [[Value]] = []
        for (column, fields) in zip(scorer.schema.columns, texts) {
            let values = fields.compactMap(parse)
            if values.count < fields.count, let row = fields.firstIndex(where: { parse($0) == nil }) {
                throw ScoringError(
                    message: "\(scorer.metric) cannot use the true field \(fields[row].quoted) of column "
                        + "\(column.target.quoted), row \(row + 1).")
            }
            columns.append(values)
        }
        return columns
    }

    private mutating func readFlags(_ scorer: Scorer) throws(ScoringError) {
        let labels = try read(scorer) { field in field.isEmpty ? nil : scorer.labels.key(field) }
        flags = zip(scorer.schema.columns, labels).map { column, labels in
            let positive = scorer.labels.key(scorer.positiveClass(of: column))
            return labels.map { $0 == positive }
        }
    }

    private static func grade(_ field: String) -> Double? {
        DecimalNumber.finite(field).flatMap { $0 == $0.rounded() ? $0 : nil }
    }

    private static func fingerprint(_ columns: [[String]]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for column in columns {
            for field in column {
                for byte in field.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
                // A byte that UTF-8 never holds ends each field.
                hash = (hash ^ 0xFF) &* 0x100_0000_01B3
            }
        }
        return hash
    }
}

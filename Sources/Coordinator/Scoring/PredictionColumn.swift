/// One column of predictions, read as the metric or a blend needs it.
enum PredictionColumn: Sendable {
    case numbers([Double])
    case texts([String])

    /// Number of rows.
    var count: Int {
        switch self {
        case .numbers(let numbers): numbers.count
        case .texts(let texts): texts.count
        }
    }

    /// The fields as text; numbers in their shortest form that reads back the same.
    var texts: [String] {
        switch self {
        case .numbers(let numbers): numbers.map { "\($0)" }
        case .texts(let texts): texts
        }
    }

    /// The fields as finite numbers; throws the first that is none.
    func numbers(name: String) throws(ScoringError) -> [Double] {
        guard case .texts(let texts) = self else {
            guard case .numbers(let numbers) = self else { return [] }
            return numbers
        }
        let numbers = texts.compactMap(DecimalNumber.finite)
        if numbers.count < texts.count, let row = texts.firstIndex(where: { DecimalNumber.finite($0) == nil }) {
            throw ScoringError(
                message: "Column \(name.quoted), row \(row + 1): \(texts[row].quoted) is not a finite number.")
        }
        return numbers
    }
}

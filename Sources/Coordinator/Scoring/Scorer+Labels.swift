import Vocabulary

// The metrics that ask whether labels or texts are the same.
extension Scorer {
    /// Accuracy; with several columns all labels of a row must be right.
    func accuracy(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> RowSums {
        try checkLabels()
        return hits(truth, predictions) { labels.areEqual($0, $1) }
    }

    /// Exact match: every byte; labels (by the schema's content) as labels.
    func exactMatch(_ truth: Truth, _ predictions: [PredictionColumn]) -> RowSums {
        let areLabels = schema.columns.allSatisfy { $0.content == .label }
        return hits(truth, predictions) {
            areLabels ? labels.areEqual($0, $1) : ExactText(text: $0) == ExactText(text: $1)
        }
    }

    /// F1. One column: macro over the classes in truth or predictions, micro is the accuracy (scikit-learn pools all
    /// classes). Several columns: F1 of each column's positive class, averaged (macro) or from pooled counts (micro).
    func f1(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> Statistic {
        try checkLabels()
        if schema.columns.count == 1 {
            return metric == .microF1
                ? .sums(try accuracy(truth, predictions)) : .confusion(try confusions(truth, predictions), .macroF1)
        }
        var columns: [[Double]] = []
        for (place, column) in schema.columns.enumerated() {
            let positive = labels.key(positiveClass(of: column))
            let isPredicted = predictions[place].texts.map { labels.key($0) == positive }
            let isTrue = truth.flags[place]
            columns.append(zip(isTrue, isPredicted).map { $0 && $1 ? 1 : 0 })
            columns.append(zip(isTrue, isPredicted).map { $0 != $1 ? 1 : 0 })
        }
        return .sums(RowSums(metric == .microF1 ? .pooledF1 : .meanF1, columns))
    }

    /// A table of counts for each column.
    func confusions(_ truth: Truth, _ predictions: [PredictionColumn]) throws(ScoringError) -> [ConfusionTable] {
        try checkLabels()
        let order = classes.map(labels.key)
        return zip(truth.texts, predictions).map { truth, predictions in
            ConfusionTable(
                truth: truth.map(labels.key), predictions: predictions.texts.map(labels.key), classes: order)
        }
    }

    /// Error rate: edit distances over the true texts' lengths, both summed over rows and columns.
    func errorRate<Symbol: Equatable>(
        _ truth: Truth, _ predictions: [PredictionColumn], symbols: (String) -> [Symbol]
    ) -> RowSums {
        var errors = [Double](repeating: 0, count: truth.count)
        var lengths = errors
        for (texts, predicted) in zip(truth.texts, predictions) {
            for (row, pair) in zip(texts, predicted.texts).enumerated() {
                let reference = symbols(pair.0)
                errors[row] += Double(EditDistance.between(reference, symbols(pair.1)))
                lengths[row] += Double(reference.count)
            }
        }
        return RowSums(.ratio, [errors, lengths])
    }

    /// Mean average precision of the first `limit` guesses: of each row the sum of the precisions at its hits over the
    /// number of relevant labels (`limit` at most); a repeated guess hits once; 0 where nothing is relevant. Several
    /// columns: the mean over them.
    ///
    /// Relevant "a b", guesses "b x a" → (1/1 + 2/3) / 2 = 0.8333.
    func averagePrecision(_ truth: Truth, _ predictions: [PredictionColumn], limit: Int) -> RowSums {
        var means = [Double](repeating: 0, count: truth.count)
        for (texts, predicted) in zip(truth.texts, predictions) {
            for (row, pair) in zip(texts, predicted.texts).enumerated() {
                let relevant = Set(Scorer.symbols(pair.0).map(labels.key))
                let guesses = Scorer.symbols(pair.1).prefix(limit).map(labels.key)
                let precision = Scorer.averagePrecision(of: guesses, relevant: relevant, limit: limit)
                means[row] += precision / Double(predictions.count)
            }
        }
        return RowSums(.mean, [means])
    }

    /// The parts of a text between white space of any kind, as Python's `split` gives them.
    static func symbols(_ text: String) -> [String] {
        text.unicodeScalars.split { $0.isASCII ? isBlank($0.value) : $0.properties.isWhitespace }.map(String.init)
    }

    /// Space, tab to carriage return, and the four separators below the space that Python counts.
    private static func isBlank(_ ascii: UInt32) -> Bool {
        ascii == 0x20 || (0x09...0x0D).contains(ascii) || (0x1C...0x1F).contains(ascii)
    }

    private static func averagePrecision(of guesses: [String], relevant: Set<String>, limit: Int) -> Double {
        var left = relevant
        var sum = 0.0
        for (place, guess) in guesses.enumerated() where left.remove(guess) != nil {
            sum += Double(relevant.count - left.count) / Double(place + 1)
        }
        return relevant.isEmpty ? 0 : sum / Double(min(relevant.count, limit))
    }

    private func hits(
        _ truth: Truth, _ predictions: [PredictionColumn], areEqual: (String, String) -> Bool
    ) -> RowSums {
        var hits = [Double](repeating: 1, count: truth.count)
        for (texts, predicted) in zip(truth.texts, predictions) {
            for (row, pair) in zip(texts, predicted.texts).enumerated() where !areEqual(pair.0, pair.1) {
                hits[row] = 0
            }
        }
        return RowSums(.mean, [hits])
    }

    /// A probability is no label: comparing the two would silently score 0.
    private func checkLabels() throws(ScoringError) {
        guard let column = schema.columns.first(where: { $0.content == .probability }) else { return }
        throw ScoringError(
            message: "\(metric) compares labels, but column \(column.name.quoted) holds probabilities.")
    }
}

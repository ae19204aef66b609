import Vocabulary

/// Finds the metric a description names.
struct MetricFinder {
    /// What was found.
    struct Finding {
        let metric: Metric
        /// What its owner should know about how the description was read.
        let note: String?
    }

    let description: DescriptionText
    /// The description's file name, for errors.
    let fileName: String

    /// The metric, from the evaluation section if that names one, else from the whole text.
    func find() throws(TaskError) -> Finding {
        let section = description.evaluation
        let fromSection = mentions(in: section)
        let isSection = !fromSection.isEmpty
        let text = isSection ? section : description.prose
        let found = Self.withoutSubsumed(isSection ? fromSection : mentions(in: text))
        let place = isSection ? "the evaluation section of \(fileName)" : fileName
        guard let first = found.first else {
            throw TaskError(
                .unclearMetric,
                "\(fileName) names no known metric. Write 'metric:' with one of these in task.yaml: "
                    + "\(MetricNames.allowed)."
            )
        }
        guard found.count == 1 else {
            let names = found.map { "'\($0.meaning.shown)'" }.joined(separator: " and ")
            let choices = found.flatMap { Self.choices(for: $0.meaning) }
            throw TaskError(
                .unclearMetric,
                "\(place) names more than one metric: \(names). Write the one that counts in task.yaml, "
                    + (choices.first.map { "such as 'metric: \($0)'." } ?? "one of: \(MetricNames.allowed)."))
        }
        let metric = try metric(of: first.meaning, place: place)
        try checkDirection(of: metric, in: text, place: place)
        return Finding(metric: metric, note: first.note)
    }

    /// Refuses a description that says the opposite of the metric's direction.
    func checkDirection(of metric: Metric) throws(TaskError) {
        let section = description.evaluation
        let text = section.isEmpty ? description.prose : section
        try checkDirection(
            of: metric, in: text, place: section.isEmpty ? fileName : "the evaluation section of \(fileName)")
    }

    private func metric(of meaning: MetricNames.Meaning, place: String) throws(TaskError) -> Metric {
        switch meaning {
        case .metric(let metric): return metric
        case .family(let name, let choices):
            throw TaskError(
                .unclearMetric,
                "\(place) says '\(name)', which is not exact enough. Write 'metric: "
                    + "\(choices.joined(separator: "' or 'metric: "))' in task.yaml.")
        case .unsupported(let name):
            throw TaskError(
                .unclearMetric,
                "\(place) asks for \(name), which cannot be computed. Write the nearest of these as 'metric:' in "
                    + "task.yaml: \(MetricNames.allowed).")
        }
    }

    private static func choices(for meaning: MetricNames.Meaning) -> [String] {
        switch meaning {
        case .metric(let metric): [metric.name]
        case .family(_, let names): names
        case .unsupported: []
        }
    }

    private func checkDirection(of metric: Metric, in text: String, place: String) throws(TaskError) {
        let words = MetricText(text).words.map(\.lowered)
        let stated = Self.directions.filter { phrase, _ in MetricText.contains(phrase, in: words) }.map(\.1)
        guard let wrong = stated.first(where: { $0 != metric.direction }), !stated.contains(metric.direction) else {
            return
        }
        throw TaskError(
            .contradiction,
            "\(place) says that \(wrong.rawValue) is better, but for the metric '\(metric.name)' "
                + "\(metric.direction.rawValue) is better. Correct the description, or write the right 'metric:' in "
                + "task.yaml.")
    }

    private static let directions: [([String], Direction)] =
        ["lower", "smaller"].flatMap { word in
            [([word, "is", "better"], Direction.lowerIsBetter), ([word, "the", "better"], .lowerIsBetter)]
        }
        + ["higher", "larger", "greater", "bigger"].flatMap { word in
            [([word, "is", "better"], Direction.higherIsBetter), ([word, "the", "better"], .higherIsBetter)]
        }

    // MARK: Mentions

    struct Mention {
        let meaning: MetricNames.Meaning
        var note: String?
    }

    /// The different metrics a text names, in order; at each place the phrase with the most words counts.
    private func mentions(in text: String) -> [Mention] {
        let words = MetricText(text).words
        var found: [Mention] = []
        var at = 0
        while at < words.count {
            guard let (meaning, length) = Self.match(at, in: words) else {
                at += 1
                continue
            }
            at += length
            let mention = Self.consideringLogarithms(meaning, after: words[at...])
            if !found.contains(where: { $0.meaning == mention.meaning }) { found.append(mention) }
        }
        return found
    }

    private static func match(_ start: Int, in words: [MetricText.Word]) -> (MetricNames.Meaning, Int)? {
        if let count = MetricText.precisionCount(words[start...]) {
            return (.metric(.meanAveragePrecision(at: count.at)), count.length)
        }
        for phrase in MetricNames.phrases where start + phrase.words.count <= words.count {
            let slice = words[start..<(start + phrase.words.count)]
            if let exact = phrase.exact, slice.first?.written != exact { continue }
            if zip(slice, phrase.words).allSatisfy({ $0.lowered == $1 }) { return (phrase.meaning, phrase.words.count) }
        }
        return nil
    }

    /// "RMSE between the logarithms of …" is RMSLE.
    private static func consideringLogarithms(
        _ meaning: MetricNames.Meaning, after words: ArraySlice<MetricText.Word>
    ) -> Mention {
        guard meaning == .metric(.rootMeanSquaredError) else { return Mention(meaning: meaning) }
        let sentence = words.prefix(16).prefix { !$0.endsSentence }
        let logarithms: Set = ["log", "logs", "logarithm", "logarithms", "logarithmic", "log1p", "ln"]
        guard sentence.contains(where: { logarithms.contains($0.lowered) }) else { return Mention(meaning: meaning) }
        return Mention(
            meaning: .metric(.rootMeanSquaredLogarithmicError),
            note: "RMSE between logarithms is scored as rmsle, which takes log(1 + x).")
    }

    /// Drops what only explains another: "RMSLE: the RMSE between logarithms" names one metric.
    private static func withoutSubsumed(_ found: [Mention]) -> [Mention] {
        let metrics = found.map(\.meaning)
        return found.filter { mention in
            switch mention.meaning {
            case .metric(.rootMeanSquaredError): !metrics.contains(.metric(.rootMeanSquaredLogarithmicError))
            case .metric(.auc): !metrics.contains(.metric(.meanColumnAUC))
            case .family("F1", _): !metrics.contains(.metric(.macroF1)) && !metrics.contains(.metric(.microF1))
            case .family("mean average precision", _):
                !metrics.contains { if case .metric(.meanAveragePrecision) = $0 { true } else { false } }
            default: true
            }
        }
    }
}

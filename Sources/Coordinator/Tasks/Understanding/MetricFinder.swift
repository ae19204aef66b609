import Vocabulary

/// Finds the metric a description names.
struct MetricFinder {
    /// What was found.
    struct Finding {
        let metric: Metric
        /// What its owner should know about how the description was read.
        var note: String?
    }

    let description: DescriptionText
    /// The description's file name, for errors.
    let fileName: String

    /// The metric, from the evaluation section if that names one, else from sentences of the whole text that speak of
    /// evaluation or of nothing but the metric.
    func find() throws(TaskError) -> Finding {
        let section = description.evaluation
        if !MetricMentions(in: section).all.isEmpty {
            return try finding(in: section, around: section, place: "the evaluation section of \(fileName)")
        }
        let sentences = MetricSentences(of: description.prose)
        guard let first = sentences.telling.first else { throw nothingFound(sentences) }
        var finding = try finding(
            in: sentences.telling.joined(separator: "\n\n"), around: description.prose, place: fileName)
        let from = "no evaluation section names the metric; it was read from '\(first.prefix(120))'"
        finding.note = finding.note.map { "\($0) Also, \(from)." } ?? "\(from)."
        return finding
    }

    private func nothingFound(_ sentences: MetricSentences) -> TaskError {
        let found = MetricMentions(in: sentences.passing.joined(separator: "\n\n")).distinct
        guard let first = found.first else {
            return TaskError(
                .unclearMetric,
                "\(fileName) names no known metric. Write 'metric:' with one of these in task.yaml: "
                    + "\(MetricNames.allowed)."
            )
        }
        let names = found.map { "'\($0.meaning.shown)'" }.joined(separator: " and ")
        let example = Self.choices(for: first.meaning).first ?? "NAME"
        return TaskError(
            .unclearMetric,
            "\(fileName) has no section '## Evaluation' that says what counts, and names "
                + (found.count == 1
                    ? "\(names) only in passing: " : "more than one metric in passing: \(names), first in ")
                + "'\(sentences.passing[0].prefix(120))'. If one counts, write 'metric: \(example)' in task.yaml.")
    }

    private func finding(in text: String, around: String, place: String) throws(TaskError) -> Finding {
        let mentions = MetricMentions(in: text)
        let found = mentions.distinct
        guard let first = found.first, found.count == 1 else {
            let names = found.map { "'\($0.meaning.shown)'" }.joined(separator: " and ")
            let choices = found.flatMap { Self.choices(for: $0.meaning) }
            throw TaskError(
                .unclearMetric,
                "\(place) names more than one metric: \(names). Write the one that counts in task.yaml, "
                    + (choices.first.map { "such as 'metric: \($0)'." } ?? "one of: \(MetricNames.allowed)."))
        }
        let metric = try metric(of: first.meaning, place: place)
        let stated = StatedDirections.compared(in: around) + StatedDirections.demanded(in: mentions)
        try check(stated, of: metric, place: place)
        return Finding(metric: metric, note: first.note)
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

    /// Refuses a description that says the opposite of the metric's direction.
    private func check(_ stated: [Direction], of metric: Metric, place: String) throws(TaskError) {
        guard let wrong = stated.first(where: { $0 != metric.direction }), !stated.contains(metric.direction) else {
            return
        }
        throw TaskError(
            .contradiction,
            "\(place) says that \(wrong.rawValue) is better, but for the metric '\(metric.name)' "
                + "\(metric.direction.rawValue) is better. Correct the description, or write the right 'metric:' in "
                + "task.yaml.")
    }
}

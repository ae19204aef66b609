import Vocabulary

/// Decides what is predicted and what a submission's fields must be, from the metric and the labels.
struct PredictionRules {
    /// The decision.
    struct Result {
        var metric: Metric
        var kind: TaskKind
        var classes: [String]
        var columns: [SubmissionSchema.Column]
        /// What the owner should know, one sentence each.
        var notes: [String] = []
    }

    let metric: Metric
    let links: [TargetMapper.Link]
    let tables: TaskTables
    let settings: TaskSettings

    func decide() throws(TaskError) -> Result {
        var result: Result
        switch metric {
        case .auc, .meanColumnAUC, .logLoss: result = try probabilities()
        case .accuracy, .macroF1, .microF1, .matthewsCorrelation, .quadraticWeightedKappa: result = try labels()
        case .rootMeanSquaredError, .meanAbsoluteError, .coefficientOfDetermination, .spearman:
            result = try numbers(.number)
        case .rootMeanSquaredLogarithmicError: result = try numbers(.nonNegativeNumber)
        case .exactMatch, .phonemeErrorRate, .characterErrorRate: result = texts(.textGeneration, classes: [])
        case .meanAveragePrecision: result = rankings()
        }
        try apply(settings.kind, to: &result)
        try apply(settings.classes, to: &result)
        result.columns = try SubmissionRules(settings: settings, metric: metric, classes: classes)
            .applied(to: result.columns)
        try checkLabels(&result)
        return result
    }

    // MARK: Probabilities

    private func probabilities() throws(TaskError) -> Result {
        let targets = distinctTargets
        if targets.count == 1 { return try oneProbabilityTarget(targets[0]) }
        guard metric != .logLoss else {
            throw wrongShape("takes one target, as one probability or as one column a class")
        }
        var classes = Set<String>()
        var columns: [SubmissionSchema.Column] = []
        for link in links {
            let own = try twoClasses(of: link.target)
            classes.formUnion(own)
            columns.append(column(link, positive: Self.positive(of: own), .probability))
        }
        return Result(
            metric: .meanColumnAUC, kind: .multilabelClassification, classes: Self.sorted(classes), columns: columns)
    }

    private func oneProbabilityTarget(_ target: String) throws(TaskError) -> Result {
        if links.count > 1 || links[0].positive != nil {
            let classes = classes(of: target).union(links.compactMap(\.positive))
            let columns = links.map { column($0, positive: $0.positive, .probability) }
            let isBinary = links.count == 1
            return Result(
                metric: metric == .auc && !isBinary ? .meanColumnAUC : metric,
                kind: classes.count == 2 ? .binaryClassification : .multiclassClassification,
                classes: Self.sorted(classes), columns: columns)
        }
        let classes = try twoClasses(of: target)
        return Result(
            metric: metric, kind: .binaryClassification, classes: Self.sorted(classes),
            columns: [column(links[0], positive: Self.positive(of: classes), .probability)])
    }

    private func twoClasses(of target: String) throws(TaskError) -> Set<String> {
        let found = classes(of: target)
        guard found.count != 2 else { return found }
        if !tables.train.names.contains(target) { return ["0", "1"] }
        throw TaskError(
            .contradiction,
            "\(tables.train.name), column '\(target)': the metric '\(metric.name)' with one probability column needs "
                + "exactly two classes, but there are \(Self.shown(found)). Give the sample submission a column for "
                + "each class, or write another 'metric:' or 'targets:' in task.yaml.")
    }

    /// The class whose probability a single column holds: the larger of two numbers; true, yes and the like; of other
    /// texts the one that sorts last.
    static func positive(of classes: Set<String>) -> String? {
        let sorted = sorted(classes)
        if sorted.allSatisfy({ number($0) != nil }) { return sorted.last }
        return sorted.first { affirmative.contains($0.lowercased()) } ?? sorted.last
    }

    private static let affirmative: Set = ["1", "true", "yes", "y", "t", "positive", "pos"]

    /// Whether of two classes one plainly is the positive one: 1 beside 0 or -1, a word such as yes beside another.
    private static func isAffirmative(_ positive: String, over other: String) -> Bool {
        guard let first = number(positive), let rest = number(other) else {
            return affirmative.contains(positive.lowercased())
        }
        return first == 1 && rest <= 0
    }

    // MARK: Labels, numbers, texts

    private func labels() throws(TaskError) -> Result {
        guard links.count == 1 else { throw wrongShape("takes one predicted column") }
        let link = links[0]
        let classes = classes(of: link.target)
        let isFree = classes.count > 1000 && classes.count * 2 > tables.train.rowCount
        if isFree, metric == .accuracy { return texts(.textGeneration, classes: []) }
        let isGrade: (String) -> Bool = { Self.number($0).map { $0 == $0.rounded() && $0.isFinite } ?? false }
        if metric == .quadraticWeightedKappa, let wrong = Self.sorted(classes).first(where: { !isGrade($0) }) {
            throw TaskError(
                .contradiction,
                "\(tables.train.name), \(line(of: wrong, in: link.target))column '\(link.target)': the metric 'qwk' needs "
                    + "whole-number grades, but there is '\(wrong)'. Write another 'metric:' or 'targets:' in task.yaml."
            )
        }
        guard classes.count >= 2 || !tables.train.names.contains(link.target) else {
            throw TaskError(
                .contradiction,
                "\(tables.train.name), column '\(link.target)': a classification needs two classes or more, but there "
                    + "is only \(Self.shown(classes)). Check that the column is the target.")
        }
        return Result(
            metric: metric, kind: classes.count == 2 ? .binaryClassification : .multiclassClassification,
            classes: Self.sorted(classes), columns: [column(link, positive: nil, .label)])
    }

    private func numbers(_ content: PredictionContent) throws(TaskError) -> Result {
        for target in distinctTargets { try checkNumbers(target, content) }
        return Result(
            metric: metric, kind: .regression, classes: [], columns: links.map { column($0, positive: nil, content) })
    }

    private func checkNumbers(_ target: String, _ content: PredictionContent) throws(TaskError) {
        guard let values = tables.train.column(target) else { return }
        for (row, text) in values.enumerated() {
            let syntax = FieldSyntax(of: text)
            if syntax == .empty || syntax.contains(.missingWord) { continue }
            let number = Double(text.trimmingBlanks)
            let isAllowed = syntax.contains(.number) && (content == .number || (number ?? -1) >= 0)
            guard !isAllowed else { continue }
            let need = content == .number ? "numbers" : "numbers that are not negative"
            throw TaskError(
                .contradiction,
                "\(tables.train.name), line \(tables.train.line(ofRow: row)), column '\(target)': '\(text)' where the "
                    + "metric '\(metric.name)' needs \(need). Correct the field, or write another 'metric:' or "
                    + "'targets:' in task.yaml."
            )
        }
    }

    private func texts(_ kind: TaskKind, classes: Set<String>) -> Result {
        Result(
            metric: metric, kind: kind, classes: Self.sorted(classes),
            columns: links.map { column($0, positive: nil, .text) })
    }

    private func rankings() -> Result {
        let classes = links.first.map { self.classes(of: $0.target) } ?? []
        let isFree = classes.count > 1000 && classes.count * 2 > tables.train.rowCount
        return texts(isFree ? .textGeneration : .multiclassClassification, classes: isFree ? [] : classes)
    }

    // MARK: What task.yaml says

    private func apply(_ kind: TaskKind?, to result: inout Result) throws(TaskError) {
        guard let kind, kind != result.kind else { return }
        let isClasses: (TaskKind) -> Bool = { $0 == .binaryClassification || $0 == .multiclassClassification }
        let allowed: [TaskKind]
        switch metric {
        case .exactMatch, .meanAveragePrecision, .accuracy:
            allowed = [.textGeneration, .multiclassClassification, .binaryClassification]
        default:
            allowed = isClasses(result.kind) && isClasses(kind) && result.classes.count == 2 ? [kind] : [result.kind]
        }
        guard allowed.contains(kind) else {
            let names = allowed.map(\.rawValue).joined(separator: ", ")
            throw TaskError(
                .contradiction,
                "task.yaml: 'kind' is '\(kind.rawValue)', but the metric '\(metric.name)' with these targets allows: "
                    + "\(names)."
            )
        }
        result.kind = kind
    }

    private func apply(_ classes: [String]?, to result: inout Result) throws(TaskError) {
        guard let classes else { return }
        if let unknown = result.classes.first(where: { !classes.contains($0) }) {
            throw TaskError(
                .malformedConfiguration,
                "task.yaml: 'classes' lacks '\(unknown)', which occurs in the targets. Add it, as it is written there.")
        }
        result.classes = Self.sorted(Set(classes))
    }

    // MARK: Labels as they are written

    /// Classes must be told apart by their spelling, and the owner must know what was taken as what.
    private func checkLabels(_ result: inout Result) throws(TaskError) {
        if result.kind == .regression { result.notes += distinctTargets.compactMap(targetLabels.noteOnNumbers) }
        guard result.kind != .regression, result.kind != .textGeneration else { return }
        for target in distinctTargets {
            try targetLabels.checkSpellings(of: target)
            result.notes += targetLabels.notes(on: target)
        }
        for column in result.columns {
            let isStated = links.contains { $0.column == column.name && $0.positive != nil }
            let isSet = settings.submission.contains { $0.column == column.name && $0.positive != nil }
            guard let positive = column.positiveClass, !isStated, !isSet else { continue }
            let known = classes(of: column.target)
            guard let other = known.first(where: { $0 != positive }), !Self.isAffirmative(positive, over: other) else {
                continue
            }
            result.notes.append(
                "'\(column.name)' is understood as the probability that '\(column.target)' is '\(positive)'. If it is "
                    + "that of '\(other)', write 'submission: {\(SubmissionRules.yaml(column.name)): {positive: \(SubmissionRules.yaml(other))}}' in task.yaml."
            )
        }
    }

    // MARK: Small things

    private var distinctTargets: [String] {
        links.map(\.target).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func classes(of target: String) -> Set<String> { targetLabels.classes(of: target) }

    private var targetLabels: TargetLabels {
        TargetLabels(
            train: tables.train,
            named: Set(links.compactMap(\.positive) + settings.submission.compactMap(\.positive)),
            listed: settings.classes)
    }

    /// `line 7, ` where the value first stands, empty where it does not.
    private func line(of value: String, in target: String) -> String {
        guard let row = tables.train.column(target)?.firstIndex(of: value) else { return "" }
        return "line \(tables.train.line(ofRow: row)), "
    }

    private func column(
        _ link: TargetMapper.Link, positive: String?, _ content: PredictionContent
    ) -> SubmissionSchema.Column {
        SubmissionSchema.Column(name: link.column, target: link.target, positiveClass: positive, content: content)
    }

    private func wrongShape(_ need: String) -> TaskError {
        TaskError(
            .contradiction,
            "The metric '\(metric.name)' \(need), but \(tables.sample?.name ?? "the submission") has "
                + "\(links.map { "'\($0.column)'" }.joined(separator: ", ")). Write another 'metric:' in task.yaml, or delete the columns "
                + "that are not asked for.")
    }

    /// Numbers by size, then texts.
    static func sorted(_ classes: Set<String>) -> [String] {
        classes.sorted { a, b in
            switch (number(a), number(b)) {
            case (let x?, let y?) where x != y: x < y
            case (_?, nil): true
            case (nil, _?): false
            default: a < b
            }
        }
    }

    /// The number a text is; unlike `Double`, `nan` and `inf` are texts.
    private static func number(_ text: String) -> Double? {
        FieldSyntax(of: text).contains(.number) ? Double(text.trimmingBlanks) : nil
    }

    private static func shown(_ classes: Set<String>) -> String {
        let first = sorted(classes).prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        return classes.isEmpty ? "none" : "\(classes.count) (\(first)\(classes.count > 5 ? ", …" : ""))"
    }
}

import Vocabulary

/// Maps the predicted columns of a submission to the training columns they answer.
struct TargetMapper {
    /// One predicted column.
    struct Link: Hashable {
        let column: String
        let target: String
        /// The class whose probability the column holds, where a column stands for a class.
        var positive: String?
    }

    let tables: TaskTables
    let settings: TaskSettings
    let identity: RowIdentity
    /// Predicted columns in the order of the submission; `nil` when no file shows them.
    let predicted: [String]?
    /// Where `predicted` was read, for errors.
    let source: String

    func map() throws(TaskError) -> [Link] {
        try checkSettings()
        let candidates = (settings.targets ?? unpredictedColumns).filter { $0 != identity.column }
        guard let predicted else { return try withoutSample(candidates) }
        guard !predicted.isEmpty else {
            throw TaskError(
                .unclearColumns,
                "\(source) has only the id column '\(identity.column)'. Add a column for what is predicted.")
        }
        try checkNoFeature(predicted)
        var links: [String: Link] = [:]
        for rule in settings.submission {
            links[rule.column] = rule.target.map { Link(column: rule.column, target: $0) }
        }
        for column in predicted where links[column] == nil && tables.train.names.contains(column) {
            links[column] = Link(column: column, target: column)
        }
        let open = predicted.filter { links[$0] == nil }
        if !open.isEmpty {
            let taken = Set(links.values.map(\.target))
            let free = candidates.filter { !taken.contains($0) }
            for link in try self.links(for: open, free.isEmpty ? candidates : free) {
                links[link.column] = link
            }
        }
        return predicted.compactMap { links[$0] }
    }

    /// Columns that only training has, without those that count rows or have no name.
    private var unpredictedColumns: [String] {
        tables.trainOnly.filter {
            $0 != identity.tableColumn && !$0.isEmpty && !SilentColumns.isRowNumber($0, in: tables.train)
        }
    }

    // MARK: Columns that have other names than their targets

    private func links(for open: [String], _ candidates: [String]) throws(TaskError) -> [Link] {
        if case .unrelated = identity, candidates.isEmpty {
            // The labels are not in a table, such as images to restore: the submission's own names stand.
            return open.map { Link(column: $0, target: $0) }
        }
        for target in candidates {
            guard let values = tables.train.column(target) else { continue }
            // A word such as `None` is a class where a column stands for it, else a missing label.
            let written = Set(values.filter { !$0.isEmpty })
            let named = Set(settings.classes ?? [])
            let labels = written.filter { TargetLabels.isLabel($0, classes: named) }
            for classes in written == labels ? [written] : [written, labels] {
                guard let matched = ClassColumns.match(open, classes: classes) else { continue }
                return zip(open, matched).map { Link(column: $0, target: target, positive: $1) }
            }
        }
        if open.count == 1, candidates.count == 1 { return [Link(column: open[0], target: candidates[0])] }
        let names = open.map { "'\($0)'" }.joined(separator: ", ")
        guard !candidates.isEmpty else {
            throw TaskError(
                .unclearColumns,
                "\(source) asks for \(names), but \(tables.train.name) has no column that test.csv lacks. Add the "
                    + "target to \(tables.train.name), or write 'submission: {\(open[0]): {target: COLUMN}}' in "
                    + "task.yaml.")
        }
        if open.count > 1, candidates.count == 1 {
            let classes = PredictionRules.sorted(Set((tables.train.column(candidates[0]) ?? []).filter { !$0.isEmpty }))
            guard open.count >= classes.count else {
                throw TaskError(
                    .unclearColumns,
                    "\(source) asks for \(names), but '\(candidates[0])' has \(classes.count) different values, such as "
                        + "\(classes.prefix(5).joined(separator: ", ")). Give \(source) a column for each class, or one "
                        + "column of the target's name.")
            }
            throw TaskError(
                .unclearColumns,
                "\(source) asks for \(names), which are not named after the classes of '\(candidates[0])'. Write in "
                    + "task.yaml, each class beside the right column: "
                    + "'\(SubmissionRules.example(predicted ?? open, target: candidates[0], classes: classes))'.")
        }
        throw TaskError(
            .unclearColumns,
            "\(source) asks for \(names); which of the training columns \(candidates.joined(separator: ", ")) answers "
                + "it? Write 'submission: {\(open[0]): {target: \(candidates[0])}}' in task.yaml.")
    }

    private func withoutSample(_ candidates: [String]) throws(TaskError) -> [Link] {
        if settings.targets != nil || candidates.count == 1 { return candidates.map { Link(column: $0, target: $0) } }
        guard !candidates.isEmpty else {
            throw TaskError(
                .unclearColumns,
                "\(tables.train.name) has no column that test.csv lacks, so there is nothing to predict. Delete the "
                    + "target from test.csv, or write 'targets:' in task.yaml.")
        }
        throw TaskError(
            .unclearColumns,
            "There is no sample submission, and test.csv lacks several training columns: "
                + "\(candidates.joined(separator: ", ")). Add sample_submission.csv, or write 'targets: "
                + "[\(candidates[0])]' in task.yaml.")
    }

    // MARK: Checks

    private func checkSettings() throws(TaskError) {
        for target in settings.targets ?? [] where !tables.train.names.contains(target) {
            throw TaskError(
                .malformedConfiguration,
                "task.yaml: 'targets' has '\(target)', but \(tables.train.name) has no such column. Allowed: "
                    + "\(tables.trainOnly.joined(separator: ", ")).")
        }
        for target in settings.targets ?? [] where tables.test?.names.contains(target) == true {
            throw TaskError(
                .contradiction,
                "\(tables.test?.name ?? "test.csv") has the target column '\(target)'. Delete it there: what is to be "
                    + "predicted must not be given.")
        }
        for rule in settings.submission {
            if let predicted, !predicted.contains(rule.column) {
                throw TaskError(
                    .malformedConfiguration,
                    "task.yaml: 'submission' has the key '\(rule.column)', but \(source) has no such column. Allowed: "
                        + "\(predicted.joined(separator: ", ")).")
            }
            if let target = rule.target, !tables.train.names.contains(target) {
                throw TaskError(
                    .malformedConfiguration,
                    "task.yaml: 'submission.\(rule.column).target' is '\(target)', but \(tables.train.name) has no "
                        + "such column. Allowed: \(tables.trainOnly.joined(separator: ", ")).")
            }
        }
    }

    private func checkNoFeature(_ predicted: [String]) throws(TaskError) {
        guard let test = tables.test, let both = predicted.first(where: { test.names.contains($0) }) else { return }
        throw TaskError(
            .contradiction,
            "'\(both)' is a column of both \(source) and \(test.name). If it is the target, delete it from "
                + "\(test.name); if it names the row, write 'id: \(both)' in task.yaml; else delete it from \(source).")
    }
}

import Vocabulary

/// Tells whether held-out training rows can be mixed with the real test rows without a difference to be seen.
struct HiddenCheck {
    let settings: TaskSettings
    let tables: TaskTables
    let layout: TaskLayout
    let identity: RowIdentity
    let specification: TaskSpecification

    /// The answer, with what to tell the owner.
    struct Answer {
        var applicability: HiddenApplicability
        var notes: [String] = []
        var withheld: [String] = []
    }

    /// Fewer labelled rows than this cannot be cut into training, search and judge parts.
    static let minimumLabelledRows = 10

    /// The reason where the owner does not want labels to be hidden.
    static let ownersWish = "task.yaml says 'hidden: false'"

    func check() throws(TaskError) -> Answer {
        try checkSampleIDs()
        var answer = Answer(applicability: .applicable)
        if let reason = settings.isHidden == false ? Self.ownersWish : try reason() {
            answer.applicability = .notApplicable(reason: reason)
        } else {
            let extras = try ExtraFiles(
                tables: tables, layout: layout, identity: identity, specification: specification
            ).inspect()
            if let reason = extras.reason { answer.applicability = .notApplicable(reason: reason) }
            (answer.notes, answer.withheld) = (extras.notes, extras.withheld)
        }
        if case .notApplicable(let reason) = answer.applicability, settings.isHidden == true {
            throw TaskError(
                .contradiction,
                "task.yaml: 'hidden' is 'true', but hidden evaluation does not work here: \(reason). Leave the key out."
            )
        }
        return answer
    }

    // MARK: Reasons

    private func reason() throws(TaskError) -> String? {
        guard let test = tables.test else { return "there is no table of test rows" }
        if case .unrelated(let column) = identity {
            return "the rows of a submission (column '\(column)') are not the rows of \(test.name)"
        }
        if let missing = specification.targets.first(where: { !tables.train.names.contains($0) }) {
            return "the target '\(missing)' is not a column of \(tables.train.name)"
        }
        let compared = test.names.filter { $0 != identity.tableColumn && !$0.isEmpty }
        if let foreign = compared.first(where: { !tables.train.names.contains($0) }) {
            return "\(test.name) has the column '\(foreign)', which \(tables.train.name) lacks"
        }
        return try RowFiles(tables: tables, layout: layout, identity: identity).reason() ?? columnReason(test)
            ?? labelReason()
    }

    private func columnReason(_ test: CSVFile) -> String? {
        guard let id = identity.tableColumn, let place = test.names.firstIndex(of: id) else { return nil }
        if tables.testCounts[place].content == .text {
            return "the id column '\(id)' holds text that may be a feature itself"
        }
        if tables.train.names.contains(id), !TaskTables.isUnique(id, in: tables.train) {
            return "\(tables.train.name) has several rows with the same '\(id)'"
        }
        return nil
    }

    private func labelReason() -> String? {
        let columns = specification.targets.compactMap { tables.train.column($0) }
        let isText = specification.kind == .textGeneration
        let classes = Set(specification.classes)
        let labelled = (0..<tables.train.rowCount).filter { row in
            columns.allSatisfy { isText ? !$0[row].isEmpty : TargetLabels.isLabel($0[row], classes: classes) }
        }.count
        guard labelled < Self.minimumLabelledRows else { return nil }
        return "\(tables.train.name) has only \(labelled) rows with a label; \(Self.minimumLabelledRows) are needed"
    }

    // MARK: Ids

    /// Ids of test and sample must be the same, each once.
    private func checkSampleIDs() throws(TaskError) {
        guard let id = identity.tableColumn, let test = tables.test, let tested = test.column(id) else { return }
        if let empty = tested.firstIndex(of: "") {
            throw TaskError(
                .contradiction,
                "\(test.name), line \(test.line(ofRow: empty)), column '\(id)': the id is empty. Give every row an id.")
        }
        try checkIsUnique(tested, id, in: test)
        guard let sample = tables.sample, let sampled = sample.column(identity.column) else { return }
        let testSet = Set(tested)
        if let row = sampled.firstIndex(where: { !testSet.contains($0) }) {
            throw TaskError(
                .contradiction,
                "\(sample.name), line \(sample.line(ofRow: row)), column '\(identity.column)': \(test.name) has no row "
                    + "'\(sampled[row])'. Both files must have the same ids; if '\(id)' is not the id, write 'id: "
                    + "COLUMN' in task.yaml."
            )
        }
        try checkIsUnique(sampled, identity.column, in: sample)
        let sampleSet = Set(sampled)
        if let row = tested.firstIndex(where: { !sampleSet.contains($0) }) {
            throw TaskError(
                .contradiction,
                "\(test.name), line \(test.line(ofRow: row)), column '\(id)': \(sample.name) has no row "
                    + "'\(tested[row])'. Both files must have the same ids: add the row to \(sample.name).")
        }
    }

    /// A submission names each row once, so no submission could match ids that occur twice.
    private func checkIsUnique(_ ids: [String], _ column: String, in file: CSVFile) throws(TaskError) {
        var rows: [String: Int] = [:]
        for (row, id) in ids.enumerated() {
            guard let first = rows.updateValue(row, forKey: id) else { continue }
            throw TaskError(
                .contradiction,
                "\(file.name), line \(file.line(ofRow: row)), column '\(column)': '\(id)' is the id of line "
                    + "\(file.line(ofRow: first)) too. Delete one of the rows or give each its own id; if '\(column)' "
                    + "is not the id, write 'id: COLUMN' in task.yaml.")
        }
    }
}

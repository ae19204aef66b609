import Foundation
import Vocabulary

/// Understands a folder step by step: layout, tables, id, targets, metric, schema, split.
struct TaskReader {
    let path: String

    func read() throws(TaskError) -> TaskFolder {
        let root = try checkedRoot()
        let settingsPath = root + "/" + TaskSettings.fileName
        let hasSettings = FileManager.default.fileExists(atPath: settingsPath)
        if !hasSettings, FileManager.default.fileExists(atPath: root + "/task.yml") {
            throw TaskError(.malformedConfiguration, "The settings must be in task.yaml: rename task.yml.")
        }
        let settings = hasSettings ? try TaskSettings.read(settingsPath) : TaskSettings()
        let layout = try TaskLayoutFinder(root: root, settings: settings, hasSettings: hasSettings).find()
        let description = DescriptionText(whole: try text(of: layout.absolute(layout.description)))
        let tables = try TaskTables(layout)
        let example = Self.exampleHeader(description, tables, settings)
        let identity = try IdentityFinder(tables: tables, settings: settings, exampleHeader: example).find()
        let metric = try metric(settings, description, layout)
        let silent = SilentColumns(tables: tables, identity: identity).find()
        let (predicted, source) = Self.predicted(tables, identity, example, layout)
        let links = try TargetMapper(
            tables: tables, settings: settings, identity: identity, predicted: predicted, source: source
        ).map()
        let rules = try PredictionRules(metric: metric.metric, links: links, tables: tables, settings: settings)
            .decide()
        let specification = TaskSpecification(
            name: settings.name ?? TaskName.cleaned(FileNames.last(root)),
            description: Self.described(description.whole, identity, rules.columns) + Self.warning(of: rules.classes),
            kind: rules.kind,
            metric: rules.metric, targets: Self.distinct(links.map(\.target)), classes: rules.classes,
            submission: SubmissionSchema(idColumn: identity.column, columns: rules.columns))
        let split = try SplitChoice(
            settings: settings, tables: tables, identity: identity, specification: specification, silent: silent.names
        )
        .choose()
        let inventory = try TaskInventory(layout).take()
        let check = try HiddenCheck(
            settings: settings, tables: tables, layout: layout, identity: identity, specification: specification
        ).check()
        return TaskFolder(
            path: root, specification: specification,
            profile: ColumnProfiler.profile(of: tables).asScripts(see: identity, without: silent.names),
            files: inventory.files, identity: identity, split: split.advice, hiddenEvaluation: check.applicability,
            notes: (metric.note.map { [$0] } ?? []) + rules.notes + silent.notes + split.notes + check.notes,
            fingerprint: inventory.fingerprint, layout: layout,
            typicalPredictions: TypicalPredictions(tables: tables, specification: specification).values(),
            withheld: check.withheld, silent: silent.names)
    }

    // MARK: Steps

    private func checkedRoot() throws(TaskError) -> String {
        let root = URL(fileURLWithPath: path).standardizedFileURL.path
        let trimmed = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
        guard FolderListing.isFolder(trimmed) else {
            throw TaskError(
                .missingFile, "\(path) is no folder. Give the folder that holds description.md and train.csv.")
        }
        return trimmed
    }

    private func text(of path: String) throws(TaskError) -> String {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw TaskError(.inaccessibleFile, "\(FileNames.last(path)) cannot be read: check that it may be read.")
        }
        guard let text = String(bytes: content, encoding: .utf8) else {
            throw TaskError(
                .malformedTable,
                "\(FileNames.last(path)) is not UTF-8 text. Convert it, for example: iconv -f WINDOWS-1252 -t UTF-8.")
        }
        guard !text.trimmingBlanks.isEmpty else {
            throw TaskError(
                .missingFile,
                "\(FileNames.last(path)) is empty. Say there what is predicted, and the metric under the heading '## "
                    + "Evaluation'."
            )
        }
        return text
    }

    private func metric(
        _ settings: TaskSettings, _ description: DescriptionText, _ layout: TaskLayout
    ) throws(TaskError) -> MetricFinder.Finding {
        let finder = MetricFinder(description: description, fileName: FileNames.last(layout.description))
        let finding =
            if let metric = settings.metric { MetricFinder.Finding(metric: metric, note: nil) } else {
                try finder.find()
            }
        if let direction = settings.direction, direction != finding.metric.direction {
            throw TaskError(
                .contradiction,
                "task.yaml: 'direction' is '\(direction.rawValue)', but for the metric '\(finding.metric.name)' "
                    + "\(finding.metric.direction.rawValue) is better. Leave 'direction' out, or write another "
                    + "'metric:'."
            )
        }
        return finding
    }

    /// The header of the description's example of a submission: one that has a column to predict.
    private static func exampleHeader(
        _ description: DescriptionText, _ tables: TaskTables, _ settings: TaskSettings
    ) -> [String]? {
        guard tables.sample == nil else { return nil }
        let targets = Set(settings.targets ?? tables.trainOnly)
        return description.exampleHeaders.first { header in
            header.contains(where: targets.contains) && header.count <= targets.count + 1
                && Set(header).count == header.count
        }
    }

    private static func predicted(
        _ tables: TaskTables, _ identity: RowIdentity, _ example: [String]?, _ layout: TaskLayout
    ) -> ([String]?, String) {
        let header = tables.sample?.names ?? example
        let source = tables.sample?.name ?? "the example in \(FileNames.last(layout.description))"
        return (header.map { $0.filter { $0 != identity.column } }, source)
    }

    /// Scripts must know about a column that only mounts have.
    private static func described(
        _ text: String, _ identity: RowIdentity, _ columns: [SubmissionSchema.Column]
    ) -> String {
        if case .renamedColumn(let table, let submission) = identity {
            return text
                + "\n\n## Row names\nIn the files given to scripts the column `\(table)` of `train.csv` and `test.csv` is "
                + "called `\(submission)`, as in `sample_submission.csv`.\n"
        }
        guard case .rowOrder(let column, _) = identity else { return text }
        let header = ([column] + columns.map(\.name)).joined(separator: ",")
        return text
            + "\n\n## Row names\nIn the files given to scripts `train.csv` and `test.csv` have an added column "
            + "`\(column)` that names the row and is no feature. A submission has the columns `\(header)`, one row for "
            + "each row of `test.csv`, as in `sample_submission.csv`.\n"
    }

    /// Scripts must read such classes as text.
    private static func warning(of classes: [String]) -> String {
        guard let word = classes.first(where: { FieldSyntax(of: $0).contains(.missingWord) }) else { return "" }
        return
            "\n\n## Classes\nThe class `\(word)` is a word that pandas takes for a missing value unless tables are read with "
            + "`keep_default_na=False`.\n"
    }

    private static func distinct(_ names: [String]) -> [String] {
        names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

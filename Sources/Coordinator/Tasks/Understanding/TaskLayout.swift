import Foundation

/// Which file of a folder is what, found by name. Knows our own layout, the MLE-STAR sample's (`task_description.txt`
/// beside the tables), AIDE's (a text beside a data folder) and Kaggle's spellings.
struct TaskLayout: Sendable {
    /// The task folder, absolute.
    let root: String
    /// The folder with the tables relative to the root; empty when they lie in the root.
    let dataFolder: String
    /// Paths relative to the root.
    let description: String
    let settings: String?
    let train: String
    let test: String?
    let sample: String?
    /// Other files and subfolders of the data folder, relative to the root.
    let extras: [String]
    let folders: [String]

    func absolute(_ relative: String) -> String { root + "/" + relative }

    /// The path of an entry of the data folder as scripts see it, relative to the mount.
    func mountPath(_ relative: String) -> String {
        dataFolder.isEmpty ? relative : String(relative.dropFirst(dataFolder.count + 1))
    }
}

/// Looks through a folder for a `TaskLayout`.
struct TaskLayoutFinder {
    let root: String
    let settings: TaskSettings
    let hasSettings: Bool

    /// Subfolders that hold the tables in usual layouts, in order of preference.
    static let usualFolders = ["input", "data", "public", "prepared/public", "dataset"]

    func find() throws(TaskError) -> TaskLayout {
        try checkPaths()
        let data = try dataFolder()
        let entries = try FolderListing.entries(of: join(root, data))
        let prefix = data.isEmpty ? "" : data + "/"
        let files = entries.filter { !$0.isFolder }.map { prefix + $0.name }
        let train = try chosen(settings.trainFile, key: "train", among: files, where: FileNames.isTrain, data: data)
        let test = try chosen(settings.testFile, key: "test", among: files, where: FileNames.isTest, data: data)
        let sample = try chosen(
            settings.sampleFile, key: "sample_submission", among: files, where: FileNames.isSample, data: data)
        guard let train else { throw try missingTrain(in: data, entries: entries) }
        if settings.trainFile == nil { try refuseLabelsAlone(train, among: files) }
        if test == nil || sample == nil { try refuseArchives(entries) }
        let description = try description(data: data)
        let named = Set([train, test, sample, description, TaskSettings.fileName].compactMap { $0 })
        return TaskLayout(
            root: root, dataFolder: data, description: description,
            settings: hasSettings ? TaskSettings.fileName : nil, train: train, test: test, sample: sample,
            extras: files.filter { !named.contains($0) },
            folders: entries.filter(\.isFolder).map { prefix + $0.name })
    }

    // MARK: Tables

    private func dataFolder() throws(TaskError) -> String {
        if let file = settings.trainFile {
            let parts = file.split(separator: "/")
            return parts.dropLast().joined(separator: "/")
        }
        let entries = try FolderListing.entries(of: root)
        if entries.contains(where: { !$0.isFolder && FileNames.isTrain($0.name) }) { return "" }
        let usual = Self.usualFolders
        let present = usual + entries.filter { $0.isFolder && !usual.contains($0.name) }.map(\.name)
        var holders: [String] = []
        for folder in present where FolderListing.isFolder(join(root, folder)) {
            let inside = try FolderListing.entries(of: join(root, folder))
            if inside.contains(where: { !$0.isFolder && FileNames.isTrain($0.name) }) { holders.append(folder) }
        }
        guard holders.count <= 1 || holders.first.map(usual.contains) == true else {
            throw TaskError(
                .unclearColumns,
                "\(root) has training tables in several subfolders: \(holders.joined(separator: ", ")). Write in "
                    + "task.yaml which counts: 'files: {train: \(holders[0])/train.csv, …}'.")
        }
        return holders.first ?? ""
    }

    /// Paths in task.yaml must lead to files of the folder, which is all that scripts get.
    private func checkPaths() throws(TaskError) {
        let written = [
            ("files.train", settings.trainFile), ("files.test", settings.testFile),
            ("files.sample_submission", settings.sampleFile), ("description", settings.description),
        ]
        for case (let key, let path?) in written {
            guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
                throw TaskError(
                    .malformedConfiguration,
                    "task.yaml: '\(key)' is '\(path)', which leads out of \(root). Put the file into that folder and "
                        + "write its path relative to it.")
            }
            guard FileManager.default.fileExists(atPath: join(root, path)) else {
                throw TaskError(
                    .missingFile,
                    "task.yaml: '\(key)' is '\(path)', but there is no such file in \(root). Write a path relative to "
                        + "that folder.")
            }
        }
    }

    private func chosen(
        _ written: String?, key: String, among files: [String], where matches: (String) -> Bool, data: String
    ) throws(TaskError) -> String? {
        if let written { return written }
        let found = files.filter { matches(FileNames.last($0)) }
        let exact = found.filter { FileNames.isCanonical(FileNames.last($0)) }
        if exact.count == 1 { return exact[0] }
        guard found.count <= 1 else {
            throw TaskError(
                .contradiction,
                "\(found.joined(separator: " and ")) could each be the \(key) table. Write the right one in task.yaml: "
                    + "'files: {\(key): \(found[0])}'.")
        }
        return found.first
    }

    private func missingTrain(in data: String, entries: [FolderListing.Entry]) throws(TaskError) -> TaskError {
        if let archive = entries.first(where: { !$0.isFolder && FileNames.isArchive($0.name) }) {
            return Self.packed(archive.name)
        }
        for folder in Self.usualFolders where FolderListing.isFolder(join(root, folder)) {
            let inside = try FolderListing.entries(of: join(root, folder))
            if let archive = inside.first(where: { !$0.isFolder && FileNames.isArchive($0.name) }) {
                return Self.packed(folder + "/" + archive.name)
            }
        }
        let names = entries.map { $0.isFolder ? $0.name + "/" : $0.name }
        let shown = names.isEmpty ? "it is empty" : "it has: \(names.prefix(12).joined(separator: ", "))"
        return TaskError(
            .missingFile,
            "\(root) has no train.csv (\(shown)). Put the labelled rows there as train.csv, or write 'files: {train: "
                + "…, test: …}' in task.yaml.")
    }

    /// Labels in one file and what they are predicted from in another are no training table.
    private func refuseLabelsAlone(_ train: String, among files: [String]) throws(TaskError) {
        guard FileNames.isLabelsOnly(FileNames.last(train)),
            let features = files.first(where: { FileNames.isFeaturesOnly(FileNames.last($0), of: "train") })
        else { return }
        let test = files.first { FileNames.isFeaturesOnly(FileNames.last($0), of: "test") }
        throw TaskError(
            .contradiction,
            "\(features) has the training rows and \(train) their labels. Join them by their id into one table, "
                + "train.csv" + (test.map { ", and rename \($0) to test.csv." } ?? "."))
    }

    /// Tables inside archives are not read here.
    private func refuseArchives(_ entries: [FolderListing.Entry]) throws(TaskError) {
        let tables = entries.filter { FileNames.isArchive($0.name) && FileNames.isPackedTable($0.name) }
        if let archive = tables.first { throw Self.packed(archive.name) }
    }

    private static func packed(_ name: String) -> TaskError {
        let command =
            name.lowercased().hasSuffix(".gz") ? "gunzip" : name.lowercased().hasSuffix(".7z") ? "7z x" : "unzip"
        return TaskError(
            .missingFile, "\(name) is packed. Unpack it in its folder first: \(command) \(FileNames.last(name))")
    }

    // MARK: Description

    private func description(data: String) throws(TaskError) -> String {
        if let written = settings.description { return written }
        for folder in data.isEmpty ? [""] : ["", data] {
            let texts = try FolderListing.entries(of: join(root, folder)).filter {
                !$0.isFolder && FileNames.isText($0.name)
            }
            .map { folder.isEmpty ? $0.name : folder + "/" + $0.name }
            if let known = FileNames.descriptions.lazy.compactMap({ wanted in
                texts.first { FileNames.last($0).lowercased() == wanted }
            }).first {
                return known
            }
            guard texts.count <= 1 else {
                throw TaskError(
                    .contradiction,
                    "\(texts.joined(separator: ", ")) could each be the task's description. Name it description.md, or "
                        + "write 'description: FILE' in task.yaml.")
            }
            if let only = texts.first { return only }
        }
        throw TaskError(
            .missingFile,
            "\(root) has no description. Write description.md: what is predicted, the metric under the heading '## "
                + "Evaluation', and the submission format.")
    }

    private func join(_ folder: String, _ name: String) -> String { name.isEmpty ? folder : folder + "/" + name }
}

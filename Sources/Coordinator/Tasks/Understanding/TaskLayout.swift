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

    func find() throws(TaskError) -> TaskLayout {
        let data = try dataFolder()
        let entries = try FolderListing.entries(of: join(root, data))
        let prefix = data.isEmpty ? "" : data + "/"
        let files = entries.filter { !$0.isFolder }.map { prefix + $0.name }
        let train = try chosen(settings.trainFile, key: "train", among: files, where: FileNames.isTrain, data: data)
        let test = try chosen(settings.testFile, key: "test", among: files, where: FileNames.isTest, data: data)
        let sample = try chosen(
            settings.sampleFile, key: "sample_submission", among: files, where: FileNames.isSample, data: data)
        guard let train else { throw missingTrain(in: data, entries: entries) }
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
        let usual = ["input", "data", "public", "prepared/public", "dataset"]
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

    private func chosen(
        _ written: String?, key: String, among files: [String], where matches: (String) -> Bool, data: String
    ) throws(TaskError) -> String? {
        if let written {
            guard FileManager.default.fileExists(atPath: join(root, written)) else {
                throw TaskError(
                    .missingFile,
                    "task.yaml: 'files.\(key)' is '\(written)', but there is no such file in \(root). Write a path "
                        + "relative to that folder.")
            }
            return written
        }
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

    private func missingTrain(in data: String, entries: [FolderListing.Entry]) -> TaskError {
        if let archive = entries.first(where: { FileNames.isArchive($0.name) }) { return Self.packed(archive.name) }
        let names = entries.map { $0.isFolder ? $0.name + "/" : $0.name }
        let shown = names.isEmpty ? "it is empty" : "it has: \(names.prefix(12).joined(separator: ", "))"
        return TaskError(
            .missingFile,
            "\(root) has no train.csv (\(shown)). Put the labelled rows there as train.csv, or write 'files: {train: "
                + "…, test: …}' in task.yaml.")
    }

    /// Tables inside archives are not read; this is the place to add that.
    private func refuseArchives(_ entries: [FolderListing.Entry]) throws(TaskError) {
        let tables = entries.filter { FileNames.isArchive($0.name) && FileNames.isPackedTable($0.name) }
        if let archive = tables.first { throw Self.packed(archive.name) }
    }

    private static func packed(_ name: String) -> TaskError {
        let command =
            name.lowercased().hasSuffix(".gz") ? "gunzip" : name.lowercased().hasSuffix(".7z") ? "7z x" : "unzip"
        return TaskError(.missingFile, "\(name) is packed. Unpack it in its folder first: \(command) \(name)")
    }

    // MARK: Description

    private func description(data: String) throws(TaskError) -> String {
        if let written = settings.description {
            guard FileManager.default.fileExists(atPath: join(root, written)) else {
                throw TaskError(
                    .missingFile, "task.yaml: 'description' is '\(written)', but there is no such file in \(root).")
            }
            return written
        }
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

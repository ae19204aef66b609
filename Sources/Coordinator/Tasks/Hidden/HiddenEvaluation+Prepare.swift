import Blobs
import Foundation
public import Vocabulary

extension HiddenEvaluation {
    /// Splits a task and writes its mounts below `directory`: `search-0`, …, `full`, and `key`, which only its owner
    /// may read.
    ///
    /// A directory that was prepared before from the same files with the same settings is opened as it is; one left
    /// half-written is written again.
    ///
    /// - Throws: a `TaskError` when the task does not allow hidden evaluation, when it has too few rows, when the
    /// directory
    ///   belongs to another split, or when files cannot be written.
    public static func prepare(
        _ task: TaskFolder, settings: SplitSettings, in directory: String
    ) throws(TaskError) -> HiddenEvaluation {
        try HiddenPreparation(task: task, settings: settings, directory: directory).prepare()
    }
}

extension TaskFolder {
    /// Writes the mount with the task's own rows below `directory`, as `full`, for tasks without hidden evaluation.
    ///
    /// A mount that was written before from the same files is used as it is.
    public func originalMount(in directory: String) throws(TaskError) -> Mount {
        let partial = directory + "/partial"
        let final = directory + "/full"
        let record = directory + "/full-mount.txt"
        if let known = FileManager.default.contents(atPath: record), FolderListing.isFolder(final) {
            let parts = String(decoding: known, as: UTF8.self).split(separator: " ").map(String.init)
            if parts.count == 2, parts[0] == fingerprint.rawValue {
                return Mount(manifest: ContentHash(parts[1]), path: final)
            }
        }
        try MountFolders.remove([partial, final])
        var builder = try MountBuilder(folder: partial, finalPath: final)
        try FullMountWriter(task: self).write(with: &builder)
        try MountFolders.rename(partial, to: final)
        let mount = builder.mount()
        do {
            try DurableFile.write("\(fingerprint.rawValue) \(mount.manifest.rawValue)".utf8, to: record)
        } catch {
            throw TaskError(.inaccessibleFile, "\(record) cannot be written: check free space and rights.")
        }
        return mount
    }
}

/// Prepares a directory, or opens one that is ready.
private struct HiddenPreparation {
    let task: TaskFolder
    let settings: SplitSettings
    let directory: String

    /// What scripts see otherwise than the owner; empty where that is nothing.
    private var view: String {
        let isRenamed = task.identity.tableColumn.map { $0 != task.identity.column } ?? false
        let silent = task.silent.map { $0.isEmpty ? "a column without a name" : $0 }
        return (task.withheld + silent + (isRenamed ? [task.identity.column] : [])).joined(separator: "\n")
    }

    private var seed: String { "\(settings.seed) \(task.fingerprint.rawValue)" }

    func prepare() throws(TaskError) -> HiddenEvaluation {
        try settings.check()
        if case .notApplicable(let reason) = task.hiddenEvaluation {
            throw TaskError(.impossibleSplit, "\(task.specification.name): labels cannot be hidden, because \(reason).")
        }
        let store = KeyStore(folder: directory + "/key")
        if let state = try store.state() {
            guard state.fingerprint == task.fingerprint, state.settings == settings, state.split == task.split.name
            else {
                throw TaskError(
                    .impossibleSplit,
                    "\(directory) was prepared for other files or settings (task \(state.fingerprint.short), seed "
                        + "\(state.settings.seed)) than asked now (task \(task.fingerprint.short), seed "
                        + "\(settings.seed)). Use a new directory.")
            }
            // Mounts that an earlier version wrote may show what is withheld now.
            guard (state.view ?? "") == view else { return try write() }
            let folders = (0..<settings.folds).map { "search-\($0)" } + ["full"]
            // What was deleted since is written again, byte for byte the same.
            if folders.allSatisfy({ FolderListing.isFolder(directory + "/" + $0) }) {
                return try store.read(state, directory: directory)
            }
        }
        return try write()
    }

    private func write() throws(TaskError) -> HiddenEvaluation {
        let partial = directory + "/partial"
        let finals = (0..<settings.folds).map { "search-\($0)" } + ["full"]
        try MountFolders.remove([partial, directory + "/key"] + finals.map { directory + "/" + $0 })
        try MountBuilder.makeFolder(directory)
        try MountBuilder.makeFolder(partial, mode: 0o700)
        let (evaluation, state) = try writeMounts(partial)
        try KeyStore(folder: partial + "/key").write(state, keys: evaluation.keys, testIDs: evaluation.testIDs)
        // The key comes last: its presence says that everything is in place.
        for name in finals + ["key"] { try MountFolders.rename(partial + "/" + name, to: directory + "/" + name) }
        try MountFolders.remove([partial])
        return evaluation
    }

    private func writeMounts(_ partial: String) throws(TaskError) -> (HiddenEvaluation, KeyStore.State) {
        let tables = try SplitTables(task: task)
        let folds = try RowSplitter(
            material: tables.material, kind: task.split.kind, settings: settings, seed: seed
        ).folds()
        try tables.check(folds)
        let writer = try tables.writer(seed: seed)
        var mounts: [Mount] = []
        var keys: [FoldKey] = []
        for (fold, rows) in folds.enumerated() {
            let name = "/search-\(fold)"
            var builder = try MountBuilder(folder: partial + name, finalPath: directory + name)
            keys.append(try writer.write(rows, fold: fold, with: &builder))
            mounts.append(builder.mount())
        }
        var builder = try MountBuilder(folder: partial + "/full", finalPath: directory + "/full")
        try FullMountWriter(task: task).write(with: &builder)
        let evaluation = HiddenEvaluation(
            searchMounts: mounts, fullMount: builder.mount(), testIDs: tables.testIDs, idColumn: task.identity.column,
            keys: keys)
        let state = KeyStore.State(
            fingerprint: task.fingerprint, settings: settings, split: task.split.name, idColumn: task.identity.column,
            testIDCount: tables.testIDs.count, searchMounts: mounts, fullMount: evaluation.fullMount, view: view)
        return (evaluation, state)
    }
}

/// Moves and deletes folders.
enum MountFolders {
    static func remove(_ paths: [String]) throws(TaskError) {
        for path in paths where FileManager.default.fileExists(atPath: path) {
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                throw TaskError(
                    .inaccessibleFile, "\(path) is left from an interrupted run and cannot be deleted. Delete it.")
            }
        }
    }

    static func rename(_ source: String, to target: String) throws(TaskError) {
        do {
            try FileManager.default.moveItem(atPath: source, toPath: target)
        } catch {
            throw TaskError(.inaccessibleFile, "\(source) cannot be renamed to \(target): check rights and free space.")
        }
    }
}

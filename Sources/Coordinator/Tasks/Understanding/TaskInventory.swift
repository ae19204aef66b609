import Blobs
import Vocabulary

/// Lists and hashes all files of a task folder.
struct TaskInventory {
    let layout: TaskLayout

    init(_ layout: TaskLayout) { self.layout = layout }

    func take() throws(TaskError) -> (files: [TaskFile], fingerprint: ContentHash) {
        var files: [TaskFile] = []
        let named: [(String?, TaskFile.Role)] = [
            (layout.description, .description), (layout.settings, .settings), (layout.train, .train),
            (layout.test, .test),
            (layout.sample, .sampleSubmission),
        ]
        for case (let path?, let role) in named { files.append(try file(path, role)) }
        for path in layout.extras { files.append(try file(path, .extra)) }
        for path in layout.folders { files.append(try folder(path)) }
        files.sort { $0.path < $1.path }
        var form = CanonicalForm("task-folder/1")
        for file in files {
            form.append(file.path, file.contentHash.rawValue)
        }
        return (files, Hashing.hash(form))
    }

    private func file(_ path: String, _ role: TaskFile.Role) throws(TaskError) -> TaskFile {
        let full = layout.absolute(path)
        return TaskFile(
            path: path, role: role, byteCount: FolderListing.byteCount(full), contentHash: try Self.hash(full))
    }

    private func folder(_ path: String) throws(TaskError) -> TaskFile {
        let full = layout.absolute(path)
        var form = CanonicalForm("folder/1")
        var bytes = 0
        let names = try FolderListing.files(below: full)
        for name in names {
            form.append(name, try Self.hash(full + "/" + name).rawValue)
            bytes += FolderListing.byteCount(full + "/" + name)
        }
        return TaskFile(
            path: path, role: .folder(fileCount: names.count), byteCount: bytes, contentHash: Hashing.hash(form))
    }

    static func hash(_ path: String) throws(TaskError) -> ContentHash {
        do {
            return try FileHashes.shared.hash(fileAt: path)
        } catch {
            throw TaskError(.inaccessibleFile, "\(path) cannot be read: check that it may be read.")
        }
    }
}

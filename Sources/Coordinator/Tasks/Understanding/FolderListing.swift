import Foundation

/// Folders as sorted lists; hidden files do not count.
enum FolderListing {
    struct Entry {
        let name: String
        let isFolder: Bool
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// The folder's entries by name. Symbolic links count as what they point to.
    static func entries(of path: String) throws(TaskError) -> [Entry] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw TaskError(.inaccessibleFile, "\(path) cannot be listed: check that it is a folder and may be read.")
        }
        return names.filter { !$0.hasPrefix(".") }.sorted().map { Entry(name: $0, isFolder: isFolder(path + "/" + $0)) }
    }

    /// All files below a folder, relative to it, sorted.
    static func files(below path: String) throws(TaskError) -> [String] {
        var found: [String] = []
        try collect(path, prefix: "", depth: 0, into: &found)
        return found
    }

    private static func collect(
        _ path: String, prefix: String, depth: Int, into found: inout [String]
    ) throws(TaskError) {
        guard depth < 32 else {
            throw TaskError(
                .inaccessibleFile, "\(path) is nested more than 32 folders deep: remove links that lead back up.")
        }
        for entry in try entries(of: path) {
            if entry.isFolder {
                try collect(path + "/" + entry.name, prefix: prefix + entry.name + "/", depth: depth + 1, into: &found)
            } else {
                found.append(prefix + entry.name)
            }
        }
    }

    static func byteCount(_ path: String) -> Int {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }
}

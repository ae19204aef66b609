import Foundation

/// The files of a mount in words, for whoever writes scripts without seeing them: tables with what their columns hold,
/// folders with their files counted by ending, texts with their first lines.
///
/// Made from what a script sees, never from the task folder: a preview must not say more of held-out rows than their
/// features. A large table is described by its first rows; nothing is held in memory but one record.
public struct DataPreview: Sendable {
    /// The description, in Markdown, at most about `limit` characters.
    public let text: String

    private static let limit = 16_000
    private static let fileLimit = 30

    /// Looks through the folder of a mount.
    public init(folder: String) throws(TaskError) {
        var seen = Set<String>()
        var parts: [String] = []
        let first = [MountFile.train, MountFile.test, MountFile.sample]
        let entries = try FolderListing.entries(of: folder)
        let names = first.filter { name in entries.contains { $0.name == name } }
        let others = entries.filter { !first.contains($0.name) }
        for name in names + others.map(\.name).prefix(Self.fileLimit) {
            let path = "\(folder)/\(name)"
            guard seen.insert(Self.identity(path)).inserted else { continue }
            parts.append(Self.described(path, name: name))
        }
        if others.count > Self.fileLimit {
            parts.append("… and \(others.count - Self.fileLimit) more files and folders")
        }
        var text = ""
        for part in parts {
            guard text.count + part.count <= Self.limit else {
                text += "\n… the rest of the files is left out\n"
                break
            }
            text += (text.isEmpty ? "" : "\n") + part
        }
        self.text = text
    }

    /// The same file under two names counts once.
    private static func identity(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return path }
        return "\(status.st_dev):\(status.st_ino)"
    }

    private static func described(_ path: String, name: String) -> String {
        if FolderListing.isFolder(path) { return folder(path, name: name) }
        let lowered = name.lowercased()
        if lowered.hasSuffix(".csv"), let table = try? CSVFile(path: path) {
            return TablePreview(table, name: name, isSample: name == MountFile.sample).text
        }
        let size = FolderListing.byteCount(path)
        guard [".txt", ".md", ".json", ".yaml", ".yml", ".tsv"].contains(where: lowered.hasSuffix) else {
            return "`\(name)`: \(size) bytes\n"
        }
        // The description is in the prompt already.
        if lowered.hasPrefix("description") { return "`\(name)`: the competition's text\n" }
        return "`\(name)`: \(size) bytes, begins\n\n```\n\(beginning(of: path))\n```\n"
    }

    private static func beginning(of path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        let bytes = (try? file.read(upToCount: 400)) ?? Data()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").prefix(5).joined(separator: "\n")
    }

    private static func folder(_ path: String, name: String) -> String {
        guard let files = try? FolderListing.files(below: path), !files.isEmpty else { return "`\(name)/`: empty\n" }
        var counts: [String: Int] = [:]
        for file in files {
            let last = file.split(separator: "/").last.map(String.init) ?? file
            let ending = last.contains(".") ? "." + (last.split(separator: ".").last ?? "").lowercased() : "no ending"
            counts[ending, default: 0] += 1
        }
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = sorted.prefix(8).map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
        let looked = files.prefix(500)
        let bytes = looked.reduce(0) { $0 + FolderListing.byteCount("\(path)/\($1)") } / looked.count
        let examples = files.prefix(3).map { "`\(name)/\($0)`" }.joined(separator: ", ")
        return "`\(name)/`: \(files.count) files (\(shown)), about \(bytes) bytes each, such as \(examples)\n"
    }
}

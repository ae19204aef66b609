import Blobs
import Foundation
import Vocabulary

/// Fills a folder with the files of one mount and makes its manifest.
///
/// All files it writes are read-only and bear the same date. Files up to `largestCopy` are copied, so that a script
/// that writes into its input cannot harm the owner's folder; larger ones are linked where the file system allows.
struct MountBuilder {
    static let largestCopy = 32 << 20
    /// 2000-01-01, for every file alike.
    private static let date = Date(timeIntervalSince1970: 946_684_800)

    /// Where the files are put now.
    let folder: String
    /// Where the mount will be in the end.
    let finalPath: String
    private var contents: [String: (byteCount: Int, hash: ContentHash)] = [:]

    init(folder: String, finalPath: String) throws(TaskError) {
        self.folder = folder
        self.finalPath = finalPath
        try Self.makeFolder(folder)
    }

    func has(_ name: String) -> Bool { contents[name] != nil }

    /// Writes a file whose records `fill` hands over one by one.
    mutating func write(
        _ name: String, _ fill: (_ record: ((inout CSVWriter) -> Void) -> Void) -> Void
    ) throws(TaskError) {
        let path = folder + "/" + name
        try attempt(path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw CocoaError(.fileWriteUnknown)
            }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            defer { try? file.close() }
            var writer = CSVWriter()
            var failure: (any Error)?
            fill { body in
                body(&writer)
                guard writer.bytes.count >= 1 << 20, failure == nil else { return }
                do { try file.write(contentsOf: Data(writer.takeBytes())) } catch { failure = error }
            }
            if let failure { throw failure }
            try file.write(contentsOf: Data(writer.takeBytes()))
        }
        try seal(name)
    }

    /// Writes a text.
    mutating func write(_ name: String, text: String) throws(TaskError) {
        let path = folder + "/" + name
        try makeParent(of: path)
        try attempt(path) { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
        try seal(name)
    }

    /// Gives a file of the mount a second name.
    mutating func alias(_ name: String, for existing: String) throws(TaskError) {
        guard name != existing, !has(name), let content = contents[existing] else { return }
        let path = folder + "/" + name
        try makeParent(of: path)
        let source = folder + "/" + existing
        try attempt(path) { try FileManager.default.linkItem(atPath: source, toPath: path) }
        contents[name] = content
    }

    /// Puts one of the owner's files into the mount.
    mutating func place(_ source: String, as name: String) throws(TaskError) {
        guard !has(name) else { return }
        let real = URL(fileURLWithPath: source).resolvingSymlinksInPath().path
        let path = folder + "/" + name
        try makeParent(of: path)
        let isLinked =
            FolderListing.byteCount(real) > Self.largestCopy
            && FileHashes.shared.link(real, as: path)
        if isLinked {
            contents[name] = (FolderListing.byteCount(path), try TaskInventory.hash(path))
        } else {
            try attempt(path) { try FileManager.default.copyItem(atPath: real, toPath: path) }
            try seal(name)
        }
    }

    /// The finished mount.
    func mount() -> Mount {
        let files = contents.map { DataManifest.File(name: $0, byteCount: $1.byteCount, hash: $1.hash) }
        return Mount(manifest: DataManifest(files).hash, path: finalPath)
    }

    // MARK: Small things

    private mutating func seal(_ name: String) throws(TaskError) {
        let path = folder + "/" + name
        try attempt(path) {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o444, .modificationDate: Self.date], ofItemAtPath: path)
        }
        contents[name] = (FolderListing.byteCount(path), try TaskInventory.hash(path))
    }

    private func makeParent(of path: String) throws(TaskError) {
        try Self.makeFolder((path as NSString).deletingLastPathComponent)
    }

    static func makeFolder(_ path: String, mode: Int = 0o755) throws(TaskError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        } catch {
            throw TaskError(.inaccessibleFile, "\(path) cannot be made: check that its folder may be written.")
        }
    }

    private func attempt(_ path: String, _ body: () throws -> Void) throws(TaskError) {
        do {
            try body()
        } catch {
            throw TaskError(
                .inaccessibleFile, "\(path) cannot be written: check free space and that its folder may be written.")
        }
    }
}

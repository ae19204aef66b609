import Blobs
import Foundation
import Subprocess
import SystemPackage
import Tasks
import Vocabulary

/// Competition folders as Kaggle hands them out: zipped tables are unpacked beside the others, into a folder of ours.
enum TaskArchives {
    /// The most that the archives of one folder may unpack to, in bytes.
    private static let limit = 200 << 30

    /// Reads a competition's folder, unpacking zipped tables first.
    ///
    /// - Parameter state: where the unpacked folder is kept, so that it is made once.
    static func read(_ path: String, state: StateFolder) async throws -> TaskFolder {
        let folder = URL(fileURLWithPath: path).standardizedFileURL.path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let archives = names.filter { $0.lowercased().hasSuffix(".csv.zip") }.sorted()
        guard !archives.isEmpty else { return try TaskFolder.read(folder) }
        return try TaskFolder.read(try await unpacked(folder, archives, among: names, state: state))
    }

    private static func unpacked(
        _ folder: String, _ archives: [String], among names: [String], state: StateFolder
    ) async throws -> String {
        let hashes = try archives.map { try Hashing.hash(fileAt: "\(folder)/\($0)").rawValue }
        let key = Hashing.hash("\(folder)\n\(names.sorted())\n\(hashes)".utf8).short
        // The folder's name is the task's name.
        let target = "\(state.path)/unpacked/\(key)/\((folder as NSString).lastPathComponent)"
        try FileManager.default.createDirectory(
            atPath: "\(state.path)/unpacked", withIntermediateDirectories: true)
        let lock = FolderLock.waiting(path: "\(state.path)/unpacked/lock")
        defer { lock?.release() }
        if FileManager.default.fileExists(atPath: target) { return target }
        let partial = "\(state.path)/unpacked/\(key).part"
        try? FileManager.default.removeItem(atPath: partial)
        try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
        for name in names where !archives.contains(name) {
            try FileManager.default.createSymbolicLink(
                atPath: "\(partial)/\(name)", withDestinationPath: "\(folder)/\(name)")
        }
        for archive in archives { try await unpack("\(folder)/\(archive)", into: partial) }
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: partial, toPath: target)
        return target
    }

    private static func unpack(_ archive: String, into folder: String) async throws {
        let size = try await unzip(["-Zt", archive]).split(separator: " ").compactMap { Int($0) }.dropFirst().first
        guard let size, size <= limit else {
            throw InputError("\(archive): unpacks to more than \(limit >> 30) GiB; unpack it by hand")
        }
        // Without the folders inside the archive, so that no entry can lead elsewhere.
        _ = try await unzip(["-qq", "-n", "-j", archive, "-d", folder])
    }

    private static func unzip(_ arguments: [String]) async throws -> String {
        do {
            let result = try await Subprocess.run(
                .name("unzip"), arguments: Arguments(arguments), output: .string(limit: 1 << 16),
                error: .string(limit: 1 << 16))
            guard result.terminationStatus.isSuccess else {
                let archive = arguments.first { $0.hasPrefix("/") } ?? ""
                throw InputError("cannot unpack \(archive): \(result.standardError)", isUnusableTask: true)
            }
            return result.standardOutput
        } catch let error as SubprocessError {
            throw InputError("zipped tables need the program unzip (Debian: apt-get install unzip): \(error)")
        }
    }
}

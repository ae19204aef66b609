import Blobs
import Foundation
import Subprocess
import SystemPackage
import Tasks
import Vocabulary

/// Competition folders as download pages hand them out: packed tables are unpacked beside the others, into a folder of
/// ours.
enum TaskArchives {
    /// The most that one zip archive may unpack to, in bytes; what gzip says of sizes is not to be relied on.
    private static let limit = 200 << 30

    /// Reads a competition's folder, unpacking its tables first.
    ///
    /// - Parameter state: where the unpacked folder is kept, so that it is made once.
    static func read(_ path: String, state: StateFolder) async throws -> TaskFolder {
        let folder = URL(fileURLWithPath: path).standardizedFileURL.path
        var archives: [String] = []
        for archive in PackedTables.archives(in: folder) where try await holdsTable("\(folder)/\(archive)") {
            archives.append(archive)
        }
        guard !archives.isEmpty else { return try TaskFolder.read(folder) }
        return try TaskFolder.read(try await unpacked(folder, archives, state: state))
    }

    private static func unpacked(_ folder: String, _ archives: [String], state: StateFolder) async throws -> String {
        let tree = ArchiveTree(folder: folder, archives: archives)
        let hashes = try archives.map { try Hashing.hash(fileAt: "\(folder)/\($0)").rawValue }
        let key = Hashing.hash("\(folder)\n\(tree.links)\n\(archives)\n\(hashes)".utf8).short
        // The folder's name is the task's name.
        let target = "\(state.path)/unpacked/\(key)/\((folder as NSString).lastPathComponent)"
        try FileManager.default.createDirectory(
            atPath: "\(state.path)/unpacked", withIntermediateDirectories: true)
        let lock = FolderLock.waiting(path: "\(state.path)/unpacked/lock")
        defer { lock?.release() }
        if FileManager.default.fileExists(atPath: target) { return target }
        let partial = "\(state.path)/unpacked/\(key).part"
        try? FileManager.default.removeItem(atPath: partial)
        for place in tree.folders {
            try FileManager.default.createDirectory(atPath: "\(partial)/\(place)", withIntermediateDirectories: true)
        }
        for name in tree.links {
            try FileManager.default.createSymbolicLink(
                atPath: "\(partial)/\(name)", withDestinationPath: "\(folder)/\(name)")
        }
        for archive in archives {
            let place = (archive as NSString).deletingLastPathComponent
            try await unpack("\(folder)/\(archive)", into: place.isEmpty ? partial : "\(partial)/\(place)")
        }
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: partial, toPath: target)
        return target
    }

    // MARK: One archive

    /// `train.zip` may hold pictures as well; what names its table is taken at its word.
    private static func holdsTable(_ archive: String) async throws -> Bool {
        let name = archive.lowercased()
        guard !name.hasSuffix(".csv.zip"), !name.hasSuffix(".csv.gz") else { return true }
        let listing = try await call("unzip", ["-Z1", "-C", archive, "*.csv"])
        // That the pattern matches nothing is said by the status 11.
        guard listing.code != 11 else { return false }
        return try listing.output(of: archive).split(separator: "\n").contains {
            PackedTables.isTable(($0 as NSString).lastPathComponent)
        }
    }

    private static func unpack(_ archive: String, into folder: String) async throws {
        guard !archive.lowercased().hasSuffix(".gz") else {
            let copy = "\(folder)/\((archive as NSString).lastPathComponent)"
            let source = URL(fileURLWithPath: archive).resolvingSymlinksInPath().path
            try FileManager.default.copyItem(atPath: source, toPath: copy)
            _ = try await call("gzip", ["-d", "-f", copy]).output(of: archive)
            return
        }
        let sizes = try await call("unzip", ["-Zt", archive]).output(of: archive)
        guard let size = sizes.split(separator: " ").compactMap({ Int($0) }).dropFirst().first, size <= limit else {
            throw InputError("\(archive): unpacks to more than \(limit >> 30) GiB; unpack it by hand")
        }
        // Without the folders inside the archive, so that no entry can lead elsewhere.
        let arguments = ["-qq", "-n", "-j", "-C", archive, "*.csv", "-x", "__MACOSX/*", "-d", folder]
        _ = try await call("unzip", arguments).output(of: archive)
    }

    private struct Answer {
        let code: Int32?
        let output: String
        let errors: String

        /// What was printed, or an error that says why the archive is of no use.
        func output(of archive: String) throws -> String {
            guard code != 0 else { return output }
            let words = (errors.isEmpty ? output : errors).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let reason = words.isEmpty ? code.map { "status \($0)" } ?? "it was interrupted" : String(words.prefix(400))
            throw InputError(
                "cannot unpack \(archive): \(reason). Fetch it again, or put the unpacked table in its place",
                isUnusableTask: true)
        }
    }

    private static func call(_ program: String, _ arguments: [String]) async throws -> Answer {
        do {
            let result = try await Subprocess.run(
                .name(program), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16))
            let code: Int32? = if case .exited(let code) = result.terminationStatus { code } else { nil }
            return Answer(code: code, output: result.standardOutput, errors: result.standardError)
        } catch let error as SubprocessError {
            throw InputError("packed tables need the program \(program) (Debian: apt-get install \(program)): \(error)")
        }
    }
}

/// The folders that must be made and the entries that can be linked so that archives can be unpacked among them.
private struct ArchiveTree {
    /// Relative to the folder; the root is empty.
    private(set) var folders: [String] = []
    private(set) var links: [String] = []

    init(folder: String, archives: [String]) {
        let places = Set(archives.map { ($0 as NSString).deletingLastPathComponent })
        collect("", below: folder, places, Set(archives))
    }

    private mutating func collect(
        _ place: String, below folder: String, _ places: Set<String>, _ archives: Set<String>
    ) {
        folders.append(place)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(place)")) ?? []
        for name in names.sorted() {
            let path = place.isEmpty ? name : "\(place)/\(name)"
            if archives.contains(path) { continue }
            if places.contains(where: { $0 == path || $0.hasPrefix(path + "/") }) {
                collect(path, below: folder, places, archives)
            } else {
                links.append(path)
            }
        }
    }
}

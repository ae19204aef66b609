import Dispatch
import Foundation
import Synchronization
public import Vocabulary

/// What a mount consists of: names, sizes and hashes of its files. The manifest's own hash names the mount.
///
/// As bytes it is a canonical form titled `mount/1`: for each file its name, and its size and hash.
public struct DataManifest: Hashable, Sendable {
    /// One file.
    public struct File: Hashable, Sendable {
        /// Its path below the mount, `/` between folders.
        public let name: String
        /// Its size in bytes.
        public let byteCount: Int
        /// The hash of its content.
        public let hash: ContentHash

        /// A file.
        public init(name: String, byteCount: Int, hash: ContentHash) {
            self.name = name
            self.byteCount = byteCount
            self.hash = hash
        }
    }

    /// The files, by name.
    public let files: [File]

    /// The largest manifest read, in bytes.
    public static let largestBytes = 64 << 20
    /// The most files of one mount.
    public static let mostFiles = 500_000
    private static let title = "mount/1"
    /// 8 TiB: the sizes of all files together stay a number.
    private static let largestFile = 1 << 43
    private static let hashOfNothing = Hashing.hash([UInt8]())

    /// A manifest of files that are known.
    public init(_ files: [File]) {
        self.files = files.sorted { left, right in
            // Two spellings of one character are equal as texts: then their bytes decide.
            guard left.name == right.name else { return left.name < right.name }
            return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
    }

    /// Looks at a folder: every file is read and hashed, a few at a time.
    ///
    /// - Parameter hashes: what is known of files that were read before; `nil` where every byte is to be looked at.
    /// - Throws: `ManifestError` when something in it is no plain file, or what reading throws.
    public init(folder: String, knowing hashes: FileHashes? = nil) throws {
        var found: [FoundFile] = []
        try Self.collect(folder, prefix: "", depth: 0, into: &found)
        self.init(try Self.hashed(found, in: folder, hashes))
    }

    private struct FoundFile {
        let name: String
        let byteCount: Int
    }

    /// Files of which some are being hashed.
    private struct Hashed {
        var next = 0
        var files: [File] = []
        var failure: (any Error)?

        mutating func take(of found: [FoundFile]) -> FoundFile? {
            guard failure == nil, next < found.count else { return nil }
            defer { next += 1 }
            return found[next]
        }
    }

    /// Files hashed at once: whoever waits for them waits for less, and jobs keep most of a machine's cores.
    private static let hashedAtOnce = 4

    private static func hashed(_ found: [FoundFile], in folder: String, _ hashes: FileHashes?) throws -> [File] {
        let hashed = Mutex(Hashed())
        DispatchQueue.concurrentPerform(iterations: min(hashedAtOnce, found.count)) { _ in
            while let file = hashed.withLock({ $0.take(of: found) }) {
                do {
                    let path = "\(folder)/\(file.name)"
                    let hash = try hashes?.hash(fileAt: path) ?? Hashing.hash(fileAt: path)
                    hashed.withLock {
                        $0.files.append(File(name: file.name, byteCount: file.byteCount, hash: hash))
                    }
                } catch {
                    hashed.withLock { $0.failure = error }
                }
            }
        }
        return try hashed.withLock { hashed in
            if let failure = hashed.failure { throw failure }
            return hashed.files
        }
    }

    /// Reads a manifest that came from outside.
    ///
    /// - Throws: `ManifestError` for a name that would lie outside the mount or twice in it, a size that cannot be,
    ///   alone or with its hash, or too much of anything.
    public init(decoding bytes: [UInt8]) throws(ManifestError) {
        guard bytes.count <= Self.largestBytes else {
            throw ManifestError("a manifest has at most \(Self.largestBytes) bytes, not \(bytes.count)")
        }
        var reader = FormReader(bytes[...])
        guard try reader.next() == Self.title else { throw ManifestError("no manifest of the kind '\(Self.title)'") }
        var files: [File] = []
        while let name = try reader.next() {
            guard files.count < Self.mostFiles else {
                throw ManifestError("a mount has at most \(Self.mostFiles) files")
            }
            files.append(try Self.file(name, try reader.next() ?? ""))
        }
        try Self.checkPlaces(files)
        self.files = files
    }

    /// The manifest as bytes.
    public var bytes: [UInt8] {
        var form = CanonicalForm(Self.title)
        for file in files { form.append(file.name, "\(file.byteCount) \(file.hash.rawValue)") }
        return form.bytes
    }

    /// What names the mount.
    public var hash: ContentHash { Hashing.hash(bytes) }

    private static func file(_ name: String, _ content: String) throws(ManifestError) -> File {
        // By bytes, as a file system does it: in a text, a slash and a combining mark are one character.
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isSound = parts.allSatisfy {
            (1...255).contains($0.count) && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
                && !$0.contains(0)
        }
        guard isSound, parts.count <= 32, name.utf8.count <= 4_000 else {
            throw ManifestError("a file's name must lie below the mount, not '\(name.prefix(200))'")
        }
        let words = content.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let byteCount = Int(words[0]), (0...largestFile).contains(byteCount),
            let hash = ContentHash(checking: String(words[1]))
        else { throw ManifestError("'\(name.prefix(200))' has no sensible size and hash") }
        guard (byteCount == 0) == (hash == hashOfNothing) else {
            throw ManifestError("'\(name.prefix(200))' has the size or the hash of an empty file, but not both")
        }
        return File(name: name, byteCount: byteCount, hash: hash)
    }

    /// No name twice, none that is a file and a folder, no hash with two sizes.
    private static func checkPlaces(_ files: [File]) throws(ManifestError) {
        // By their bytes: to a file system, two spellings of one character are two names.
        let names = Set(files.map { Array($0.name.utf8) })
        var sizes: [ContentHash: Int] = [:]
        guard names.count == files.count else { throw ManifestError("a file's name occurs twice") }
        for file in files {
            let bytes = Array(file.name.utf8)
            for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "/") {
                if names.contains(Array(bytes[..<index])) {
                    throw ManifestError("'\(file.name.prefix(200))' lies below a file")
                }
            }
            if sizes.updateValue(file.byteCount, forKey: file.hash).map({ $0 != file.byteCount }) == true {
                throw ManifestError("the hash \(file.hash.short) has two sizes")
            }
        }
    }

    private static func collect(
        _ folder: String, prefix: String, depth: Int, into files: inout [FoundFile]
    ) throws {
        guard depth < 32 else { throw ManifestError("\(folder) nests more than 32 folders deep") }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { throw ManifestError("\(path) cannot be looked at") }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try collect(path, prefix: "\(prefix)\(name)/", depth: depth + 1, into: &files)
            case S_IFREG:
                guard files.count < mostFiles else { throw ManifestError("\(folder): more than \(mostFiles) files") }
                files.append(FoundFile(name: prefix + name, byteCount: Int(status.st_size)))
            default: throw ManifestError("\(path) is no plain file")
            }
        }
    }
}

/// Why some bytes are no manifest, or a folder has none.
public struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Reads the texts of a canonical form one after the other.
private struct FormReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next text; `nil` at the end.
    mutating func next() throws(ManifestError) -> String? {
        guard !rest.isEmpty else { return nil }
        let damaged = ManifestError("the manifest is damaged")
        guard let colon = rest.prefix(20).firstIndex(of: UInt8(ascii: ":")),
            let count = Int(String(decoding: rest[rest.startIndex..<colon], as: UTF8.self)), count >= 0,
            count <= rest.endIndex - colon - 1
        else { throw damaged }
        let start = colon + 1
        guard let text = String(validating: rest[start..<start + count], as: UTF8.self) else { throw damaged }
        rest = rest[(start + count)...]
        return text
    }
}

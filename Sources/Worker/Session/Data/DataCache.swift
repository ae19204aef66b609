import Blobs
import Foundation
import Vocabulary

/// Data on a worker's disk: files under their hashes, and for each manifest a folder in which they bear their names.
///
/// A folder's files are hard links: mounts share what they have in common, and a job gets a folder without a copy. All
/// in it is read-only. Not thread-safe.
struct DataCache {
    private let folder: String
    /// What may lie here, in bytes.
    let limit: Int
    /// Hashes of files that grow, as far as all of a file came in this process.
    private var running: [ContentHash: RunningHash] = [:]
    /// 2000-01-01, for every file alike: the date they have where they come from.
    private static let date = Date(timeIntervalSince1970: 946_684_800)

    /// Opens a cache, making its folders; what an earlier process left unfinished goes on or is removed.
    ///
    /// - Parameter boot: what names the time since the machine was started.
    init(folder: String, limit: Int, boot: Data = FolderProofs.boot) throws {
        self.folder = folder
        self.limit = limit
        for name in ["files", "partial", "mounts", "manifests"] {
            try Self.makeFolder("\(folder)/\(name)")
        }
        for name in names(in: "mounts") where ContentHash(checking: name) == nil { remove("mounts/\(name)") }
        try doubtFiles(unlessIn: boot)
        removeLeftManifests()
    }

    /// After a start of the machine every file is to be hashed before another mount gets it: what was not flushed may be
    /// lost. Mounts keep their names of it.
    private func doubtFiles(unlessIn boot: Data) throws {
        guard FileManager.default.contents(atPath: "\(folder)/boot") != boot else { return }
        for blob in blobs(in: "files") {
            guard rename(blob.path, partial(of: blob.hash)) == 0 else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
        }
        // Last: a process that is killed here does it again.
        try DurableFile.write(boot, to: "\(folder)/boot")
    }

    /// Removes manifests that have no mount and no file that came for them, and what a killed process was writing.
    private func removeLeftManifests() {
        for name in names(in: ".") where name.hasSuffix(".part") { remove(name) }
        let single = Set((blobs(in: "files") + blobs(in: "partial")).filter { $0.names == 1 }.map(\.hash))
        for name in names(in: "manifests") {
            guard let hash = ContentHash(checking: name) else {
                remove("manifests/\(name)")
                continue
            }
            guard mount(of: hash) == nil else { continue }
            let isBegun = manifest(of: hash)?.files.contains { single.contains($0.hash) } ?? false
            if !isBegun { remove("manifests/\(name)") }
        }
    }

    /// The manifests whose files are all here, the longest unused first.
    var manifests: [ContentHash] {
        names(in: "mounts").compactMap { ContentHash(checking: $0) }
            .map { (Self.status("\(folder)/manifests/\($0)")?.st_mtim ?? timespec(), $0) }
            .sorted { ($0.0.tv_sec, $0.0.tv_nsec, $0.1) < ($1.0.tv_sec, $1.0.tv_nsec, $1.1) }.map(\.1)
    }

    /// Where the files of a manifest lie, if they do.
    func mount(of manifest: ContentHash) -> String? {
        let path = "\(folder)/mounts/\(manifest)"
        return Self.status(path) == nil ? nil : path
    }

    /// A mount is used: others are removed before it.
    func touch(_ manifest: ContentHash) { utimes("\(folder)/manifests/\(manifest)", nil) }

    /// A manifest that was kept.
    func manifest(of hash: ContentHash) -> DataManifest? {
        guard let content = FileManager.default.contents(atPath: "\(folder)/manifests/\(hash)"),
            Hashing.hash(content) == hash
        else { return nil }
        return try? DataManifest(decoding: Array(content))
    }

    /// Keeps a manifest, so that a fetch that is cut can go on.
    func keep(_ bytes: Data, of manifest: ContentHash) throws {
        try DurableFile.write(bytes, to: "\(folder)/manifests/\(manifest)")
    }

    /// The files of a manifest that are not here, with what is here of them.
    func missing(of manifest: DataManifest) -> [DataFetch.Blob] {
        var seen: Set<ContentHash> = []
        return manifest.files.compactMap { file in
            guard seen.insert(file.hash).inserted,
                Self.status(path(of: file.hash)).map({ Int($0.st_size) }) != file.byteCount
            else { return nil }
            return DataFetch.Blob(hash: file.hash, byteCount: file.byteCount, have: begun(file))
        }
    }

    /// How much of a file is here; one with which it cannot go on is thrown away.
    private func begun(_ file: DataManifest.File) -> Int {
        let partial = partial(of: file.hash)
        guard let status = Self.status(partial) else { return 0 }
        let here = Int(status.st_size)
        // One that was whole before the power was cut and is now shorter is not written to: mounts have it, too.
        if here == file.byteCount || here < file.byteCount && status.st_mode & S_IWUSR != 0 { return here }
        unlink(partial)
        return 0
    }

    /// Puts bytes behind those of a file that are here.
    mutating func append(_ bytes: Data, to blob: ContentHash) throws {
        let file = open(partial(of: blob), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(file) }
        let before = lseek(file, 0, SEEK_END)
        try bytes.withUnsafeBytes { memory in
            var done = 0
            while done < memory.count {
                let count = write(file, memory.baseAddress.map { $0 + done }, memory.count - done)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    let error = POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
                    // All of it or nothing: it may be tried again.
                    ftruncate(file, before)
                    throw error
                }
                done += count
            }
        }
        if before == 0 { running[blob] = RunningHash() }
        running[blob]?.update(bytes)
    }

    /// Throws away what is here of a file that is not complete.
    mutating func discard(_ blob: ContentHash) {
        unlink(partial(of: blob))
        running[blob] = nil
    }

    /// Whether a complete file is what its name says; then it is kept, otherwise thrown away.
    mutating func check(_ blob: ContentHash) throws -> Bool {
        let partial = partial(of: blob)
        if Self.status(partial) == nil { _ = FileManager.default.createFile(atPath: partial, contents: nil) }
        let size = Self.status(partial).map { Int($0.st_size) } ?? 0
        let known = running.removeValue(forKey: blob)
        let found = known?.byteCount == size ? known?.hash : try Hashing.hash(fileAt: partial)
        guard found == blob else {
            unlink(partial)
            return false
        }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o444, .modificationDate: Self.date], ofItemAtPath: partial)
        let path = path(of: blob)
        try Self.makeFolder((path as NSString).deletingLastPathComponent)
        guard rename(partial, path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return true
    }

    /// Makes the folder of a manifest whose files are all here.
    func build(_ manifest: DataManifest, as hash: ContentHash) throws -> String {
        let unfinished = "mounts/\(hash).new"
        remove(unfinished)
        try Self.makeFolder("\(folder)/\(unfinished)")
        var folders: Set<[UInt8]> = []
        for file in manifest.files {
            try Self.makeFolders(of: file.name, below: "\(folder)/\(unfinished)", except: &folders)
            let target = "\(folder)/\(unfinished)/\(file.name)"
            guard link(path(of: file.hash), target) != 0 else { continue }
            // A file has a largest number of names.
            try FileManager.default.copyItem(atPath: path(of: file.hash), toPath: target)
        }
        let final = "\(folder)/mounts/\(hash)"
        guard rename("\(folder)/\(unfinished)", final) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        touch(hash)
        return final
    }

    /// Forgets a manifest: what it has in common with others stays.
    mutating func forget(_ manifest: ContentHash) {
        remove("mounts/\(manifest)")
        unlink("\(folder)/manifests/\(manifest)")
    }

    /// Forgets a manifest with its files, which are not to be trusted.
    ///
    /// - Parameter isUsed: whether jobs run on its mount; then that stays, under another name, until `removeOld`.
    mutating func distrust(_ manifest: ContentHash, isUsed: Bool) {
        for file in self.manifest(of: manifest)?.files ?? [] { unlink(path(of: file.hash)) }
        if isUsed {
            let mount = "\(folder)/mounts/\(manifest)"
            rename(mount, "\(mount).old-\(oldMounts(of: manifest).count + 1)")
        }
        forget(manifest)
    }

    /// No job runs any more on what was a manifest's mount.
    func removeOld(_ manifest: ContentHash) {
        for name in oldMounts(of: manifest) { remove("mounts/\(name)") }
    }

    private func oldMounts(of manifest: ContentHash) -> [String] {
        names(in: "mounts").filter { $0.hasPrefix("\(manifest).old-") }
    }

    /// Whether an error says that the disk is full.
    static func isFull(_ error: any Error) -> Bool {
        if let error = error as? POSIXError { return error.code == .ENOSPC || error.code == .EDQUOT }
        return (error as? CocoaError)?.code == .fileWriteOutOfSpace
    }

    /// Removes what was not used for longest until so many bytes fit; nothing, where all of it would not be enough.
    ///
    /// - Parameters:
    ///   - spared: mounts that are used.
    ///   - wanted: files that are fetched now.
    mutating func makeRoom(
        for bytes: Int, sparing spared: Set<ContentHash>, wanted: Set<ContentHash>
    ) throws(CacheError) {
        guard occupied > limit - bytes else { return }
        try checkRoom(for: bytes, sparing: spared, wanted: wanted)
        removeUnused(sparing: wanted)
        for manifest in manifests where !spared.contains(manifest) {
            guard occupied > limit - bytes else { return }
            forget(manifest)
            removeUnused(sparing: wanted)
        }
        let left = occupied
        guard left <= limit - bytes else { throw noRoom(for: bytes, beside: left, isPassing: false) }
    }

    /// Removes all that is not used or wanted.
    mutating func removeAll(sparing spared: Set<ContentHash>, wanted: Set<ContentHash>) {
        for manifest in manifests where !spared.contains(manifest) { forget(manifest) }
        removeUnused(sparing: wanted)
    }

    private func checkRoom(
        for bytes: Int, sparing spared: Set<ContentHash>, wanted: Set<ContentHash>
    ) throws(CacheError) {
        let blobs = blobs(in: "partial") + blobs(in: "files")
        let here = blobs.reduce(0) { $0 + (wanted.contains($1.hash) ? $1.size : 0) }
        guard here <= limit - bytes else { throw noRoom(for: bytes, beside: here, isPassing: false) }
        let used = wanted.union(
            spared.filter { mount(of: $0) != nil }.flatMap { manifest(of: $0)?.files.map(\.hash) ?? [] })
        let kept = blobs.reduce(0) { $0 + (used.contains($1.hash) ? $1.size : 0) }
        guard kept <= limit - bytes else { throw noRoom(for: bytes, beside: kept, isPassing: true) }
    }

    private func noRoom(for bytes: Int, beside used: Int, isPassing: Bool) -> CacheError {
        CacheError(
            "the data needs \(bytes >> 20) MiB more, and \(used >> 20) MiB of \(limit >> 20) MiB are in use; "
                + "start the worker with a larger --cache-mib", isPassing: isPassing)
    }

    /// Bytes of all files here.
    var occupied: Int {
        blobs(in: "partial").reduce(0) { $0 + $1.size } + blobs(in: "files").reduce(0) { $0 + $1.size }
    }

    /// Files that no mount has, and beginnings of files that nobody waits for.
    private mutating func removeUnused(sparing wanted: Set<ContentHash>) {
        for blob in blobs(in: "files") where blob.names == 1 && !wanted.contains(blob.hash) { unlink(blob.path) }
        for blob in blobs(in: "partial") where blob.names == 1 && !wanted.contains(blob.hash) {
            unlink(blob.path)
            running[blob.hash] = nil
        }
    }

    private func blobs(in place: String) -> [(hash: ContentHash, path: String, size: Int, names: Int)] {
        let paths = names(in: place).flatMap { name -> [String] in
            name.utf8.count == 2 ? names(in: "\(place)/\(name)").map { "\(name)/\($0)" } : [name]
        }
        return paths.compactMap { path in
            let whole = "\(folder)/\(place)/\(path)"
            guard let hash = ContentHash(checking: String(path.suffix(64))), let status = Self.status(whole) else {
                return nil
            }
            return (hash, whole, Int(status.st_size), Int(status.st_nlink))
        }
    }

    private func path(of blob: ContentHash) -> String { "\(folder)/files/\(blob.rawValue.prefix(2))/\(blob)" }

    private func partial(of blob: ContentHash) -> String { "\(folder)/partial/\(blob)" }

    private func names(in place: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(place)")) ?? []).sorted()
    }

    private func remove(_ place: String) { try? FileManager.default.removeItem(atPath: "\(folder)/\(place)") }

    private static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    /// The folders above a file, outer ones first.
    ///
    /// By bytes, as a file system does it: in a text, a slash and a combining mark are one character, and two spellings of
    /// one character are equal.
    private static func makeFolders(of name: String, below root: String, except made: inout Set<[UInt8]>) throws {
        var path = root
        for part in name.utf8.split(separator: UInt8(ascii: "/")).dropLast() {
            path += "/\(Substring(part))"
            if made.insert(Array(path.utf8)).inserted { try makeFolder(path) }
        }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }
}

/// Why data finds no room.
struct CacheError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    let description: String
    /// Whether there is room when jobs that run now have ended.
    let isPassing: Bool

    init(_ description: String, isPassing: Bool) {
        self.description = description
        self.isPassing = isPassing
    }
}

import Blobs
import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Session

@Suite("Data on a worker's disk", .timeLimit(.minutes(5)))
struct DataCacheTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func manifest(_ files: KeyValuePairs<String, String>) -> DataManifest {
        DataManifest(
            files.map { name, text in
                DataManifest.File(name: name, byteCount: text.utf8.count, hash: Hashing.hash(text.utf8))
            })
    }

    /// Puts all files of a mount into a cache.
    @discardableResult
    private func fill(_ cache: inout DataCache, with files: KeyValuePairs<String, String>) throws -> ContentHash {
        let manifest = manifest(files)
        try cache.keep(Data(manifest.bytes), of: manifest.hash)
        let missing = Set(cache.missing(of: manifest).map(\.hash))
        for (_, text) in files where missing.contains(Hashing.hash(text.utf8)) {
            try cache.append(Data(text.utf8), to: Hashing.hash(text.utf8))
            #expect(try cache.check(Hashing.hash(text.utf8)))
        }
        _ = try cache.build(manifest, as: manifest.hash)
        return manifest.hash
    }

    @Test("names are parted by bytes: a combining mark may follow a slash, and two spellings are two folders")
    func names() throws {
        var cache = try DataCache(folder: folder.path, limit: 1 << 20)
        let files: KeyValuePairs = ["a/\u{301}x": "1", "a/\u{301}/b": "2", "\u{e9}/b": "3", "e\u{301}/b": "4"]
        let hash = try fill(&cache, with: files)
        let path = try #require(cache.mount(of: hash))
        #expect(try DataManifest(folder: path).files.map(\.hash).sorted() == manifest(files).files.map(\.hash).sorted())
    }

    @Test("after a start of the machine a file is hashed before another mount gets it, and mounts keep their files")
    func newBoot() throws {
        var cache = try DataCache(folder: folder.path, limit: 1 << 20, boot: Data("1".utf8))
        let files: KeyValuePairs = ["whole": "123", "lost": "456", "short": "789"]
        let hash = try fill(&cache, with: files)
        #expect(
            try DataCache(folder: folder.path, limit: 1 << 20, boot: Data("1".utf8)).missing(of: manifest(files)) == [])
        let path = try #require(cache.mount(of: hash))
        for (name, text) in [("lost", "\0\0\0"), ("short", "7")] {
            chmod("\(path)/\(name)", 0o644)
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
            chmod("\(path)/\(name)", 0o444)
        }
        // In the same time since the start, a size says so, too.
        #expect(cache.missing(of: manifest(files)).map(\.hash) == [Hashing.hash("789".utf8)])
        var later = try DataCache(folder: folder.path, limit: 1 << 20, boot: Data("2".utf8))
        let missing = later.missing(of: manifest(files))
        #expect(missing.map(\.byteCount) == [3, 3, 3] && missing.map(\.have) == [3, 0, 3])
        #expect(try later.check(Hashing.hash("123".utf8)) && !later.check(Hashing.hash("456".utf8)))
        for text in ["456", "789"] {
            try later.append(Data(text.utf8), to: Hashing.hash(text.utf8))
            #expect(try later.check(Hashing.hash(text.utf8)))
        }
        // The old mount is as it was: its own proof must find that out.
        #expect(FileManager.default.contents(atPath: "\(path)/short") == Data("7".utf8))
        #expect(FileManager.default.contents(atPath: "\(path)/whole") == Data("123".utf8))
    }

    @Test("a file in doubt that a mount has is counted, and stays as long as the mount")
    func doubtedRoom() throws {
        var cache = try DataCache(folder: folder.path, limit: 10, boot: Data("1".utf8))
        let hash = try fill(&cache, with: ["a": "12345"])
        var later = try DataCache(folder: folder.path, limit: 10, boot: Data("2".utf8))
        #expect(throws: CacheError.self) { try later.makeRoom(for: 6, sparing: [hash], wanted: []) }
        #expect(later.occupied == 5)
        try later.makeRoom(for: 6, sparing: [], wanted: [])
        #expect(later.occupied == 0 && later.manifests.isEmpty)
    }

    @Test("what an earlier process left is removed: manifests of nothing, files being written, proofs of other starts")
    func leftovers() throws {
        var cache = try DataCache(folder: folder.path, limit: 1 << 20)
        let built = try fill(&cache, with: ["a": "1"])
        let kept: [DataManifest] = [
            manifest(["b": "22"]), manifest(["a": "1", "c": "3"]), manifest(["d": "4", "a": "1"]),
        ]
        for manifest in kept { try cache.keep(Data(manifest.bytes), of: manifest.hash) }
        try cache.append(Data("2".utf8), to: Hashing.hash("22".utf8))
        try cache.append(Data("4".utf8), to: Hashing.hash("4".utf8))
        #expect(try cache.check(Hashing.hash("4".utf8)))
        for name in ["boot.1.part", "manifests/x.1.part", "proofs/old"] { try folder.write("x", to: name) }
        _ = try DataCache(folder: folder.path, limit: 1 << 20)
        let proofs = try FolderProofs(folder: "\(folder.path)/proofs")
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/manifests")
        #expect(Set(names) == Set([built, kept[0].hash, kept[2].hash].map(\.rawValue)))
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/boot.1.part"))
        let path = try #require(cache.mount(of: built))
        #expect(proofs.holds(path, built))
        let again = try FolderProofs(folder: "\(folder.path)/proofs")
        #expect(again.holds(path, built))
        let starts = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/proofs")
        #expect(starts == [Hashing.hash(FolderProofs.boot).rawValue])
    }

    @Test("what does not fit beside what is used removes nothing, and says whether it may fit later")
    func noRoom() throws {
        var cache = try DataCache(folder: folder.path, limit: 10)
        let (first, second) = (try fill(&cache, with: ["a": "1234"]), try fill(&cache, with: ["b": "567"]))
        func passes(_ bytes: Int, sparing spared: Set<ContentHash>, wanted: Set<ContentHash> = []) -> Bool? {
            do {
                try cache.makeRoom(for: bytes, sparing: spared, wanted: wanted)
                return nil
            } catch {
                return error.isPassing
            }
        }
        #expect(passes(11, sparing: []) == false)
        #expect(passes(8, sparing: [], wanted: [Hashing.hash("567".utf8)]) == false)
        #expect(passes(7, sparing: [first]) == true)
        #expect(passes(4, sparing: [first, second]) == true)
        #expect(Set(cache.manifests) == [first, second] && cache.occupied == 7)
        #expect(passes(6, sparing: [first]) == nil)
        #expect(cache.manifests == [first] && cache.occupied == 4)
    }

    @Test("a mount that is not what it was stays for the jobs that use it, until they have ended or the next process")
    func oldMounts() throws {
        var cache = try DataCache(folder: folder.path, limit: 1 << 20)
        let hash = try fill(&cache, with: ["a": "1"])
        cache.distrust(hash, isUsed: true)
        #expect(cache.mount(of: hash) == nil && cache.missing(of: manifest(["a": "1"])).count == 1)
        try fill(&cache, with: ["a": "1"])
        cache.distrust(hash, isUsed: true)
        try fill(&cache, with: ["a": "1"])
        let names = { try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/mounts").sorted() }
        #expect(try names() == ["\(hash)", "\(hash).old-1", "\(hash).old-2"])
        cache.removeOld(hash)
        #expect(try names() == ["\(hash)"])
        cache.distrust(hash, isUsed: true)
        _ = try DataCache(folder: folder.path, limit: 1 << 20)
        #expect(try names().isEmpty)
        try fill(&cache, with: ["a": "1"])
        cache.distrust(hash, isUsed: false)
        #expect(try names().isEmpty)
    }
}

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
}

import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Blobs

@Suite("Blobs, durable files and locks", .timeLimit(.minutes(5)))
struct BlobStoreTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("the hash is SHA-256")
    func sha256() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Hashing.hash("abc".utf8) == ContentHash(abc))
    }

    @Test("a file's hash is that of its bytes, also over several pieces")
    func fileHash() throws {
        let bytes = [UInt8](repeating: 7, count: 3 << 20)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/f"))
        #expect(try Hashing.hash(fileAt: "\(folder.path)/f") == Hashing.hash(bytes))
    }

    @Test("what is kept is found under its hash, once")
    func keep() throws {
        let store = try BlobStore(folder: "\(folder.path)/blobs")
        let hash = try store.keep(Array("hello".utf8))
        #expect(try store.keep(Array("hello".utf8)) == hash)
        #expect(try store.bytes(of: hash) == Array("hello".utf8))
        #expect(try store.bytes(of: Hashing.hash("other".utf8)) == nil)
    }

    @Test("a damaged blob is an error that names the file")
    func damage() throws {
        let store = try BlobStore(folder: "\(folder.path)/blobs")
        let hash = try store.keep(Array("hello".utf8))
        try Data("tampered".utf8).write(to: URL(fileURLWithPath: store.path(of: hash)))
        let error = #expect(throws: BlobError.self) { try store.bytes(of: hash) }
        #expect(error?.path == store.path(of: hash))
    }

    @Test("a durable write leaves no half-written file when it fails")
    func failedWrite() throws {
        try folder.write("", to: "taken/file")
        #expect(throws: (any Error).self) { try DurableFile.write([1], to: "\(folder.path)/taken") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
    }

    @Test("a folder lock is held by one holder and free after release")
    func lock() throws {
        let path = "\(folder.path)/lock"
        #expect(!FolderLock.isHeld(path: path))
        let lock = try #require(FolderLock(path: path))
        #expect(FolderLock.isHeld(path: path))
        #expect(FolderLock(path: path) == nil)
        #expect(FolderLock.holder(path: path) == ProcessInfo.processInfo.processIdentifier)
        lock.release()
        #expect(FolderLock.holder(path: path) == nil)
        #expect(FolderLock(path: path) != nil)
    }
}

import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Blobs

@Suite("Hashes of files that were read before")
struct FileHashesTests {
    private let folder: TemporaryFolder
    private let hashes = FileHashes()

    init() throws { folder = try TemporaryFolder() }

    private func write(_ text: String, _ name: String = "file") throws -> String {
        try folder.write(text, to: name)
        return "\(folder.path)/\(name)"
    }

    /// Long enough ago that a later change cannot bear the same time.
    private func settle(_ path: String) throws {
        var status = stat()
        while stat(path, &status) == 0,
            Date().timeIntervalSince1970 - Double(status.st_ctim.tv_sec) - Double(status.st_ctim.tv_nsec) / 1e9 < 0.12
        {
            usleep(5_000)
        }
    }

    @Test("a file that has not changed is known, also under another name")
    func known() throws {
        let path = try write("one")
        try FileManager.default.linkItem(atPath: path, toPath: "\(folder.path)/other")
        try settle(path)
        #expect(try hashes.hash(fileAt: path) == Hashing.hash(Array("one".utf8)))
        #expect(hashes.count == 1)
        #expect(try hashes.hash(fileAt: "\(folder.path)/other") == Hashing.hash(Array("one".utf8)))
        #expect(hashes.count == 1)
    }

    @Test("a link that is made here leaves a file known; one that changes afterwards is read again")
    func linked() throws {
        let path = try write("one")
        try settle(path)
        let hash = try hashes.hash(fileAt: path)
        let other = "\(folder.path)/other"
        #expect(hashes.link(path, as: other) && hashes.count == 1)
        #expect(hashes.knows(other) && hashes.knows(path))
        #expect(!hashes.link(path, as: other), "the name is taken")
        #expect(!hashes.link("\(folder.path)/none", as: "\(folder.path)/third"))
        try Data("two".utf8).write(to: URL(fileURLWithPath: path), options: [])
        #expect(!hashes.knows(other))
        #expect(try hashes.hash(fileAt: other) != hash)
    }

    @Test("one that was just changed is not noted; a change is seen though size and date are put back")
    func changed() throws {
        let path = try write("one")
        #expect(try hashes.hash(fileAt: path) == Hashing.hash(Array("one".utf8)))
        #expect(hashes.count == 0)
        try settle(path)
        _ = try hashes.hash(fileAt: path)
        let date = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.write(contentsOf: Data("two".utf8))
        try file.close()
        try FileManager.default.setAttributes([.modificationDate: try #require(date)], ofItemAtPath: path)
        #expect(try hashes.hash(fileAt: path) == Hashing.hash(Array("two".utf8)))
    }

    @Test("a file that is not there is an error")
    func missing() { #expect(throws: (any Error).self) { try hashes.hash(fileAt: "\(folder.path)/none") } }
}

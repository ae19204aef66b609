import Blobs
import Foundation
import TestKit
import Testing
import Vocabulary

@Suite("Manifests of data", .timeLimit(.minutes(5)))
struct DataManifestTests {
    private let digits = String(repeating: "ab", count: 32)

    /// A manifest as a hostile coordinator might write one.
    private func bytes(_ files: [(String, String)], title: String = "mount/1") -> [UInt8] {
        var form = CanonicalForm(title)
        for (name, content) in files { form.append(name, content) }
        return form.bytes
    }

    @Test("a folder's manifest is read back as it was, and has one hash")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        try folder.write("a,b\n", to: "train.csv")
        try folder.write("", to: "images/empty.png")
        try folder.write("a,b\n", to: "images/ä 1.png")
        let manifest = try DataManifest(folder: folder.path)
        #expect(manifest.files.map(\.name) == ["images/empty.png", "images/ä 1.png", "train.csv"])
        #expect(manifest.files.map(\.byteCount) == [0, 4, 4])
        let read = try DataManifest(decoding: manifest.bytes)
        #expect(read == manifest)
        #expect(Hashing.hash(manifest.bytes) == read.hash)
    }

    @Test(
        "a file's name never leads out of the mount",
        arguments: [
            "/etc/passwd", "../x", "a/../../x", "a/..", ".", "..", "a//b", "a/", "", "a/./b", "a\u{0}b",
            "../\u{301}x", "a/../\u{301}/../x", "\u{301}x/..", "/\u{301}x", "a//\u{301}x", "./\u{301}x",
            String(repeating: "x", count: 256), Array(repeating: "x", count: 33).joined(separator: "/"),
        ])
    func names(_ name: String) {
        #expect(throws: ManifestError.self) { try DataManifest(decoding: bytes([(name, "1 \(digits)")])) }
    }

    @Test(
        "sizes and hashes are checked",
        arguments: ["", "1", "-1 HASH", "1 HASH x", "x HASH", "99999999999999999999 HASH", "1 abc", "1  HASH"])
    func contents(_ content: String) {
        let content = content.replacingOccurrences(of: "HASH", with: digits)
        #expect(throws: ManifestError.self) { try DataManifest(decoding: bytes([("a", content)])) }
    }

    @Test("only an empty file has the size and the hash of one")
    func nothing() throws {
        let ofNothing = Hashing.hash([UInt8]()).rawValue
        #expect(try DataManifest(decoding: bytes([("a", "0 \(ofNothing)")])).files.count == 1)
        #expect(throws: ManifestError.self) { try DataManifest(decoding: bytes([("a", "0 \(digits)")])) }
        #expect(throws: ManifestError.self) { try DataManifest(decoding: bytes([("a", "1 \(ofNothing)")])) }
    }

    @Test("a name may begin with a combining mark, and two spellings of one character are two names")
    func combiningMarks() throws {
        let files = ["a/\u{301}x", "\u{301}/b", "\u{e9}/b", "e\u{301}/b"].map { ($0, "1 \(digits)") }
        #expect(try DataManifest(decoding: bytes(files)).files.map(\.name.utf8.count) == [5, 4, 4, 5])
        #expect(throws: ManifestError.self) {
            try DataManifest(decoding: bytes([("a/\u{301}x", "1 \(digits)"), ("a", "1 \(digits)")]))
        }
    }

    @Test("no file twice, none below another, no hash of two sizes")
    func places() {
        let good = "1 \(digits)"
        #expect(throws: ManifestError.self) { try DataManifest(decoding: bytes([("a", good), ("a", good)])) }
        #expect(throws: ManifestError.self) { try DataManifest(decoding: bytes([("a/b", good), ("a", good)])) }
        #expect(throws: ManifestError.self) { try DataManifest(decoding: bytes([("a", good), ("b", "2 \(digits)")])) }
        #expect(throws: ManifestError.self) { try DataManifest(decoding: bytes([("a", good)], title: "mount/2")) }
    }

    @Test("cut and random bytes are refused, never a crash")
    func damaged() throws {
        let whole = bytes([("train.csv", "5 \(digits)"), ("x/y", "7 \(String(repeating: "cd", count: 32))")])
        for count in 0..<whole.count where (try? DataManifest(decoding: Array(whole[..<count]))) != nil {
            // What is left may end between two files, never within one.
            #expect(try DataManifest(decoding: Array(whole[..<count])).files.count < 2)
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var some = whole
            for _ in 0..<3 { some[Int.random(in: 0..<some.count, using: &generator)] = .random(in: 0...255) }
            _ = try? DataManifest(decoding: some)
        }
    }

    @Test("of many files each has its own hash, in the order of names")
    func many() throws {
        let folder = try TemporaryFolder()
        for number in 0..<200 { try folder.write("\(number)", to: "\(number % 7)/\(1_000 + number)") }
        let manifest = try DataManifest(folder: folder.path)
        #expect(manifest.files.count == 200 && manifest == DataManifest(manifest.files.shuffled()))
        for file in manifest.files {
            let number = try #require(Int(file.name.suffix(4))) - 1_000
            #expect(file.hash == Hashing.hash("\(number)".utf8) && file.byteCount == "\(number)".utf8.count)
        }
        let spellings = ["\u{e9}", "e\u{301}"].map {
            DataManifest.File(name: $0, byteCount: 1, hash: ContentHash(digits))
        }
        #expect(DataManifest(spellings).hash == DataManifest(spellings.reversed()).hash)
        let empty = try TemporaryFolder()
        #expect(try DataManifest(folder: empty.path).files.isEmpty)
    }

    @Test("a folder with a link in it has no manifest")
    func links() throws {
        let folder = try TemporaryFolder()
        try folder.write("x", to: "a")
        #expect(symlink("/etc/passwd", "\(folder.path)/b") == 0)
        #expect(throws: ManifestError.self) { try DataManifest(folder: folder.path) }
    }
}

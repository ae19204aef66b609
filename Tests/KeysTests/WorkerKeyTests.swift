import Foundation
import Keys
import Testing
import TestKit
import ZeroMQ

@Suite("A worker's key file", .timeLimit(.minutes(5)))
struct WorkerKeyTests {
    private let folder: TemporaryFolder
    private let key: WorkerKey

    init() throws {
        folder = try TemporaryFolder()
        key = WorkerKey(name: "gpu-1", pair: try CurveKeyPair(), server: try CurveKeyPair().publicKey)
    }

    private func words(_ path: String) throws -> String {
        let error = #expect(throws: KeyError.self) { _ = try WorkerKey(path: path) }
        return try #require(error).description
    }

    @Test("it is read as it was written, for its owner alone, and never written over")
    func roundTrip() throws {
        let path = "\(folder.path)/gpu-1.key"
        try key.write(to: path)
        #expect(try WorkerKey(path: path) == key)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let error = #expect(throws: KeyError.self) { try key.write(to: path) }
        #expect(error?.description.contains("there already") == true)
        #expect(try WorkerKey(path: path) == key)
    }

    @Test("a file that others can read is not used, and the sentence says what to do")
    func modes() throws {
        let path = "\(folder.path)/open.key"
        try key.write(to: path)
        for mode in [0o644, 0o640, 0o660, 0o604] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(try words(path).contains("chmod 600"))
        }
    }

    @Test("what is no key file, or a damaged one, is said so without showing a secret")
    func damaged() throws {
        #expect(try words("\(folder.path)/none.key").contains("cannot read"))
        #expect(try words(folder.path).contains("no key file"))
        let path = "\(folder.path)/a.key"
        let other = try CurveKeyPair()
        let good = "mlestar worker key 1\nname: a\npublic: \(key.pair.publicKey)\nsecret: \(key.pair.secret)\n"
        let texts = [
            "hello\n": "no key file", good: "server", good + "server: short\n": "40 characters",
            good.replacingOccurrences(of: "name: a", with: "name: ../a") + "server: \(key.server)\n": "letters",
            good.replacingOccurrences(of: key.pair.secret, with: other.secret) + "server: \(key.server)\n": "belong",
            good.replacingOccurrences(of: "public: ", with: "public") + "server: \(key.server)\n": "damaged",
            String(repeating: "x", count: 5000): "too large",
        ]
        for (text, word) in texts {
            try? FileManager.default.removeItem(atPath: path)
            _ = FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
            let words = try words(path)
            #expect(words.contains(word) && !words.contains(key.pair.secret), "\(words)")
        }
    }

    @Test("names that could be a path, too long or a local worker's are refused")
    func names() {
        for name in ["", "a/b", "-a", ".a", "ä", "a b", "local", "local-1", String(repeating: "a", count: 65)] {
            #expect(WorkerKey.defect(ofName: name) != nil, "\(name)")
        }
        for name in ["gpu-1", "a", "node07.cluster", "localhost", "9"] {
            #expect(WorkerKey.defect(ofName: name) == nil)
        }
        #expect(key.mayName("gpu-1") && key.mayName("gpu-1-b") && !key.mayName("gpu-12") && !key.mayName("gpu"))
    }

    @Test("a worker that is told another name puts the key's before it")
    func workerNames() {
        #expect(key.workerName(for: nil) == "gpu-1")
        for (told, name) in [
            ("gpu-1", "gpu-1"), ("gpu-1-b", "gpu-1-b"), ("slurm-7", "gpu-1-slurm-7"), ("gpu-12", "gpu-1-gpu-12"),
        ] {
            #expect(key.workerName(for: told) == name && key.mayName(name))
        }
    }

    @Test("neither a key nor an error prints a secret")
    func silent() {
        #expect(!"\(key.pair)".contains(key.pair.secret) && CurveKeyPair(secret: "short") == nil)
        #expect(CurveKeyPair(secret: key.pair.secret)?.publicKey == key.pair.publicKey)
    }
}

import Foundation
import Keys
import Testing
import TestKit
import ZeroMQ

@testable import Dispatching

@Suite("The key folder", .timeLimit(.minutes(5)))
struct KeyFolderTests {
    private let folder: TemporaryFolder
    private let keys: KeyFolder
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws {
        folder = try TemporaryFolder()
        keys = KeyFolder(state: folder.path)
    }

    private func make(_ name: String, file: String? = nil) throws -> ListedKey {
        try keys.make(name, writingTo: file ?? "\(folder.path)/\(name).key", at: now)
    }

    @Test("the first key makes the coordinator's own; the worker's file names it")
    func first() throws {
        #expect(!keys.isMade)
        let entry = try make("gpu-1")
        let key = try WorkerKey(path: "\(folder.path)/gpu-1.key")
        let server = try keys.server()
        #expect(keys.isMade && key.server == server.publicKey)
        #expect(entry.publicText == key.pair.publicKey.text && entry.made == now)
        _ = try make("gpu-2")
        #expect(try WorkerKey(path: "\(folder.path)/gpu-2.key").server == key.server)
        #expect(try keys.listed().keys.map(\.name) == ["gpu-1", "gpu-2"])
        let mode = try FileManager.default.attributesOfItem(atPath: "\(keys.path)/server.key")[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test("a name that is taken, a name that is none, a file that is there: each is said, and nothing is listed")
    func misuse() throws {
        _ = try make("gpu-1")
        let taken = #expect(throws: KeyError.self) { _ = try make("gpu-1", file: "\(folder.path)/x") }
        #expect(taken?.description.contains("revoke") == true)
        #expect(throws: KeyError.self) { _ = try make("../x") }
        #expect(throws: KeyError.self) { _ = try make("gpu-2", file: "\(folder.path)/gpu-1.key") }
        #expect(try keys.listed().keys.map(\.name) == ["gpu-1"])
        let unknown = #expect(throws: KeyError.self) { _ = try keys.revoke("gpu-9", at: now) }
        #expect(unknown?.description.contains("gpu-1") == true)
    }

    @Test("a revoked key is listed no more, stays known as revoked, and its name can be given to a new key")
    func revoked() throws {
        let first = try make("gpu-1")
        let ring = KeyRing(keys)
        #expect(ring.standing(of: first.publicText) == .listed("gpu-1"))
        _ = try keys.revoke("gpu-1", at: now)
        ring.refresh()
        #expect(ring.standing(of: first.publicText) == .revoked("gpu-1"))
        let second = try make("gpu-1", file: "\(folder.path)/again.key")
        ring.refresh()
        #expect(ring.standing(of: second.publicText) == .listed("gpu-1"))
        #expect(ring.standing(of: first.publicText) == .revoked("gpu-1"))
        #expect(try keys.revoked().keys.map(\.revoked) == [now])
    }

    @Test("a change right after another is seen, and a damaged entry only shuts its own key out")
    func changes() throws {
        let ring = KeyRing(keys)
        #expect(ring.standing(of: "x") == .unreadable("cannot read \(keys.path)/workers: No such file or directory"))
        for number in 1...20 {
            let key = try make("gpu-\(number)")
            ring.refresh()
            #expect(ring.standing(of: key.publicText) == .listed(key.name))
        }
        let known = try #require(try keys.listed().keys.first)
        #expect(ring.admission(of: known.publicText) == .listed(known.name))
        try FileManager.default.moveItem(atPath: "\(keys.path)/workers", toPath: "\(keys.path)/away")
        ring.refresh()
        #expect(ring.standing(of: known.publicText) == .listed(known.name), "who is in stays")
        guard case .unreadable = ring.admission(of: known.publicText) else {
            Issue.record("somebody new was let in by a list that cannot be read")
            return
        }
        try FileManager.default.moveItem(atPath: "\(keys.path)/away", toPath: "\(keys.path)/workers")
        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: "\(keys.path)/workers/gpu-3.pub"))
        _ = try make("other")
        ring.refresh()
        #expect(ring.now.names.count == 20 && ring.now.defects.count == 1)
    }

    @Test("a worker's or an incarnation's name belongs to the key whose name fits longest")
    func owners() throws {
        for name in ["gpu", "gpu-1", "cpu"] { _ = try make(name) }
        let ring = KeyRing(keys)
        #expect(ring.owner(of: "gpu") == "gpu" && ring.owner(of: "gpu-2-abcd") == "gpu")
        #expect(ring.owner(of: "gpu-1") == "gpu-1" && ring.owner(of: "gpu-1-abcd") == "gpu-1")
        #expect(ring.owner(of: "gpu-12") == "gpu" && ring.owner(of: "gpux") == nil && ring.owner(of: "local-1") == nil)
    }
}

import Blobs
public import Foundation
public import Keys
import ZeroMQ

/// A worker's public key as the coordinator keeps it.
public struct ListedKey: Hashable, Sendable {
    /// The name its workers have, alone or followed by `-…`.
    public let name: String
    /// The key in Z85.
    public let publicText: String
    /// When it was made.
    public let made: Date
    /// When it was revoked; `nil` while it is good.
    public let revoked: Date?
}

/// The keys of a state folder: `server.key`, the coordinator's own (mode 0600); `workers/NAME.pub`, who is let in; `revoked/`,
/// who was. Secrets of workers are not kept.
public struct KeyFolder: Sendable {
    /// The folder.
    public let path: String

    private static let serverKind = "mlestar coordinator key 1"
    private static let listedKind = "mlestar public key 1"

    /// The keys in a state folder; nothing is made yet.
    public init(state: String) { path = "\(state)/keys" }

    /// Whether keys were ever made here: from then on no TCP socket is open to those who have none.
    public var isMade: Bool { FileManager.default.fileExists(atPath: serverPath) }

    /// The folder that changes when who is let in does.
    var listPath: String { "\(path)/workers" }

    private var serverPath: String { "\(path)/server.key" }

    /// The coordinator's own key.
    func server() throws(KeyError) -> CurveKeyPair {
        let text = try KeyText(try PrivateFile.read(serverPath), kind: Self.serverKind, path: serverPath)
        guard let pair = CurveKeyPair(secret: try text.value("secret", path: serverPath)) else {
            throw KeyError("\(serverPath) is damaged; put it back from a backup, or delete \(path) and make new keys")
        }
        return pair
    }

    /// The keys that are let in, by name, and what is wrong with files that cannot be used.
    public func listed() throws(KeyError) -> (keys: [ListedKey], defects: [String]) { try keys(in: listPath) }

    /// The keys that were revoked, by name and time.
    public func revoked() throws(KeyError) -> (keys: [ListedKey], defects: [String]) { try keys(in: "\(path)/revoked") }

    /// Makes a key and writes the worker's file; the coordinator's own key is made with the first.
    public func make(_ name: String, writingTo file: String, at now: Date) throws -> ListedKey {
        if let defect = WorkerKey.defect(ofName: name) { throw KeyError("'\(name)': \(defect)") }
        let lock = try locked()
        defer { lock.release() }
        if try listed().keys.contains(where: { $0.name == name }) {
            throw KeyError("there is a key named \(name) already; `mlestar keys revoke \(name)` first, or another name")
        }
        if !isMade {
            let pair = try CurveKeyPair()
            let fields = [("public", pair.publicKey.text), ("secret", pair.secret)]
            let text = KeyText.text(kind: Self.serverKind, remark: "Secret: the coordinator's own key.", fields)
            try PrivateFile.create(text, at: serverPath)
        }
        let key = WorkerKey(name: name, pair: try CurveKeyPair(), server: try server().publicKey)
        let entry = ListedKey(name: name, publicText: key.pair.publicKey.text, made: now, revoked: nil)
        // The worker's file first: a key that is listed and that nobody has would only block its name.
        try key.write(to: file)
        do {
            try write(entry, to: "\(listPath)/\(name).pub")
        } catch {
            unlink(file)
            throw error
        }
        return entry
    }

    /// Lets the holder of a key in no more.
    public func revoke(_ name: String, at now: Date) throws -> ListedKey {
        guard isMade else { throw KeyError("no keys were made in \(path); is --state the coordinator's?") }
        let lock = try locked()
        defer { lock.release() }
        let keys = try listed().keys
        guard let key = keys.first(where: { $0.name == name }) else {
            let known = keys.isEmpty ? "none is listed" : "listed are \(keys.map(\.name).joined(separator: ", "))"
            throw KeyError("no key named \(name) is listed; \(known)")
        }
        let entry = ListedKey(name: name, publicText: key.publicText, made: key.made, revoked: now)
        let moment = Int(now.timeIntervalSince1970 * 1000)
        try write(entry, to: "\(path)/revoked/\(name)-\(moment).pub")
        try DurableFile.remove("\(listPath)/\(name).pub")
        return entry
    }

    private func locked() throws -> FolderLock {
        for folder in [path, listPath, "\(path)/revoked"] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        guard let lock = FolderLock.waiting(path: "\(path)/lock") else {
            throw KeyError("cannot write in \(path); the keys belong to the user of the coordinator")
        }
        return lock
    }

    private func write(_ key: ListedKey, to path: String) throws {
        var fields = [("name", key.name), ("public", key.publicText), ("made", key.made.formatted(.iso8601))]
        if let revoked = key.revoked { fields.append(("revoked", revoked.formatted(.iso8601))) }
        let text = KeyText.text(kind: Self.listedKind, remark: "Not secret.", fields)
        try DurableFile.write(Array(text.utf8), to: path)
    }

    private func keys(in folder: String) throws(KeyError) -> (keys: [ListedKey], defects: [String]) {
        guard FileManager.default.fileExists(atPath: folder) else { return ([], []) }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw KeyError("cannot read \(folder): \(error.localizedDescription)")
        }
        var keys: [ListedKey] = []
        var defects: [String] = []
        for name in names.sorted() where name.hasSuffix(".pub") {
            do throws(KeyError) { keys.append(try key(at: "\(folder)/\(name)")) } catch { defects.append("\(error)") }
        }
        return (keys, defects)
    }

    private func key(at path: String) throws(KeyError) -> ListedKey {
        let text = try KeyText(try PrivateFile.read(path), kind: Self.listedKind, path: path)
        let name = try text.value("name", path: path)
        guard let key = CurvePublicKey(checking: try text.value("public", path: path)),
            let made = try? Date(try text.value("made", path: path), strategy: .iso8601)
        else { throw KeyError("\(path) is damaged; revoke the key and make another") }
        let revoked = text.fields["revoked"].flatMap { try? Date($0, strategy: .iso8601) }
        return ListedKey(name: name, publicText: key.text, made: made, revoked: revoked)
    }
}

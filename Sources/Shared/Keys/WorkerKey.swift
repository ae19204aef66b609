public import ZeroMQ

/// What a worker needs to be let in: who it is, its secret, and whom it may talk to.
public struct WorkerKey: Hashable, Sendable {
    /// The key's name: its workers are named so, or `NAME-…`.
    public let name: String
    /// The worker's own key.
    public let pair: CurveKeyPair
    /// The coordinator's public key.
    public let server: CurvePublicKey

    private static let kind = "mlestar worker key 1"

    /// A key for the workers of a name.
    public init(name: String, pair: CurveKeyPair, server: CurvePublicKey) {
        self.name = name
        self.pair = pair
        self.server = server
    }

    /// Reads the file that `mlestar keys new` wrote.
    public init(path: String) throws(KeyError) {
        let text = try KeyText(try PrivateFile.read(path), kind: Self.kind, path: path)
        name = try text.value("name", path: path)
        if let defect = Self.defect(ofName: name) { throw KeyError("\(path) is damaged: \(defect)") }
        guard let pair = CurveKeyPair(secret: try text.value("secret", path: path)),
            pair.publicKey.text == (try text.value("public", path: path))
        else { throw KeyError("\(path) is damaged: its secret and its public key do not belong together") }
        guard let server = CurvePublicKey(checking: try text.value("server", path: path)) else {
            throw KeyError("\(path) is damaged: the coordinator's key has 40 characters of Z85")
        }
        self.pair = pair
        self.server = server
    }

    /// Writes the key to a file that must not be there yet.
    public func write(to path: String) throws(KeyError) {
        let fields = [
            ("name", name), ("public", pair.publicKey.text), ("secret", pair.secret), ("server", server.text),
        ]
        let remark = "Secret: who has this file can work as \(name). For the host of this worker alone."
        try PrivateFile.create(KeyText.text(kind: Self.kind, remark: remark, fields), at: path)
    }

    /// What is wrong with a name of a key; `nil` when nothing is.
    public static func defect(ofName name: String) -> String? {
        let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        guard (1...64).contains(name.utf8.count), name.allSatisfy({ letters.contains($0) || "._-".contains($0) }),
            name.first.map(letters.contains) == true
        else {
            return "a key's name has 1 to 64 letters, digits, '.', '_' or '-' and begins with a letter or digit"
        }
        if name == "local" || name.hasPrefix("local-") {
            return "names that begin with 'local-' belong to the workers that `mlestar run` starts itself"
        }
        return nil
    }

    /// Whether a worker of this name may use the key.
    public func mayName(_ worker: String) -> Bool { worker == name || worker.hasPrefix("\(name)-") }

    /// The name that a worker has which was given this key and told a name: a cluster's engine names workers after its own
    /// jobs, pods and hosts, whatever the key is called.
    ///
    /// - Parameter told: `nil` for the key's own.
    public func workerName(for told: String?) -> String {
        guard let told else { return name }
        return mayName(told) ? told : "\(name)-\(told)"
    }
}

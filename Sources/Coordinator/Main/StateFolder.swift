import Blobs
import Foundation
import Journal
import Machine
import Vocabulary

/// Where the product keeps what it must not lose: the journal, runs' sockets and workers, mounts with hidden labels.
struct StateFolder: Sendable {
    let path: String

    /// Opens a state folder (mode 0700), making it when it is missing.
    ///
    /// - Parameter named: `--state`; else `MLESTAR_STATE`, else `~/.mlestar/state`.
    init(named: String?) throws {
        let variables = ProcessInfo.processInfo.environment
        let chosen = named ?? variables["MLESTAR_STATE"] ?? "\(HomeFolder.path(variables))/state"
        path = URL(fileURLWithPath: chosen).standardizedFileURL.path
        do {
            try Self.makePrivate(path)
        } catch {
            throw InputError(
                "cannot use the state folder \(path): \((error as? InputError)?.description ?? error.localizedDescription); "
                    + "choose one with --state")
        }
    }

    /// The journal in it.
    func journal() throws -> Journal { try Journal(folder: path) }

    /// A run's own folder, made when it is missing.
    func folder(of run: RunID) throws -> String {
        let folder = place(of: run)
        try Self.makePrivate(folder)
        return folder
    }

    /// What whoever works on a run holds; to ask about it makes and changes nothing.
    func lock(of run: RunID) -> String { "\(place(of: run))/lock" }

    private func place(of run: RunID) -> String { "\(path)/runs/\(run)" }

    /// Where mounts and hidden labels of a task lie, one folder per way of splitting it.
    func evaluationFolder(_ fingerprint: ContentHash, _ split: String) -> String {
        "\(path)/evaluations/\(fingerprint.short)-\(Hashing.hash(split.utf8).short)"
    }

    /// The private endpoint of a run.
    ///
    /// A UNIX socket's path has at most 107 bytes; a state folder deeper than that gets a link-sized name in the
    /// system's temporary folder, private to the user and the same after a restart.
    func endpoint(of run: RunID) throws -> String {
        let path = "\(try folder(of: run))/coordinator.ipc"
        if path.utf8.count <= 100 { return "ipc://\(path)" }
        let folder = "/tmp/mlestar-\(getuid())"
        try Self.makePrivate(folder)
        return "ipc://\(folder)/\(Hashing.hash(path.utf8).short).ipc"
    }

    private static func makePrivate(_ folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var status = stat()
        guard lstat(folder, &status) == 0, status.st_uid == getuid(), status.st_mode & S_IFMT == S_IFDIR else {
            throw InputError("\(folder) belongs to another user or is not a folder")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
    }
}

/// Something the user gave that cannot be used; the sentence says what to do.
struct InputError: Error, CustomStringConvertible {
    let description: String
    /// Whether it is about the task or the configuration.
    let isUnusableTask: Bool

    init(_ description: String, isUnusableTask: Bool = false) {
        self.description = description
        self.isUnusableTask = isUnusableTask
    }
}

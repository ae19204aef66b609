import Blobs
import Foundation
import Synchronization
import Vocabulary

/// Remembers which folders were found to hold what a manifest says, so that files are not hashed for each job.
///
/// A proof holds while the machine has not been started anew, since what was not flushed may be lost with the power, and
/// while the folder and its first thousand files have the sizes and times they had.
final class FolderProofs: Sendable {
    private let folder: String
    private let known = Mutex<[String: String]>([:])
    /// Files whose sizes and times are looked at for each job.
    private static let watched = 1_000

    /// What names the time since the machine was started.
    static let boot = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()

    /// Keeps proofs in a folder, which it makes; those from before the machine was started are removed.
    init(folder: String) throws {
        let current = Hashing.hash(Self.boot).rawValue
        self.folder = "\(folder)/\(current)"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name != current {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    /// Whether the files below a path are those of a manifest; reads and hashes them unless that was done before.
    func holds(_ path: String, _ manifest: ContentHash) -> Bool {
        guard let signature = Self.signature(of: path) else { return false }
        if isKnown(path, manifest, signature) { return true }
        guard let found = try? DataManifest(folder: path), found.hash == manifest,
            Self.signature(of: path) == signature
        else { return false }
        note(path, manifest, signature)
        return true
    }

    /// A folder has just been made of files that were checked.
    func note(_ path: String, _ manifest: ContentHash) {
        if let signature = Self.signature(of: path) { note(path, manifest, signature) }
    }

    private func isKnown(_ path: String, _ manifest: ContentHash, _ signature: String) -> Bool {
        let key = key(path, manifest)
        if known.withLock({ $0[key] }) == signature { return true }
        let kept = FileManager.default.contents(atPath: "\(folder)/\(key)").map { String(decoding: $0, as: UTF8.self) }
        guard kept == signature else { return false }
        known.withLock { $0[key] = signature }
        return true
    }

    private func note(_ path: String, _ manifest: ContentHash, _ signature: String) {
        let key = key(path, manifest)
        known.withLock { $0[key] = signature }
        // A proof that cannot be kept is made again by the next process.
        try? Data(signature.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(key)"), options: .atomic)
    }

    private func key(_ path: String, _ manifest: ContentHash) -> String {
        var form = CanonicalForm("proof/1")
        form.append("path", path)
        form.append("manifest", manifest.rawValue)
        return Hashing.hash(form).rawValue
    }

    /// What must stay as it is; `nil` when there is no such folder.
    private static func signature(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        var form = CanonicalForm("signature/1")
        form.append("boot", String(decoding: boot, as: UTF8.self))
        form.append("folder", words(status))
        var left = watched
        watch(path, &form, &left, depth: 0)
        return Hashing.hash(form).rawValue
    }

    private static func watch(_ path: String, _ form: inout CanonicalForm, _ left: inout Int, depth: Int) {
        guard depth < 32 else { return }
        for name in ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() {
            guard left > 0 else { return }
            left -= 1
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0 else { continue }
            form.append(name, words(status))
            if status.st_mode & S_IFMT == S_IFDIR { watch("\(path)/\(name)", &form, &left, depth: depth + 1) }
        }
    }

    private static func words(_ status: stat) -> String {
        "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }
}

import ArgumentParser
import Blobs
import Execution
import Foundation

/// A folder for one call of the program, below the machine's folder for temporary files; gone when the call ends.
struct PassingFolder {
    private static let prefix = "mlestar-exec-"

    /// Where it is.
    let path: String
    private let lock: FolderLock

    /// Makes the folder, and deletes those of calls that were killed before they could.
    init() throws {
        let above = FileManager.default.temporaryDirectory.path
        Self.removeStale(below: above)
        path = "\(above)/\(Self.prefix)\(UUID().uuidString.prefix(8))"
        // What is there already may be somebody else's.
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        guard let lock = FolderLock(path: Self.lockFile(path)) else {
            throw ValidationError("cannot write to the folder \(path)")
        }
        self.lock = lock
    }

    /// Deletes it with all that scripts left there.
    func remove() {
        FolderRemoval.remove(path)
        lock.release()
    }

    private static func lockFile(_ folder: String) -> String { "\(folder)/lock" }

    /// A folder without a lock's file may be one that is being made; somebody else's may hold links in place of files.
    private static func removeStale(below above: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: above)) ?? [] where name.hasPrefix(prefix) {
            let file = lockFile("\(above)/\(name)")
            guard isOurs("\(above)/\(name)"), FileManager.default.fileExists(atPath: file),
                !FolderLock.isHeld(path: file),
                let lock = FolderLock(path: file)
            else { continue }
            FolderRemoval.remove("\(above)/\(name)")
            lock.release()
        }
    }

    private static func isOurs(_ folder: String) -> Bool {
        var status = stat()
        return lstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
    }
}

import Execution
import Foundation

/// What a worker keeps on its machine's disk.
public enum WorkerFolder {
    /// Removes the folder of a worker that has ended and will not come again, with data and checkpoints in it.
    ///
    /// - Returns: whether it did; what was not handed in stays, and everything with it.
    public static func removeWhenHandedIn(_ folder: String) -> Bool {
        let undelivered = try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/outbox")
        guard undelivered?.isEmpty ?? true else { return false }
        FolderRemoval.remove(folder)
        return true
    }
}

import Blobs
import Foundation
import Vocabulary

/// The files of one attempt: the script's working folder and what lies beside it.
struct JobFolder {
    /// The attempt's folder; the script's working folder is `box` in it.
    let path: String
    /// Kept from attempt to attempt of the same job.
    let checkpoint: String

    var box: String { "\(path)/box" }
    var script: String { "\(box)/solution.py" }
    var standardOutput: String { "\(path)/stdout" }
    var standardError: String { "\(path)/stderr" }
    var specification: String { "\(path)/launch.json" }
    var submission: String { "\(box)/final/submission.csv" }

    /// Names the folder of an attempt below a worker's folder; makes nothing yet.
    init(attempt: Attempt, below root: String) {
        let name = Hashing.hash(attempt.job.rawValue.utf8).short
        path = "\(root)/jobs/\(name)-\(attempt.term)"
        checkpoint = "\(root)/checkpoints/\(name)"
    }

    /// Makes the folder as the script contract wants it: data under `./input`, places to write to, the script.
    func make(for job: Job) throws {
        let files = FileManager.default
        try? files.removeItem(atPath: path)
        for folder in ["\(box)/final", "\(box)/working", "\(box)/model", checkpoint] {
            try files.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        try files.createSymbolicLink(atPath: "\(box)/input", withDestinationPath: job.mount.path)
        try files.createSymbolicLink(atPath: "\(box)/checkpoint", withDestinationPath: checkpoint)
        try Data(job.script.text.utf8).write(to: URL(fileURLWithPath: script))
    }

    /// Deletes what the attempt left.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Deletes what was kept for a later attempt.
    func removeCheckpoint() { try? FileManager.default.removeItem(atPath: checkpoint) }
}

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
    /// What the script sees as `/tmp`.
    var temporary: String { "\(path)/tmp" }
    var script: String { "\(box)/solution.py" }
    var standardOutput: String { "\(path)/stdout" }
    var standardError: String { "\(path)/stderr" }
    var roomLog: String { "\(path)/room.log" }
    var wholeLog: String { "\(path)/log.gz" }
    var model: String { "\(path)/model.tar.gz" }
    var specification: String { "\(path)/launch.json" }
    var ending: String { "\(path)/ending.json" }

    /// Names the folder of an attempt below a worker's folder; makes nothing yet.
    init(attempt: Attempt, below root: String) {
        let name = Hashing.hash(attempt.job.rawValue.utf8).short
        path = "\(root)/jobs/\(name)-\(attempt.term)"
        checkpoint = "\(root)/checkpoints/\(name)"
    }

    /// The last attempt that had the checkpoint here.
    private var checkpointTerm: String { "\(checkpoint).term" }

    /// Makes the folder as the script contract wants it: places to write to, the script. Data and checkpoint are put in
    /// by the launcher.
    ///
    /// - Parameter received: a checkpoint from elsewhere, used unless a later attempt was made here.
    func make(for job: Job, from received: Checkpoint? = nil, term: LeaseTerm = .first) throws {
        FolderRemoval.remove(path)
        let here = FileManager.default.contents(atPath: checkpointTerm).flatMap {
            Int(String(decoding: $0, as: UTF8.self))
        }
        if let received, received.term.rawValue > here ?? 0 {
            FolderRemoval.remove(checkpoint)
            // One that cannot be used costs the time until it was made, nothing else.
            do { try CheckpointFiles.unpack(received.files, into: checkpoint) } catch {
                FolderRemoval.remove(checkpoint)
            }
        }
        for folder in ["\(box)/final", "\(box)/working", "\(box)/model", temporary, checkpoint] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        }
        try Data(job.script.text.utf8).write(to: URL(fileURLWithPath: script))
        try Data("\(term)".utf8).write(to: URL(fileURLWithPath: checkpointTerm))
    }

    /// What the script left as its submission.
    func submission(largest: Int) -> SubmissionFile {
        SubmissionFile.read(inside: box, ["final", "submission.csv"], largest: largest)
    }

    /// What the script left as class probabilities beside its labels.
    func probabilities(largest: Int) -> SubmissionFile {
        SubmissionFile.read(inside: box, ["final", "probabilities.csv"], largest: largest)
    }

    /// Deletes what the attempt left; until now it used its checkpoint.
    func remove() {
        utimes(checkpointTerm, nil)
        FolderRemoval.remove(path)
    }

    /// Deletes the checkpoints that no attempt has used for a time: their jobs ended elsewhere, or were withdrawn. An attempt
    /// that runs, whose folder is there, uses its checkpoint however long ago it began.
    static func removeCheckpoints(below root: String, unusedFor span: Duration) {
        let folder = "\(root)/checkpoints"
        let running = names(in: "\(root)/jobs").compactMap { $0.split(separator: "-").first }
        for file in names(in: folder) where file.hasSuffix(".term") {
            let name = file.dropLast(".term".count)
            var status = stat()
            guard !running.contains(name), stat("\(folder)/\(file)", &status) == 0,
                Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec) > span.seconds
            else { continue }
            FolderRemoval.remove("\(folder)/\(name)")
            unlink("\(folder)/\(file)")
        }
    }

    /// Deletes what is left of checkpoints whose removal was interrupted when an earlier process of the worker ended.
    static func finishRemovals(below root: String) {
        let folder = "\(root)/checkpoints"
        for name in names(in: folder) where name.hasSuffix(".gone") { FolderRemoval.remove("\(folder)/\(name)") }
    }

    private static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    /// Deletes what was kept for a later attempt.
    func removeCheckpoint() {
        FolderRemoval.remove(checkpoint)
        unlink(checkpointTerm)
    }
}

/// A file that a script left: read without following any link it may have put in the way.
enum SubmissionFile: Equatable {
    case bytes([UInt8])
    case missing
    case unusable(String)

    /// Reads the file at a path of names below a folder.
    static func read(inside folder: String, _ names: [String], largest: Int) -> SubmissionFile {
        var current = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if current >= 0 { close(current) } }
        let shown = names.joined(separator: "/")
        for (index, name) in names.enumerated() {
            guard current >= 0 else { return .missing }
            let kind = index == names.count - 1 ? O_NONBLOCK : O_DIRECTORY
            let next = openat(current, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind)
            let reason = errno
            close(current)
            current = next
            if next < 0 && reason != ENOENT {
                return .unusable("\(shown) cannot be read: \(String(cString: strerror(reason)))")
            }
        }
        var status = stat()
        guard current >= 0, fstat(current, &status) == 0 else { return .missing }
        guard status.st_mode & S_IFMT == S_IFREG else { return .unusable("\(shown) is no plain file") }
        guard status.st_size <= largest else {
            return .unusable("\(shown) has \(status.st_size) bytes; at most \(largest) are taken")
        }
        let file = FileHandle(fileDescriptor: current, closeOnDealloc: false)
        guard let data = try? file.read(upToCount: largest) else { return .bytes([]) }
        return .bytes(Array(data))
    }
}

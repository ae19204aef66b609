import Blobs
import Foundation
import Vocabulary
import Wire

/// Outcomes on disk until the coordinator has acknowledged them; what an earlier process of the worker could not hand in
/// is handed in by the next one.
struct Outbox {
    private let folder: String
    private(set) var pending: [Attempt: Outcome] = [:]

    /// Opens an outbox with what is in it. A file that cannot be read is put aside, never deleted.
    init(folder: String) throws {
        self.folder = folder
        let files = FileManager.default
        try files.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in try files.contentsOfDirectory(atPath: folder) where name.hasSuffix(".outcome") {
            let path = "\(folder)/\(name)"
            guard let content = files.contents(atPath: path),
                case .outcome(let outcome)? = try? WorkerMessage(decoding: Array(content))
            else {
                try files.moveItem(atPath: path, toPath: path + ".unreadable")
                continue
            }
            pending[outcome.attempt] = outcome
        }
    }

    /// Keeps an outcome; it is on disk when this returns.
    mutating func keep(_ outcome: Outcome) throws {
        try DurableFile.write(try WorkerMessage.outcome(outcome).encoded(), to: path(of: outcome.attempt))
        pending[outcome.attempt] = outcome
    }

    /// Forgets an outcome that is safe elsewhere or counts nowhere.
    mutating func drop(_ attempt: Attempt) {
        guard pending.removeValue(forKey: attempt) != nil else { return }
        unlink(path(of: attempt))
    }

    private func path(of attempt: Attempt) -> String {
        "\(folder)/\(Hashing.hash(attempt.job.rawValue.utf8).short)-\(attempt.term).outcome"
    }
}

extension Outcome {
    /// The attempt it is the outcome of.
    var attempt: Attempt { Attempt(job: job, term: term) }

    /// The same attempt, ended because its worker did.
    func interruptedByItsWorker(leaving checkpoint: [UInt8]?) -> Outcome {
        Outcome(
            job: job, term: term, ending: .interrupted, usage: usage, message: "the worker was told to end", log: log,
            selfReported: nil, submission: nil, environment: environment, sandbox: sandbox,
            checkpoint: checkpoint)
    }
}

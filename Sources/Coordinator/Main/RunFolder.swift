import Blobs
import Foundation
import Reporting
import Tasks
import Vocabulary

/// What was trained and is kept, as gzipped tar archives.
enum KeptModels: Equatable {
    case none
    /// What the winner left.
    case whole([UInt8])
    /// What an ensemble's members left, in its order.
    case members([[UInt8]])
}

/// The folder a run leaves its results in: `submission.csv`, `solution.py`, `predict.sh`, `model.tar.gz` where the winner
/// left a model or `model-member-1.tar.gz` and so on where its members did, `report.md`, `run.json`.
struct RunFolder {
    let path: String

    func write(submission: [UInt8], solution: Script) throws {
        try write(submission, to: "submission.csv")
        try write(Array(solution.text.utf8), to: "solution.py")
    }

    /// The sample submission with the script that makes it, when nothing better was found.
    func write(fallback sample: Table) throws {
        let script = Script(
            """
            # No script got a score within the budget: this one hands in the sample submission.
            import os, shutil

            os.makedirs("final", exist_ok=True)
            shutil.copy("input/sample_submission.csv", "final/submission.csv")

            """)
        try write(submission: CSVWriter.bytes(of: sample), solution: script)
    }

    /// What predicts new rows: the script that does it, and the models it needs.
    func write(_ script: PredictScript, models: KeptModels) throws {
        try write(Array(script.text.utf8), to: "predict.sh", isExecutable: true)
        // What an earlier run left here belongs to another script.
        for name in try FileManager.default.contentsOfDirectory(atPath: path)
        where name.wholeMatch(of: #/model(-member-\d+)?\.tar\.gz/#) != nil {
            try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        switch models {
        case .none: break
        case .whole(let model): try write(model, to: "model.tar.gz")
        case .members(let models):
            for (index, model) in models.enumerated() { try write(model, to: "model-member-\(index + 1).tar.gz") }
        }
    }

    func write(report: String, record: FinishRecord) throws {
        try write(Array(report.utf8), to: "report.md")
        try write(Array(try JSONText.pretty(record).utf8), to: "run.json")
    }

    private func write(_ bytes: [UInt8], to name: String, isExecutable: Bool = false) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try DurableFile.write(bytes, to: "\(path)/\(name)")
            let permissions = isExecutable ? 0o755 : 0o644
            try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: "\(path)/\(name)")
        } catch {
            throw InputError("cannot write \(path)/\(name): \(error.localizedDescription); choose a folder with --out")
        }
    }
}

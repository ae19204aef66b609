import Blobs
import Foundation
import Reporting
import Tasks
import Vocabulary

/// The folder a run leaves its results in: `submission.csv`, `solution.py`, `predict.sh`, `model.tar.gz` where the winner
/// left a model, `report.md`, `run.json`.
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

    /// What predicts new rows: the script that does it, and the model the winner left.
    func write(_ script: PredictScript, model: [UInt8]?) throws {
        try write(Array(script.text.utf8), to: "predict.sh", isExecutable: true)
        if let model { return try write(model, to: "model.tar.gz") }
        // What an earlier run left here belongs to another script.
        try? FileManager.default.removeItem(atPath: "\(path)/model.tar.gz")
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

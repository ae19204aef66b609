import Blobs
import Foundation
import Laboratory
import Reporting
import Search
import Tasks
import Vocabulary

extension RunSettings {
    /// Where scores come from: the mounts are made here, once per task and way of splitting it.
    func basis(of task: TaskFolder, in state: StateFolder) throws -> Examiner.Basis {
        try FileManager.default.createDirectory(
            atPath: "\(state.path)/evaluations", withIntermediateDirectories: true)
        // Two runs on one task may begin at once; the second finds what the first has made.
        let lock = FolderLock.waiting(path: "\(state.path)/evaluations/lock")
        defer { lock?.release() }
        switch mode {
        case .hidden:
            let folder = state.evaluationFolder(task.fingerprint, try JSONText.line(split))
            return .hidden(try HiddenEvaluation.prepare(task, settings: split, in: folder), isProtected: false)
        case .selfReported:
            let mount = try task.originalMount(in: state.evaluationFolder(task.fingerprint, "original"))
            let sample = try CSVFile(path: "\(mount.path)/sample_submission.csv")
            return .selfReported(mount, testIDs: sample.column(task.specification.submission.idColumn) ?? [])
        }
    }
}

public import Vocabulary

/// One file of a task folder, or a subfolder taken as a whole.
public struct TaskFile: Hashable, Sendable {
    /// What a file is for.
    public enum Role: Hashable, Sendable {
        /// The competition's text.
        case description
        /// `task.yaml`.
        case settings
        /// The labelled rows.
        case train
        /// The rows to predict.
        case test
        /// The format of a submission.
        case sampleSubmission
        /// Anything else, given to scripts as it is.
        case extra
        /// A subfolder with this many files, given to scripts as it is.
        case folder(fileCount: Int)
    }

    /// Path relative to the task folder.
    public let path: String
    /// What it is for.
    public let role: Role
    /// Size in bytes; of a subfolder, of all its files.
    public let byteCount: Int
    /// Hash of the content; of a subfolder, of the names and contents of its files.
    public let contentHash: ContentHash

    /// A file.
    public init(path: String, role: Role, byteCount: Int, contentHash: ContentHash) {
        self.path = path
        self.role = role
        self.byteCount = byteCount
        self.contentHash = contentHash
    }

    /// The last part of the path.
    public var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

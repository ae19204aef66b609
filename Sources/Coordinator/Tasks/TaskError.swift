/// What is wrong with a task folder, in words its owner can act on.
///
/// The message names the file, the line, column or key, what is allowed there, and what to do.
public struct TaskError: Error, CustomStringConvertible, Hashable, Sendable {
    /// What went wrong, for code that decides by it.
    public enum Code: String, Hashable, Sendable {
        /// A file or folder that must be there is not.
        case missingFile
        /// A file cannot be read or written.
        case inaccessibleFile
        /// A table breaks the rules of CSV.
        case malformedTable
        /// `task.yaml` has a key or a value that is not allowed.
        case malformedConfiguration
        /// The metric is not stated, stated twice, or not one that can be computed.
        case unclearMetric
        /// The id, the targets or the submission's columns cannot be told from the files.
        case unclearColumns
        /// Files contradict each other.
        case contradiction
        /// A split cannot be made, or a prepared directory belongs to another split.
        case impossibleSplit
    }

    /// What went wrong.
    public let code: Code
    /// One or more sentences for the task's owner.
    public let message: String

    /// An error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

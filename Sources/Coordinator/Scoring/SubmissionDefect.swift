/// Why predictions cannot be scored: what is wrong, in which column and row, what is allowed.
///
/// Only the first defect is told, with the number of further ones of its kind; it holds nothing of the hidden labels,
/// so it may be shown to whoever wrote the script.
public struct SubmissionDefect: Error, Hashable, Sendable, CustomStringConvertible {
    /// One or two sentences that name column, row and what is allowed.
    public let message: String
    /// The column of the submission, where one is concerned.
    public let column: String?
    /// The row of the submission from 1, the header not counted, where one is concerned.
    public let row: Int?

    /// A defect with its place.
    public init(message: String, column: String? = nil, row: Int? = nil) {
        self.message = message
        self.column = column
        self.row = row
    }

    /// The message.
    public var description: String { message }
}

extension String {
    /// The text in quotes, cut to 60 characters: a field may be of any length.
    var quoted: String { count > 60 ? "'\(prefix(60))…'" : "'\(self)'" }
}

extension Sequence<String> {
    /// The first `limit` texts in quotes, the rest only counted.
    func listed(limit: Int = 10) -> String {
        let all = Array(self)
        let shown = all.prefix(limit).map(\.quoted).joined(separator: ", ")
        return all.count > limit ? "\(shown) and \(all.count - limit) more" : shown
    }
}

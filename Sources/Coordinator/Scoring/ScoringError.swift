/// Why there is no value although the predictions are well formed: the metric is undefined on these rows, or truth
/// and predictions do not belong together.
public struct ScoringError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence naming the metric or the column concerned.
    public let message: String

    /// An error with its sentence.
    public init(message: String) { self.message = message }

    /// The sentence.
    public var description: String { message }
}

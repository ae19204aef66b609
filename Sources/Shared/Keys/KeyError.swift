/// What is wrong with a key or with what was asked of it, and what to do.
public struct KeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence. It never holds a secret.
    public let description: String

    /// An error that says this.
    public init(_ description: String) { self.description = description }
}

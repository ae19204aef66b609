/// Why nothing was found or fetched, and what to do. Holds no key.
public struct RetrievalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened.
    public let code: Code
    /// Who was asked, such as `brave` or a page's address without its query.
    public let source: String
    /// What was wrong and what to do.
    public let message: String

    /// An error.
    public init(_ code: Code, source: String, message: String) {
        self.code = code
        self.source = source
        self.message = message
    }

    /// What can happen.
    public enum Code: String, Hashable, Sendable, Codable {
        /// The key is missing or wrong.
        case authentication
        /// The plan or the credit is used up.
        case quota
        /// Too many questions for now.
        case rate
        /// The provider cannot answer now.
        case overloaded
        /// The question or the set-up is wrong.
        case badRequest
        /// The connection failed or took too long.
        case network
        /// The answer cannot be read.
        case malformedAnswer
        /// The page is not one to read: on the deny-list, private, or no text.
        case refused
        /// The caller went away.
        case cancelled
        /// The language model that searches could not.
        case model
    }

    /// Source, code and message.
    public var description: String { "\(source): \(code.rawValue): \(message)" }
}

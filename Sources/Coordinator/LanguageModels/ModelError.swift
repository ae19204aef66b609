/// Why there is no answer, and what to do about it. Holds no key, prompt or answer.
public struct ModelError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened.
    public let code: Code
    /// Who was asked, such as `gemini`.
    public let provider: String
    /// The model that was asked.
    public let model: String
    /// What was wrong and what to do, in whole sentences.
    public let message: String
    /// How long the provider asked to be left alone.
    public let retryAfter: Duration?
    /// What to tell the provider about this call.
    public let requestIdentifier: String?

    /// An error; `message` has secrets removed by whoever makes it.
    public init(
        _ code: Code, provider: String, model: String, message: String, retryAfter: Duration? = nil,
        requestIdentifier: String? = nil
    ) {
        self.code = code
        self.provider = provider
        self.model = model
        self.message = message
        self.retryAfter = retryAfter
        self.requestIdentifier = requestIdentifier
    }

    /// What can happen.
    public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
        /// The key is missing, wrong or may not do this.
        case authentication
        /// Credit, plan or day's allowance is used up: waiting seconds does not help. Pauses a run.
        case quota
        /// Too many requests or tokens for now.
        case rate
        /// The prompt is longer than the model reads.
        case contextLength
        /// The provider refuses the prompt or the answer.
        case contentFilter
        /// No such model for this key.
        case unknownModel
        /// The provider does not understand the request.
        case badRequest
        /// The provider cannot answer now.
        case overloaded
        /// The connection failed or broke.
        case network
        /// The provider did not answer in time.
        case timeout
        /// The answer is empty, broken off or no answer at all.
        case malformedAnswer
        /// The run's own budget of money or tokens does not cover the call.
        case budget
        /// The caller went away.
        case cancelled
    }

    /// Whether the same call may well succeed a little later.
    public var isRetriable: Bool {
        switch code {
        case .rate, .overloaded, .network, .timeout: true
        case .authentication, .quota, .contextLength, .contentFilter, .unknownModel, .badRequest, .malformedAnswer,
            .budget, .cancelled:
            false
        }
    }

    /// Whether the run should stop and be resumed later instead of going on without this answer: nothing is wrong with
    /// the question, and asking another would end the same way.
    public var pausesRun: Bool {
        switch code {
        case .authentication, .quota, .unknownModel, .rate, .overloaded, .network, .timeout: true
        case .contextLength, .contentFilter, .badRequest, .malformedAnswer, .budget, .cancelled: false
        }
    }

    /// Such as `gemini gemini-2.5-pro: quota: …`.
    public var description: String {
        let identifier = requestIdentifier.map { " (request \($0))" } ?? ""
        return "\(provider) \(model): \(code.rawValue): \(message)\(identifier)"
    }
}

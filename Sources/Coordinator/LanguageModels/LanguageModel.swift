/// Something that answers prompts: a provider's model, a scripted one, a recording.
public protocol LanguageModel: Sendable {
    /// Answers one prompt.
    ///
    /// Cancelling the task ends the call in a bounded time with code `cancelled`.
    /// - Throws: `ModelError`; an answer that comes back is not empty.
    func answer(_ prompt: ModelPrompt) async throws(ModelError) -> ModelAnswer
}

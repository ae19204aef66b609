/// Asks a second model where the first cannot answer for reasons of its own.
struct FallbackModel: LanguageModel {
    let first: any LanguageModel
    let second: any LanguageModel

    func answer(_ prompt: ModelPrompt) async throws(ModelError) -> ModelAnswer {
        do throws(ModelError) { return try await first.answer(prompt) } catch {
            switch error.code {
            case .quota, .rate, .overloaded, .network, .timeout, .unknownModel, .contextLength, .contentFilter:
                var answer = try await second.answer(prompt)
                answer.notes.insert("the fallback answered, because \(error)", at: 0)
                return answer
            case .authentication, .badRequest, .malformedAnswer, .budget, .cancelled: throw error
            }
        }
    }
}

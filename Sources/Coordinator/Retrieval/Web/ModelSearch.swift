public import LanguageModels

/// A language model that searches with its provider's own tool: Google Search grounding, OpenAI's or Anthropic's web search.
public struct ModelSearch: WebSearch {
    private let model: any LanguageModel
    private let label: String
    /// Always `model`.
    public let name = "model"

    /// A search by a model, booked under a label.
    public init(_ model: any LanguageModel, label: String) {
        self.model = model
        self.label = label
    }

    /// Finds pages; the first one carries what the model said of them all.
    public func search(_ question: String, count: Int) async throws(RetrievalError) -> [SearchResult] {
        let prompt = ModelPrompt(
            system: "Search the web and answer in a few sentences, with the pages you used as sources.",
            text: question, webSearch: true, label: label)
        let answer: ModelAnswer
        do throws(ModelError) { answer = try await model.answer(prompt) } catch {
            throw RetrievalError(error.code == .cancelled ? .cancelled : .model, source: name, message: "\(error)")
        }
        return answer.citations.prefix(count).enumerated().map { place, citation in
            SearchResult(
                title: citation.title, url: citation.url, snippet: place == 0 ? String(answer.text.prefix(2000)) : "",
                rank: place + 1, engine: name)
        }
    }
}

import Foundation
import HTTP
import ModelAgents
import Retrieval
import Search

/// Where models are looked up where the language model cannot search the web: by a search provider, whose pages are read,
/// and in the built-in catalogue.
struct FoundSources: ModelSources {
    let engine: SearchEngine?
    let reader: PageReader
    let catalogue: ModelCatalogue
    /// What must not be seen; `nil` where all may.
    let denied: DenyList?

    /// Pages read for one search.
    private static let pageCount = 4

    /// Sources as the settings want them.
    ///
    /// - Throws: `InputError` when the provider they name has no key.
    init(_ settings: AgentSettings, task: String, http: HTTPClient) throws {
        let environment = ProcessInfo.processInfo.environment
        denied = settings.avoidsOwnCompetition ? .benchmark(competition: task) : nil
        reader = PageReader(http: http, denied: denied ?? DenyList())
        catalogue = .builtIn
        switch settings.search {
        case "auto": engine = SearchEngine.first(in: environment, http: http)
        case "catalogue": engine = nil
        default:
            let kind = SearchEngine.Kind(rawValue: settings.search)
            engine = kind.flatMap { SearchEngine($0, environment: environment, http: http) }
            if engine == nil {
                throw InputError(
                    "models.search: \(settings.search) needs \(kind?.variables.joined(separator: " and ") ?? "a known name")"
                        + " in the environment")
            }
        }
    }

    var name: String { engine?.name ?? "catalogue" }

    func find(_ query: String) async throws -> FoundModels {
        var found = FoundModels(items: [])
        if let engine { found = try await pages(query, by: engine) }
        let cards = catalogue.search(query, count: 4)
        found.items += cards.map {
            FoundModels.Item(
                source: "catalogue: \($0.title)", title: $0.title, text: "\($0.text)\n\n```python\n\($0.code)\n```")
        }
        return found
    }

    private func pages(_ query: String, by engine: SearchEngine) async throws -> FoundModels {
        let search = TidySearch(engine, denied: denied ?? DenyList())
        let question = "effective recent machine learning model, example code: \(query)"
        let findings = try await search.search(question, count: 8)
        var found = FoundModels(
            items: [], notes: findings.heldBack.map { "held back, as it is about this very competition: \($0)" })
        for result in findings.results where found.items.count < Self.pageCount {
            try Task.checkCancellation()
            do throws(RetrievalError) {
                let page = try await reader.read(result.url)
                found.items.append(.init(source: page.url, title: result.title, text: page.text))
            } catch {
                found.notes.append("\(error)")
            }
        }
        return found
    }

    func cards(for query: String, count: Int) -> [Search.ModelCard] {
        catalogue.search(query, count: count).map {
            Search.ModelCard(name: $0.title, exampleCode: $0.code, source: "catalogue: \($0.title)")
        }
    }

    func refusal(of url: String) -> String? {
        guard let denied, url.hasPrefix("http"), denied.denies(url: url) else { return nil }
        return "it is about this very competition"
    }
}

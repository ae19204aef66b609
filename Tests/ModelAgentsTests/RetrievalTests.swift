import Foundation
import Journal
import LanguageModels
import ModelAgents
import Search
import Testing
import Vocabulary

/// A search that finds one page and refuses another.
private struct StubSources: ModelSources {
    var isDown = false
    let name = "stub"

    struct Down: Error {}

    func find(_ query: String) async throws -> FoundModels {
        if isDown { throw Down() }
        return FoundModels(
            items: [.init(source: "https://example.org/page", title: "Trees", text: "Trees win: \(query)")],
            notes: ["held back: https://kaggle.com/c/homes"])
    }

    func cards(for query: String, count: Int) -> [ModelCard] {
        [ModelCard(name: "From the catalogue", exampleCode: "fit()", source: "catalogue: x")]
    }

    func refusal(of url: String) -> String? { url.contains("kaggle.com") ? "it is about this very competition" : nil }
}

@Suite("Looking models up", .timeLimit(.minutes(5)))
struct RetrievalTests {
    private let stage: Stage
    private let request = RetrieveModels(count: 2, solution: 1, summary: "Homes and prices.")

    init() throws { stage = try Stage() }

    private func answer(_ sources: [String]) -> String {
        let models = sources.enumerated().map {
            #"{"model_name": "M\#($0.offset)", "example_code": "fit()", "source_url": "\#($0.element)"}"#
        }
        return #"{"models": [\#(models.joined(separator: ","))]}"#
    }

    @Test("what a search found is in the prompt, and its pages and what was held back are in the journal")
    func found() async throws {
        let source = ScriptedSource(saying: answer(["https://example.org/page"]))
        let reply = try await stage.agents(source, sources: StubSources()).retrieveModels(request)
        #expect(reply.answer?.map(\.source) == ["https://example.org/page"])
        #expect(source.asked[0].prompt.text.contains("Trees win: Homes and prices."))
        let calls = try stage.journal.calls(of: stage.run)
        #expect(calls[0].notes == ["held back: https://kaggle.com/c/homes", "found: https://example.org/page"])
        #expect(calls[1].notes == ["card: M0, https://example.org/page"])
    }

    @Test("a model from a page that must not be used is left out, and the report can say so")
    func denied() async throws {
        let source = ScriptedSource(saying: answer(["https://www.kaggle.com/c/homes/1st", "https://example.org/b"]))
        let reply = try await stage.agents(source, sources: StubSources()).retrieveModels(request)
        #expect(reply.answer?.map(\.name) == ["M1"])
        #expect(
            try stage.journal.calls(of: stage.run)[1].notes.first
                == "left out https://www.kaggle.com/c/homes/1st: it is about this very competition")
    }

    @Test("a search that fails costs the search alone")
    func down() async throws {
        let source = ScriptedSource(saying: answer([""]))
        let reply = try await stage.agents(source, sources: StubSources(isDown: true)).retrieveModels(request)
        #expect(reply.answer?.map(\.source) == ["scripted, from memory"])
    }

    @Test("where no answer passes, the catalogue stands in and says so")
    func catalogue() async throws {
        let reply = try await stage.agents(ScriptedSource([]), sources: StubSources()).retrieveModels(request)
        #expect(reply.answer?.map(\.source) == ["catalogue: x"])
    }

    @Test("a model that searches the web by itself is told to, and nobody else searches")
    func ownSearch() async throws {
        let source = ScriptedSource([.says(answer(["https://example.org/b"]))], canSearch: true)
        _ = try await stage.agents(source, sources: StubSources()).retrieveModels(request)
        #expect(source.asked[0].prompt.webSearch && source.asked[0].prompt.schema == nil)
        #expect(try stage.journal.calls(of: stage.run).map(\.role) == ["retriever"])
    }
}

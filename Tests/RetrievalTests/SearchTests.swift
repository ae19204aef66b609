import HTTP
import LanguageModels
import Synchronization
import TestKit
import Testing

@testable import Retrieval

@Suite("Web search", .timeLimit(.minutes(5)))
struct SearchTests {
    private static let server = Result { try PythonServer("providers/server.py") }
    private static let http = Result { try HTTPClient(HTTPConfiguration(environment: [:])) }
    private static let numbers = Mutex(0)

    private static func path(_ kind: SearchEngine.Kind) -> String {
        switch kind {
        case .brave: "/res/v1/web/search"
        case .tavily: "/tavily/search"
        case .serper: "/serper"
        case .searxng: "/searxng/search"
        case .programmable: "/customsearch/v1"
        }
    }

    /// A provider whose key scripts what it meets.
    private static func engine(_ kind: SearchEngine.Kind, _ script: String = "ok") throws -> SearchEngine {
        let number = numbers.withLock {
            $0 += 1; return $0
        }
        let values = kind.variables.map { ($0, "mk-\(script)-planted\(number)") }
        let server = try server.get()
        return try #require(
            SearchEngine(
                kind, environment: Dictionary(uniqueKeysWithValues: values), http: try http.get(),
                url: server.url + path(kind)))
    }

    @Test("every provider's results are read alike", arguments: SearchEngine.Kind.allCases)
    func reads(kind: SearchEngine.Kind) async throws {
        let results = try await Self.engine(kind).search("best models", count: 4)
        #expect(results.map(\.url).first == "https://example.org/models?utm_source=x#top")
        #expect(results.first?.snippet == "Which models won")
        #expect(results.count == 4)
        #expect(results.map(\.rank) == [1, 2, 3, 4])
    }

    @Test("a page comes once, without marks of campaigns, and what is denied is held back and told")
    func tidies() async throws {
        let denied = DenyList.benchmark(competition: "spaceship-titanic")
        let search = TidySearch(try Self.engine(.brave), denied: denied)
        let findings = try await search.search("best models", count: 5)
        #expect(findings.results.map(\.url) == ["https://example.org/models", "https://example.net/boosting"])
        #expect(findings.results.map(\.rank) == [1, 2])
        #expect(findings.heldBack == ["https://www.kaggle.com/competitions/spaceship-titanic/discussion/1"])
    }

    @Test("nothing found is an empty list", arguments: [SearchEngine.Kind.brave, .tavily, .serper, .programmable])
    func nothing(kind: SearchEngine.Kind) async throws {
        #expect(try await Self.engine(kind, "nothing").search("x", count: 3).isEmpty)
    }

    private static let refusals: [(SearchEngine.Kind, String, RetrievalError.Code)] = [
        (.brave, "auth", .authentication), (.brave, "rate", .rate), (.brave, "broken", .malformedAnswer),
        (.tavily, "auth", .authentication), (.tavily, "quota", .quota), (.tavily, "rate", .rate),
        (.serper, "auth", .authentication), (.serper, "quota", .quota),
        (.programmable, "auth", .authentication), (.programmable, "quota", .quota),
    ]

    @Test("refusals say what to do and not the key", arguments: refusals)
    func refused(kind: SearchEngine.Kind, script: String, code: RetrievalError.Code) async throws {
        let engine = try Self.engine(kind, script)
        let error = await #expect(throws: RetrievalError.self) { try await engine.search("x", count: 3) }
        #expect(error?.code == code)
        #expect(error.map { !"\($0)".contains("planted") } == true)
        var dumped = ""
        dump(engine, to: &dumped)
        #expect(kind == .programmable || !dumped.contains("planted"))
    }

    @Test("SearXNG without its JSON format says which setting, with blocked engines that they are")
    func searxng() async throws {
        let server = try Self.server.get()
        let http = try Self.http.get()
        let fresh = try #require(
            SearchEngine(.searxng, environment: ["SEARXNG_URL": "\(server.url)/none"], http: http))
        #expect(
            await #expect(throws: RetrievalError.self) { try await fresh.search("x", count: 1) }?.code == .badRequest)
        let engine = try #require(
            SearchEngine(.searxng, environment: ["SEARXNG_URL": "\(server.url)/searxng/"], http: http))
        #expect(try await engine.search("x", count: 9).count == 4)
        let blocked = await #expect(throws: RetrievalError.self) { try await engine.search("nothing", count: 9) }
        #expect(blocked?.code == .overloaded)
        #expect(blocked?.message.contains("google") == true)
    }

    @Test("the first provider with all its variables is taken")
    func first() throws {
        let http = try Self.http.get()
        #expect(SearchEngine.first(in: [:], http: http) == nil)
        #expect(SearchEngine.first(in: ["GOOGLE_CSE_KEY": "k"], http: http) == nil)
        let found = SearchEngine.first(in: ["SERPER_API_KEY": "k", "TAVILY_API_KEY": "k"], http: http)
        #expect(found?.name == "tavily")
    }

    @Test("a language model with a web search is a provider too")
    func model() async throws {
        let results = try await ModelSearch(Scripted(), label: "retriever").search("best models", count: 5)
        #expect(results.map(\.url) == ["https://a.org/", "https://b.org/"])
        #expect(results[0].snippet == "They say so.")
    }

    private struct Scripted: LanguageModel {
        func answer(_ prompt: ModelPrompt) async throws(ModelError) -> ModelAnswer {
            #expect(prompt.webSearch)
            #expect(prompt.label == "retriever")
            return ModelAnswer(
                text: "They say so.",
                citations: [Citation(url: "https://a.org/", title: "A"), Citation(url: "https://b.org/")])
        }
    }
}

@Suite("Deny-list", .timeLimit(.minutes(5)))
struct DenyListTests {
    private static let list = DenyList.benchmark(competition: "Spaceship Titanic")

    @Test(
        "places and everything that names the competition are denied",
        arguments: [
            "https://www.kaggle.com/competitions/titanic", "https://kaggle.com/c/x", "https://www.kaggle.com/code/a/b",
            "https://blog.org/my-spaceship-titanic-solution", "https://github.com/x/Titanic_Spaceship", "no address",
            "https://www.kaggle.com/%63ompetitions/x", "https://x.org/?q=spaceship%20titanic",
        ])
    func denies(url: String) { #expect(Self.list.denies(url: url)) }

    @Test(
        "others are not",
        arguments: [
            "https://www.kaggle.com/datasets/x", "https://notkaggle.com/competitions/x", "https://x.org/titanic",
            "https://kaggle.com.evil.org/c/x", "https://www.kaggle.com/coding",
        ])
    func allows(url: String) { #expect(!Self.list.denies(url: url)) }

    @Test("a title counts too, and an empty list denies nothing")
    func title() {
        #expect(Self.list.denies(url: "https://x.org/1", title: "How I won the Spaceship (Titanic) competition"))
        #expect(!DenyList().denies(url: "https://www.kaggle.com/competitions/x"))
    }
}

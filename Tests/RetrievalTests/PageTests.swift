import HTTP
import TestKit
import Testing

@testable import Retrieval

@Suite("Pages", .timeLimit(.minutes(5)))
struct PageTests {
    private static let server = Result { try PythonServer("providers/server.py") }
    private static let http = Result { try HTTPClient(HTTPConfiguration(environment: [:])) }

    private static func reader(denied: DenyList = DenyList(), change: (inout PageReader.Limits) -> Void = { _ in })
        throws
        -> PageReader
    {
        var limits = PageReader.Limits()
        limits.allowsPrivateAddresses = true
        limits.time = .seconds(300)
        change(&limits)
        return PageReader(http: try http.get(), denied: denied, limits: limits)
    }

    private static func url(_ path: String) throws -> String { try server.get().url + path }

    @Test("a page is reduced to its own text, after redirects")
    func reduces() async throws {
        let page = try await Self.reader().read(try Self.url("/moved"))
        #expect(page.url.hasSuffix("/page"))
        #expect(page.title == "A & B")
        #expect(
            page.text == """
                # Heading
                First <paragraph> with bold.
                - one
                - two
                import x
                  y = 1
                """)
        #expect(!page.isCut)
    }

    @Test("plain text and other charsets are read")
    func others() async throws {
        #expect(try await Self.reader().read(try Self.url("/text")).text == "plain — text")
        #expect(try await Self.reader().read(try Self.url("/latin")).text == "café")
    }

    @Test("text is cut to its cap, and a page beyond its bytes is refused")
    func caps() async throws {
        let page = try await Self.reader { $0.bytes = 10 << 20 }.read(try Self.url("/huge"))
        #expect(page.isCut && page.text.count <= 8000)
        let small = try Self.reader { $0.bytes = 1000 }
        let error = await #expect(throws: RetrievalError.self) { try await small.read(try Self.url("/huge")) }
        #expect(error?.code == .refused)
    }

    @Test(
        "what is no page to read is refused",
        arguments: ["/binary", "/loop", "/nowhere", "/file"])
    func refuses(path: String) async throws {
        let reader = try Self.reader()
        let error = await #expect(throws: RetrievalError.self) { try await reader.read(try Self.url(path)) }
        #expect(error?.code == .refused)
    }

    @Test("private addresses are refused, also after a redirect")
    func inward() async throws {
        let guarded = try Self.reader { $0.allowsPrivateAddresses = false }
        for address in [
            try Self.url("/page"), "http://localhost/", "http://169.254.169.254/latest/meta-data", "file:///etc/passwd",
        ] {
            let error = await #expect(throws: RetrievalError.self) { try await guarded.read(address) }
            #expect(error?.code == .refused, "\(address)")
        }
    }

    @Test("a redirect to a private address is refused, whoever redirects")
    func inwardByRedirect() async throws {
        // The first page is reached by a name that this client resolves; only its redirect leads inward.
        let server = try Self.server.get()
        var configuration = HTTPConfiguration(environment: ["http_proxy": server.url])
        configuration.resolves = []
        let reader = PageReader(http: try HTTPClient(configuration))
        let error = await #expect(throws: RetrievalError.self) {
            try await reader.read("http://pages.example.org/inward")
        }
        #expect(error?.code == .refused)
        #expect(error?.source == "http://169.254.169.254/latest/meta-data")
    }

    @Test("the deny-list is asked before a page is fetched and at every redirect")
    func denied() async throws {
        let host = DenyList(places: ["127.0.0.1/page"])
        let reader = try Self.reader(denied: host)
        for path in ["/page", "/moved"] {
            let error = await #expect(throws: RetrievalError.self) { try await reader.read(try Self.url(path)) }
            #expect(error?.message == "it is on the deny-list")
        }
    }
}

@Suite("HTML to text", .timeLimit(.minutes(5)))
struct HTMLTextTests {
    @Test(
        "odd pages are reduced without harm",
        arguments: [
            ("a < b & c", "a < b & c"), ("<p>one<p>two", "one\ntwo"), ("x<br/>y", "x\ny"), ("<b>a</b><i>b</i>", "ab"),
            ("<script>if (a<b) document.write('</p>')</script>z", "z"), ("<!-- <p>no</p> -->yes", "yes"), ("<", "<"),
            ("<p", "<p"), ("&#x41;&#66;&nbsp;&unknown;&", "AB &unknown;&"), ("<nav><nav>a</nav>b</nav>c", "c"),
            ("<style>p{}", ""), ("<main>in</main>out", "in"), ("<TITLE>t</TITLE><P>B</P>", "B"), ("", ""),
            ("<svg/>a<nav/>b", "ab"),
        ])
    func odd(html: String, text: String) { #expect(HTMLText.reduce(html, limit: 1000).text == text) }

    @Test("a deep or endless page ends in bounded work")
    func endless() {
        let deep = String(repeating: "<div><nav>", count: 50_000) + "x"
        #expect(HTMLText.reduce(deep, limit: 100).text.isEmpty)
        for open in ["<", "<a", "</", "<!--", "<script>", "<a b"] {
            _ = HTMLText.reduce(String(repeating: open, count: 20_000), limit: 100)
            _ = HTMLText.reduce("<article>" + String(repeating: open, count: 20_000) + "</article>", limit: 100)
            _ = HTMLText.reduce("<script>" + String(repeating: open, count: 20_000) + ">", limit: 100)
        }
    }
}

@Suite("Model catalogue", .timeLimit(.minutes(6)))
struct CatalogueTests {
    @Test(
        "words of a task find the models for it",
        arguments: [
            (
                "binary classification of a table with categorical columns",
                ["CatBoost", "LightGBM", "Boosted trees on target encodings"]
            ),
            ("classify toxic comments, text", ["TF-IDF with logistic regression"]),
            ("image segmentation of documents with noise", ["U-Net"]),
            ("bird sounds in audio recordings", ["Convolutional network on mel spectrograms"]),
            ("text normalization transliteration", ["Sequence to sequence with attention"]),
            ("RealMLP", ["RealMLP"]), ("forecast daily sales", ["Boosted trees on lagged values"]),
        ])
    func finds(words: String, titles: [String]) {
        let found = ModelCatalogue.builtIn.search(words, count: 3).map(\.title)
        #expect(!Set(found).isDisjoint(with: titles), "\(found)")
    }

    @Test("marks of a question mean nothing, and nothing asked finds nothing")
    func marks() {
        #expect(!ModelCatalogue.builtIn.search("\"tabular\" AND (NOT* OR: -x", count: 2).isEmpty)
        #expect(ModelCatalogue.builtIn.search("?!", count: 5).isEmpty)
        #expect(ModelCatalogue.builtIn.search("tabular", count: 0).isEmpty)
        #expect(ModelCatalogue.builtIn.cards.count >= 25)
    }

    @Test("a user's card replaces the one of its title, and a broken one is named")
    func own() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "# LightGBM\ntags: tabular\npackages: lightgbm\n\nOurs.\n\n```python\nimport lightgbm\n```\n", to: "a.md")
        let catalogue = try ModelCatalogue.reading(folder: folder.path)
        #expect(catalogue.cards.count == ModelCatalogue.builtIn.cards.count)
        #expect(catalogue.search("LightGBM", count: 30).contains { $0.text == "Ours." })
        try folder.write("# Broken\ntags: x\n", to: "b.md")
        let error = #expect(throws: CardError.self) { try ModelCatalogue.reading(folder: folder.path) }
        #expect(error?.description.hasSuffix("b.md: must have lines 'tags: …' and 'packages: …'") == true)
    }

    @Test("the code of every card compiles, and runs where its packages are installed")
    func code() async throws {
        let cards = PythonServer.fixtures + "/../../configs/cards"
        let (code, output) = try await PythonServer.run(
            "check_cards.py", python: PythonServer.training ?? "/usr/bin/python3",
            arguments: [cards] + (PythonServer.training == nil ? [] : ["--run"]))
        #expect(code == 0, "\(output)")
        if PythonServer.training != nil { #expect(output.contains("ran      lightgbm")) }
    }
}

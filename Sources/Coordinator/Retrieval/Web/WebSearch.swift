/// Something that finds pages.
public protocol WebSearch: Sendable {
    /// What it is called, such as `brave`.
    var name: String { get }
    /// Finds pages for a question.
    ///
    /// - Parameter count: The most results wanted, 1 to 20.
    func search(_ question: String, count: Int) async throws(RetrievalError) -> [SearchResult]
}

/// A page that was found.
public struct SearchResult: Hashable, Sendable, Codable {
    /// What the page is called.
    public var title: String
    /// Where it is; `http` or `https`.
    public var url: String
    /// A few words of it, without marks.
    public var snippet: String
    /// When it was published, as the provider writes it.
    public var published: String?
    /// Its place among the results, from 1.
    public var rank: Int
    /// Who found it.
    public var engine: String

    /// A result.
    public init(
        title: String, url: String, snippet: String = "", published: String? = nil, rank: Int, engine: String
    ) {
        self.title = title
        self.url = url
        self.snippet = snippet
        self.published = published
        self.rank = rank
        self.engine = engine
    }
}

/// What a search gave after the deny-list was asked.
public struct SearchFindings: Hashable, Sendable, Codable {
    /// What may be seen, each page once.
    public var results: [SearchResult]
    /// What the deny-list held back, by address.
    public var heldBack: [String]
}

/// A search whose results are tidied up: each page once, nothing that the deny-list names, ranks without gaps.
public struct TidySearch: Sendable {
    private let search: any WebSearch
    private let denied: DenyList

    /// A search behind a deny-list.
    public init(_ search: any WebSearch, denied: DenyList = DenyList()) {
        self.search = search
        self.denied = denied
    }

    /// Who searches.
    public var name: String { search.name }

    /// Finds pages for a question; asks for a few more than wanted, so that some may fall away.
    public func search(_ question: String, count: Int) async throws(RetrievalError) -> SearchFindings {
        var findings = SearchFindings(results: [], heldBack: [])
        var seen: Set<String> = []
        let found = try await search.search(String(question.prefix(400)), count: min(20, max(1, count) + 5))
        for var result in found {
            guard let url = WebAddress.tidy(result.url), seen.insert(url).inserted else { continue }
            guard !denied.denies(url: url, title: result.title) else {
                findings.heldBack.append(url)
                continue
            }
            guard findings.results.count < count else { continue }
            result.url = url
            result.rank = findings.results.count + 1
            findings.results.append(result)
        }
        return findings
    }
}

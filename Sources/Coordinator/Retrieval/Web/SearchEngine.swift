import Foundation
public import HTTP
import LanguageModels

/// A web-search provider with a key or an address from the environment.
public struct SearchEngine: WebSearch {
    /// The providers.
    public enum Kind: String, Sendable, CaseIterable {
        /// Brave Search: `BRAVE_API_KEY`.
        case brave
        /// Tavily: `TAVILY_API_KEY`.
        case tavily
        /// Serper: `SERPER_API_KEY`.
        case serper
        /// A SearXNG of one's own: `SEARXNG_URL`.
        case searxng
        /// Google Programmable Search, which ends on 2027-01-01: `GOOGLE_CSE_KEY` and `GOOGLE_CSE_ID`.
        case programmable

        /// The variables that must be set.
        public var variables: [String] {
            switch self {
            case .brave: ["BRAVE_API_KEY"]
            case .tavily: ["TAVILY_API_KEY"]
            case .serper: ["SERPER_API_KEY"]
            case .searxng: ["SEARXNG_URL"]
            case .programmable: ["GOOGLE_CSE_KEY", "GOOGLE_CSE_ID"]
            }
        }

        var usualURL: String {
            switch self {
            case .brave: "https://api.search.brave.com/res/v1/web/search"
            case .tavily: "https://api.tavily.com/search"
            case .serper: "https://google.serper.dev/search"
            case .searxng: ""
            case .programmable: "https://www.googleapis.com/customsearch/v1"
            }
        }
    }

    /// Which one.
    public let kind: Kind
    private let url: String
    private let key: Secret
    private let engineIdentifier: String
    private let http: HTTPClient

    /// The provider's name.
    public var name: String { kind.rawValue }

    /// A provider whose variables are set; `nil` when they are not.
    ///
    /// - Parameter url: Where it is, instead of its usual address.
    public init?(_ kind: Kind, environment: [String: String], http: HTTPClient, url: String? = nil) {
        let values = kind.variables.compactMap { environment[$0] }.filter { !$0.isEmpty }
        guard values.count == kind.variables.count else { return nil }
        self.kind = kind
        self.http = http
        key = Secret(kind == .searxng ? "" : values[0])
        engineIdentifier = values.count > 1 ? values[1] : ""
        var base = values[0]
        while base.hasSuffix("/") { base.removeLast() }
        self.url = url ?? (kind == .searxng ? "\(base)/search" : kind.usualURL)
    }

    /// The first provider whose variables are set.
    public static func first(in environment: [String: String], http: HTTPClient) -> SearchEngine? {
        Kind.allCases.lazy.compactMap { SearchEngine($0, environment: environment, http: http) }.first
    }

    /// Finds pages; a provider's "nothing found" is an empty list.
    public func search(_ question: String, count: Int) async throws(RetrievalError) -> [SearchResult] {
        let (response, body): (HTTPResponse, [UInt8])
        do throws(HTTPError) { (response, body) = try await http.read(request(question, count)) } catch {
            throw failure(error.code == .cancelled ? .cancelled : .network, error.message)
        }
        let answer = JSONValue(parsing: body)
        guard response.status == 200 else { throw refusal(response.status, answer) }
        guard let answer else { throw failure(.malformedAnswer, "the answer is no JSON") }
        let rows = try rows(in: answer)
        return rows.prefix(count).enumerated().compactMap { place, row in
            guard let link = (row["url"] ?? row["link"])?.string else { return nil }
            let snippet = (row["description"] ?? row["content"] ?? row["snippet"])?.string ?? ""
            return SearchResult(
                title: HTMLText.plain(row["title"]?.string ?? ""), url: link, snippet: HTMLText.plain(snippet),
                published: (row["age"] ?? row["published_date"] ?? row["publishedDate"] ?? row["date"])?.string,
                rank: place + 1, engine: name)
        }
    }

    private func request(_ question: String, _ count: Int) -> HTTPRequest {
        let limits = HTTPLimits(idle: .seconds(20), total: .seconds(40), bodyBytes: 4 << 20)
        let json = (name: "content-type", value: "application/json")
        switch kind {
        case .brave:
            let query = [
                ("q", question), ("count", "\(count)"), ("text_decorations", "false"), ("result_filter", "web"),
            ]
            return HTTPRequest(
                "GET", address(query),
                headers: [("x-subscription-token", key.reveal()), ("accept", "application/json")],
                limits: limits)
        case .tavily:
            let body: JSONValue = ["query": .string(question), "max_results": .number(Double(count))]
            return HTTPRequest(
                "POST", url, headers: [json, ("authorization", "Bearer \(key.reveal())")], body: body.bytes,
                limits: limits)
        case .serper:
            let body: JSONValue = ["q": .string(question), "num": .number(Double(count))]
            return HTTPRequest(
                "POST", url, headers: [json, ("x-api-key", key.reveal())], body: body.bytes, limits: limits)
        case .searxng: return HTTPRequest("GET", address([("q", question), ("format", "json")]), limits: limits)
        case .programmable:
            // The key can only go into the address here; errors show addresses without their query.
            let query = [
                ("key", key.reveal()), ("cx", engineIdentifier), ("q", question), ("num", "\(min(10, count))"),
            ]
            return HTTPRequest("GET", address(query), limits: limits)
        }
    }

    private func address(_ query: [(String, String)]) -> String {
        var unreserved = CharacterSet.alphanumerics
        unreserved.insert(charactersIn: "-._~")
        let fields = query.map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "")" }
        return "\(url)?\(fields.joined(separator: "&"))"
    }

    private func rows(in answer: JSONValue) throws(RetrievalError) -> [JSONValue] {
        switch kind {
        case .brave: return answer["web"]?["results"]?.elements ?? []
        case .tavily, .searxng:
            guard let rows = answer["results"]?.elements else { throw failure(.malformedAnswer, "it has no results") }
            let silent = answer["unresponsive_engines"]?.elements ?? []
            if rows.isEmpty, !silent.isEmpty {
                let names = silent.compactMap { $0[0]?.string }.joined(separator: ", ")
                throw failure(.overloaded, "none of its engines answers (\(names)); try later or set up others")
            }
            return rows
        case .serper: return answer["organic"]?.elements ?? []
        case .programmable: return answer["items"]?.elements ?? []
        }
    }

    private func refusal(_ status: Int, _ answer: JSONValue?) -> RetrievalError {
        let error = answer?["error"]
        let said =
            error?["detail"]?.string ?? error?["message"]?.string ?? answer?["detail"]?["error"]?.string
            ?? answer?["message"]?.string ?? "status \(status)"
        let isUsedUp = ["usage limit", "not enough credits", "per day", "run out"].contains {
            said.lowercased().contains($0)
        }
        let code: RetrievalError.Code =
            switch (kind, status) {
            case (.brave, 422) where error?["code"] == "SUBSCRIPTION_TOKEN_INVALID": .authentication
            case (.searxng, 403): .badRequest
            case (.programmable, 400) where said.contains("API key"): .authentication
            case (_, 402), (_, 432), (_, 433): .quota
            case _ where isUsedUp: .quota
            case (_, 401), (_, 403): .authentication
            case (_, 429): .rate
            case (_, 500...): .overloaded
            default: .badRequest
            }
        return failure(code, said)
    }

    private func failure(_ code: RetrievalError.Code, _ said: String) -> RetrievalError {
        let advice =
            switch code {
            case .authentication: "Check \(kind.variables.joined(separator: " and "))."
            case .quota: "Raise the plan's limit or use another provider."
            case .badRequest where kind == .searxng: "Allow `json` under search.formats in its settings."
            case .rate, .overloaded, .network: "Try again later."
            default: "Try another provider."
            }
        return RetrievalError(code, source: name, message: "\(key.removed(from: String(said.prefix(300)))). \(advice)")
    }
}

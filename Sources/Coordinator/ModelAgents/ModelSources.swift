public import Search

/// What a look for models found.
public struct FoundModels: Codable, Hashable, Sendable {
    /// One page, or one card of the catalogue.
    public struct Item: Codable, Hashable, Sendable {
        /// Where it is; a name for what lies in the catalogue.
        public let source: String
        /// What it is called.
        public let title: String
        /// Its text, capped.
        public let text: String

        /// An item.
        public init(source: String, title: String, text: String) {
            self.source = source
            self.title = title
            self.text = text
        }
    }

    /// What was found, the best first.
    public var items: [Item]
    /// What is worth telling: pages that were left out, and why.
    public var notes: [String]

    /// Finds.
    public init(items: [Item], notes: [String] = []) {
        self.items = items
        self.notes = notes
    }
}

/// Where models are looked up: a search provider with its pages, or a catalogue.
public protocol ModelSources: Sendable {
    /// What is asked, such as `brave` or `catalogue`; shown beside the calls.
    var name: String { get }

    /// Looks models up by words.
    func find(_ query: String) async throws -> FoundModels

    /// Cards that are good without any language model: what stands in when no answer passes.
    func cards(for query: String, count: Int) -> [ModelCard]

    /// Why a page must not be used; `nil` when it may.
    func refusal(of url: String) -> String?
}

/// What people add to a search before it begins.
public struct Guidance: Codable, Hashable, Sendable {
    /// Model cards written by hand, tried beside those that are retrieved.
    public var cards: [ModelCard]
    /// What to refine, in place of an ablation's finding.
    public var target: String?
    /// Recipes of a person's own catalogue, for the playbook.
    public var recipes: [RecipeFile]

    /// Guidance; none by default.
    public init(cards: [ModelCard] = [], target: String? = nil, recipes: [RecipeFile] = []) {
        self.cards = cards
        self.target = target
        self.recipes = recipes
    }

    /// Every recipe among the files and the cards.
    public var allRecipes: [RecipeFile] {
        let cards = cards.filter { $0.exampleCode.hasPrefix("# recipe:") }
        return recipes + cards.map { RecipeFile(name: $0.source, text: $0.exampleCode) }
    }

    /// The cards that one of `count` parallel solutions tries: each goes to one of them, in turn.
    func cards(for solution: Int, of count: Int) -> [ModelCard] {
        cards.enumerated().filter { $0.offset % count == solution - 1 }.map(\.element)
    }
}

/// A recipe as it is written.
public struct RecipeFile: Codable, Hashable, Sendable {
    /// The file's name, for errors.
    public let name: String
    /// Its text.
    public let text: String

    /// A recipe.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

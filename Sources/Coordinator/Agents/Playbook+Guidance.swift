public import Search

/// What people add to a search, as far as the playbook understands it.
extension Playbook {
    /// What of a person's help the playbook cannot use, a sentence each; empty when all of it is of use.
    public func unusable(in guidance: Guidance) -> [String] {
        guidance.cards.compactMap(defect) + [guidance.target.flatMap(defect)].compactMap { $0 }
    }

    private func defect(of card: ModelCard) -> String? {
        let title = card.name.split(separator: "/", maxSplits: 1).first.map(\.trimmed)
        let isRecipe = card.exampleCode.hasPrefix("# recipe:")
        guard let recipe = catalogue.recipes.first(where: { $0.title == title }) else {
            // One that is added later stands in no catalogue.
            if isRecipe { return "the recipe '\(card.name)' (\(card.source)) comes too late: begin a run with it" }
            return
                "the model card '\(card.name)' (\(card.source)) is of no use without a language model: the playbook plays "
                + "recipes, files that begin with '# recipe: NAME'"
        }
        guard recipe.condition.holds(for: traits) else {
            return "the recipe '\(recipe.title)' (\(card.source)) does not suit the task"
        }
        return isRecipe
            ? nil
            : "of the model card '\(card.name)' (\(card.source)) only the name is used: the playbook has a recipe called so"
    }

    private func defect(of target: String) -> String? {
        let names = refinableBlocks
        guard BlockNames(names, titles: modelTitles).named(in: target).isEmpty else { return nil }
        let list = names.map { "'\($0)'" }.joined(separator: ", ")
        return "the target \"\(target)\" names no block that the playbook can refine; its blocks are \(list)"
    }

    /// The blocks that some plan of the catalogue changes in some script for the task.
    private var refinableBlocks: [String] {
        let suited = catalogue.recipes.filter { $0.condition.holds(for: traits) && $0.modelBlock(for: traits) != nil }
        let names = catalogue.frame.blockNames + suited.flatMap(\.modelNames)
        let planned = ([catalogue.frame] + suited).flatMap(\.changes).filter {
            $0.purpose == .plan && $0.condition.holds(for: traits)
        }
        return names.filter { name in planned.contains { $0.block == name } }
    }

    /// What recipes call the models, by the names of their blocks.
    var modelTitles: [String: String] {
        let titles = catalogue.recipes.flatMap { recipe in recipe.modelNames.map { ($0, recipe.title) } }
        return Dictionary(titles) { first, _ in first }
    }
}

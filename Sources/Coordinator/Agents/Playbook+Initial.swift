public import Search
public import Vocabulary

extension Playbook {
    /// Model cards of recipes that suit the task; each solution starts from another strong one. When more are wanted than
    /// there are recipes, recipes with one plan for their model carried out follow.
    public func retrieveModels(_ request: RetrieveModels) async throws -> RoleReply<[ModelCard]> {
        if let obstacle { return .notApplicable(obstacle) }
        let recipes = Lineup(catalogue: catalogue, traits: traits).recipes(
            count: request.count, solution: request.solution)
        let plain = recipes.compactMap { recipe in
            recipe.modelBlock(for: traits).map { card(recipe.title, of: recipe, showing: $0) }
        }
        let cards = plain + variants(of: recipes).prefix(max(0, request.count - plain.count))
        return cards.isEmpty ? .notApplicable("no recipe of the catalogue suits the task") : .valid(cards)
    }

    /// The first script of the recipe that a card names.
    public func writeCandidate(_ request: WriteCandidate) async throws -> RoleReply<Script> {
        if let obstacle { return .notApplicable(obstacle) }
        let parts = request.card.name.split(separator: "/", maxSplits: 1).map(\.trimmed)
        guard let recipe = catalogue.recipes.first(where: { $0.title == parts.first }) else {
            return .notApplicable("the catalogue has no recipe called '\(request.card.name)'")
        }
        guard recipe.condition.holds(for: traits), var script = writer.script(of: recipe) else {
            return .notApplicable("the recipe '\(recipe.title)' does not suit the task")
        }
        if parts.count == 2 {
            guard let model = script.models.first,
                let change = changes(of: model, for: .plan).first(where: { $0.title == parts[1] }),
                let changed = result(of: change, on: model)
            else { return .notApplicable("the recipe '\(recipe.title)' has no plan '\(parts[1])'") }
            script.replace(changed)
        }
        return .valid(script.script)
    }

    private func card(_ name: String, of recipe: Recipe, showing block: Block) -> ModelCard {
        ModelCard(name: name, exampleCode: block.text, source: recipe.provenance)
    }

    /// Every recipe with each plan for its model carried out: the first plans of all recipes, then the second ones, …
    private func variants(of recipes: [Recipe]) -> [ModelCard] {
        let columns = recipes.map { recipe -> [ModelCard] in
            guard let model = writer.script(of: recipe)?.models.first else { return [] }
            return changes(of: model, for: .plan).compactMap { change in
                result(of: change, on: model).map { card("\(recipe.title) / \(change.title)", of: recipe, showing: $0) }
            }
        }
        let depth = columns.map(\.count).max() ?? 0
        return (0..<depth).flatMap { row in columns.compactMap { row < $0.count ? $0[row] : nil } }
    }

    /// The base script with the models of the other one, and the encodings these need, as further members.
    public func mergeSolutions(_ request: MergeSolutions) async throws -> RoleReply<Script> {
        guard let base = BlockScript(request.base), let reference = BlockScript(request.reference) else {
            return .notApplicable(Decline.foreignScript)
        }
        guard reference.models.contains(where: { !base.has($0.name) }) else {
            return .notApplicable("both scripts train the same models")
        }
        guard let merged = adding(modelsOf: reference, to: base) else {
            return .notApplicable("the script has no list of members to add to")
        }
        return .valid(merged.script)
    }

    /// A script with the models of another one that it lacks, and the encodings these need, as further members; `nil`
    /// when it has no list of members.
    func adding(modelsOf reference: BlockScript, to base: BlockScript) -> BlockScript? {
        var merged = base
        for block in reference.blocks where block.name.hasPrefix("encode ") && !merged.has(block.name) {
            merged.insert(block)
        }
        for model in reference.models where !merged.has(model.name) {
            guard let members = merged["members"]?.adding(member: model.name) else { return nil }
            merged.insert(model)
            merged.replace(members)
        }
        merged.removeUnusedEncodings()
        merged.heading = writer.heading(of: writer.titles(in: merged))
        return merged
    }

    /// Scripts of the playbook use every column that train and test share.
    public func checkDataUsage(_ request: CheckDataUsage) async throws -> RoleReply<DataUsage> {
        guard let script = BlockScript(request.script), let setup = script["setup"], let load = script["load"] else {
            return .notApplicable(Decline.foreignScript)
        }
        let isWhole =
            writer.columns.names.allSatisfy { setup.text.contains($0.pythonLiteral) }
            && load.text.contains("for name in FEATURES")
        return isWhole ? .valid(.everythingUsed) : .notApplicable("the script reads its columns in a way of its own")
    }

    /// Takes out members whose optional package is missing; any other failure is declined.
    public func debug(_ request: DebugScript) async throws -> RoleReply<Script> {
        guard var script = BlockScript(request.script) else { return .notApplicable(Decline.foreignScript) }
        guard case .missingPackage(let package) = request.failure.ending else {
            return .notApplicable("the playbook mends only scripts that miss an optional package")
        }
        let broken = script.models.filter { $0.imports(package) }
        guard !broken.isEmpty, broken.count < script.models.count else {
            return .notApplicable("the script cannot do without the package \(package)")
        }
        for model in broken {
            let entry = Block.memberEntry(of: model.name)
            guard let members = script["members"],
                let fewer = Operation.remove(list: "MEMBERS", entry: entry).applied(to: members)
            else { return .notApplicable("the script has no list of members to take from") }
            script.replace(fewer)
            script.blocks.removeAll { $0.name == model.name }
        }
        guard script["members"]?.entries(of: "MEMBERS")?.isEmpty == false else {
            return .notApplicable("no member would be left")
        }
        script.removeUnusedEncodings()
        script.heading = writer.heading(of: writer.titles(in: script))
        return .valid(script.script)
    }
}

extension Block {
    /// Whether the block imports a package or a module of it.
    func imports(_ package: String) -> Bool {
        let root = package.prefix { $0 != "." }
        return lines.contains { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "." || $0 == "," })
            return words.count > 1 && (words[0] == "import" || words[0] == "from") && words[1] == root
        }
    }
}

/// Which recipes the parallel solutions start from.
struct Lineup {
    let catalogue: Catalogue
    let traits: Traits

    /// Strong models and companions in turn; every solution begins with another strong one.
    func recipes(count: Int, solution: Int) -> [Recipe] {
        let strong = ranked(.strong)
        let companions = ranked(.companion)
        let all = strong.isEmpty ? companions : strong
        guard !all.isEmpty else { return [] }
        var chosen: [Recipe] = []
        func add(_ recipe: Recipe) {
            if chosen.count < count, !chosen.contains(where: { $0.title == recipe.title }) { chosen.append(recipe) }
        }
        for step in 0..<(2 * (strong.count + companions.count)) {
            let place = step + max(0, solution - 1)
            if step.isMultiple(of: 2) || companions.isEmpty {
                add(all[place % all.count])
            } else {
                add(companions[(place - 1) % companions.count])
            }
        }
        for recipe in strong + companions { add(recipe) }
        return chosen
    }

    private func ranked(_ tier: Recipe.Tier) -> [Recipe] {
        let suited = catalogue.recipes.filter {
            $0.tier(for: traits) == tier && $0.condition.holds(for: traits) && $0.modelBlock(for: traits) != nil
        }
        return suited.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
    }
}

import Foundation
public import Search

/// The recipes a playbook plays from: a frame that all scripts share and the models that fit into it.
public struct Catalogue: Sendable {
    /// Blocks every script has, and their changes.
    let frame: Recipe
    /// The models, in the order of their files' names, a user's behind the built-in ones.
    let recipes: [Recipe]

    /// The recipes that come with the program.
    public static let builtIn: Catalogue = {
        var recipes: [Recipe] = []
        for (file, bytes) in embedded {
            do throws(RecipeReader.Defect) {
                recipes.append(try RecipeReader(source: file, text: String(decoding: bytes, as: UTF8.self)).recipe())
            } catch {
                preconditionFailure("the built-in recipe \(file) is broken in line \(error.line): \(error.message)")
            }
        }
        let frame = recipes.filter(\.isFrame)
        return Catalogue(
            frame: frame.dropFirst().reduce(frame[0]) { $0.adding($1) }, recipes: recipes.filter { !$0.isFrame })
    }()

    /// The files that are compiled in.
    private static let embedded: [(file: String, bytes: [UInt8])] = [
        ("averaging.py", PackageResources.averaging_py),
        ("catboost.py", PackageResources.catboost_py),
        ("encodings.py", PackageResources.encodings_py),
        ("extra_trees.py", PackageResources.extra_trees_py),
        ("features.py", PackageResources.features_py),
        ("frame.py", PackageResources.frame_py),
        ("gradient_boosting.py", PackageResources.gradient_boosting_py),
        ("lightgbm.py", PackageResources.lightgbm_py),
        ("linear.py", PackageResources.linear_py),
        ("metrics.py", PackageResources.metrics_py),
        ("nearest_neighbours.py", PackageResources.nearest_neighbours_py),
        ("neural_network.py", PackageResources.neural_network_py),
        ("outcomes.py", PackageResources.outcomes_py),
        ("rotation_forest.py", PackageResources.rotation_forest_py),
        ("support_vectors.py", PackageResources.support_vectors_py),
        ("texts.py", PackageResources.texts_py),
        ("word_weights.py", PackageResources.word_weights_py),
        ("xgboost.py", PackageResources.xgboost_py),
    ]

    /// Reads the recipe files (`*.py`) of a folder.
    ///
    /// A file begins with `# recipe: NAME` and `# suits: CONDITION` (such as `binary or multiclass, not text`), and may
    /// name `# packages:`, `# tier:` (`strong`, `strong where CONDITION` or `companion`), `# rank:` and the encodings it
    /// `# uses:`. Then come `# --- block: model NAME ---` with a function `train_NAME(table, target, seed)` that returns a
    /// function from a table to predictions, and changes of blocks: `# --- plan: BLOCK / TITLE ---`, `ablation` or
    /// `adjust`, with their sentences (`# > …`), settings (`# set: name=value`) and code, as in the built-in files.
    ///
    /// - Throws: `CatalogueError`, which names the file and what is wrong with it.
    public static func files(in folder: String) throws(CatalogueError) -> [RecipeFile] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".py") }.sorted()
        } catch {
            throw CatalogueError(file: folder, line: nil, message: "the folder cannot be read")
        }
        var files: [RecipeFile] = []
        for name in names {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)"),
                let text = String(bytes: bytes, encoding: .utf8)
            else { throw CatalogueError(file: name, line: nil, message: "the file cannot be read as UTF-8 text") }
            files.append(RecipeFile(name: name, text: text))
        }
        return files
    }

    /// The catalogue with the recipes of some files; a recipe replaces the one of the same name.
    ///
    /// - Throws: `CatalogueError`, which names the file and what is wrong with it.
    public func adding(_ files: [RecipeFile]) throws(CatalogueError) -> Catalogue {
        var recipes = self.recipes
        var added: [Recipe] = []
        for file in files {
            let recipe = try Catalogue.read(file)
            let clash = recipes.first {
                $0.title != recipe.title && !Set($0.modelNames).isDisjoint(with: recipe.modelNames)
            }
            if let clash {
                let message = "its block '\(recipe.modelNames[0])' is that of the recipe '\(clash.title)'"
                throw CatalogueError(file: file.name, line: nil, message: message)
            }
            if let unknown = recipe.uses.first(where: { use in !frame.blockNames.contains(use) }) {
                let message = "'\(unknown)' in '# uses:' is not a block of the frame"
                throw CatalogueError(file: file.name, line: 1, message: message)
            }
            recipes = recipes.filter { $0.title != recipe.title } + [recipe]
            added = added.filter { $0.title != recipe.title } + [recipe]
        }
        let catalogue = Catalogue(frame: frame, recipes: recipes)
        for recipe in added { try catalogue.checkNames(in: recipe) }
        return catalogue
    }

    /// Refuses changes of blocks, and of changes, that are nowhere: nothing would ever come of them.
    func checkNames(in recipe: Recipe) throws(CatalogueError) {
        let all = [frame] + recipes
        for change in recipe.changes {
            guard all.contains(where: { $0.blockNames.contains(change.block) }) else {
                let message = "'\(change.block)' is a block of neither the recipe nor the frame"
                throw CatalogueError(file: recipe.source, line: change.line, message: message)
            }
            let others = all.flatMap(\.changes).filter { $0.block == change.block && $0.purpose == change.purpose }
            let titles = Set(others.map(\.title))
            for (key, names) in [("includes", change.includes), ("near", change.near)] {
                guard let unknown = names.first(where: { !titles.contains($0) }) else { continue }
                let message = "'\(unknown)' in '# \(key):' is no \(change.purpose.rawValue) of '\(change.block)'"
                throw CatalogueError(file: recipe.source, line: change.line, message: message)
            }
        }
    }

    private static func read(_ file: RecipeFile) throws(CatalogueError) -> Recipe {
        do throws(RecipeReader.Defect) {
            let recipe = try RecipeReader(source: file.name, text: file.text).recipe()
            guard !recipe.isFrame else {
                throw RecipeReader.Defect(line: 1, message: "the frame cannot be replaced; head it '# recipe: NAME'")
            }
            return recipe
        } catch {
            throw CatalogueError(file: file.name, line: error.line, message: error.message)
        }
    }
}

extension Recipe {
    /// The name of its model block.
    var modelNames: [String] { blockNames.filter { $0.hasPrefix("model ") } }

    /// Whether it holds blocks that all scripts share instead of a model.
    var isFrame: Bool { title.isEmpty }

    /// The blocks and changes of two files of the frame together.
    func adding(_ other: Recipe) -> Recipe {
        Recipe(
            title: title, source: source, condition: condition, packages: packages, strength: strength, rank: rank,
            uses: uses, blocks: blocks + other.blocks, changes: changes + other.changes)
    }
}

/// What is wrong with a user's catalogue.
public struct CatalogueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, or the folder when it cannot be read.
    public let file: String
    /// The line, from 1, where it is known.
    public let line: Int?
    /// What is wrong and what would be right.
    public let message: String

    /// File, line and message.
    public var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(message)" }
}

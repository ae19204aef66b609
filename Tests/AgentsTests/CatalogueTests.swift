import Foundation
import Search
import Testing
import Vocabulary

@testable import Agents

@Suite("Catalogues", .timeLimit(.minutes(5)))
struct CatalogueTests {
    private static let recipe = """
        # recipe: Constant
        # suits: binary or multiclass
        # tier: companion

        # --- block: model constant ---
        def train_constant(table, target, seed):
            shares = np.bincount(target, minlength=len(CLASSES)) / len(target)
            return lambda other: np.tile(shares, (len(other), 1))
        """

    /// Runs a body with a folder that holds these files.
    private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("catalogue-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        try body(folder.path)
    }

    @Test("the built-in recipes have distinct titles and model blocks, and suit some task")
    func builtIn() {
        let recipes = Catalogue.builtIn.recipes
        #expect(recipes.count >= 9)
        #expect(Set(recipes.map(\.title)).count == recipes.count)
        #expect(Set(recipes.flatMap(\.modelNames)).count == recipes.count)
        #expect(recipes.allSatisfy { recipe in recipe.uses.allSatisfy(Catalogue.builtIn.frame.blockNames.contains) })
        for recipe in [Catalogue.builtIn.frame] + recipes {
            #expect(throws: Never.self) { try Catalogue.builtIn.checkNames(in: recipe) }
        }
    }

    @Test("the lines of recipes are no longer than 100 characters")
    func lineLength() {
        let catalogue = Catalogue.builtIn
        for template in ([catalogue.frame] + catalogue.recipes).flatMap(\.blocks) {
            #expect(template.block.lines.allSatisfy { $0.count <= 100 }, "\(template.block.name)")
        }
    }

    @Test("a folder's recipe is added, and one of the same name replaces the built-in one")
    func reading() throws {
        let better = Self.recipe.replacing("# recipe: Constant", with: "# recipe: LightGBM")
            .replacing("constant", with: "lightgbm")
        try withFolder(["a.py": Self.recipe, "b.py": better, "notes.txt": "…"]) { folder in
            let catalogue = try Catalogue.builtIn.adding(try Catalogue.files(in: folder))
            #expect(catalogue.recipes.count == Catalogue.builtIn.recipes.count + 1)
            #expect(catalogue.recipes.first { $0.title == "LightGBM" }?.source == "b.py")
        }
    }

    @Test("a defect is reported with the file, the line and what is wrong")
    func defects() throws {
        let defects: [(change: (String) -> String, message: String)] = [
            ({ $0.replacing("# recipe: Constant", with: "#") }, "bad.py:1: the header has no line '# recipe: NAME'"),
            (
                { $0.replacing("multiclass", with: "multclass") },
                "bad.py:1: 'multclass' in '# suits:' is not a trait of tasks"
            ),
            (
                { $0.replacing("train_constant", with: "train") },
                "bad.py:1: the block 'model constant' does not define train_constant(table, target, seed)"
            ),
            (
                { $0.replacing("companion", with: "weak") },
                "bad.py:1: '# tier: weak' is none of 'companion', 'strong' and 'strong where CONDITION'"
            ),
            (
                { $0.replacing("companion", with: "strong where tiny") },
                "bad.py:1: 'tiny' in '# tier:' is not a trait of tasks"
            ),
            (
                { "import os\n" + $0 },
                "bad.py:1: code stands before the first '# --- block: … ---' line"
            ),
            (
                { $0 + "\n\n# --- plan: model constant / other ---\n# > Do.\nx = 1\n" },
                "bad.py:10: code needs a line '# code: whole', '# code: before NAME' or '# code: function NAME'"
            ),
            (
                { $0 + "\n\n# --- plan: model constent / other ---\n# > Do.\n# set: x=1\n" },
                "bad.py:10: 'model constent' is a block of neither the recipe nor the frame"
            ),
            (
                { $0 + "\n\n# --- plan: features / both ---\n# > Do.\n# includes: ratios of number\n" },
                "bad.py:10: 'ratios of number' in '# includes:' is no plan of 'features'"
            ),
            (
                { $0.replacing("# tier: companion", with: "# uses: encode code") },
                "bad.py:1: 'encode code' in '# uses:' is not a block of the frame"
            ),
            (
                {
                    $0.replacing("model constant", with: "model lightgbm").replacing(
                        "train_constant", with: "train_lightgbm")
                },
                "bad.py: its block 'model lightgbm' is that of the recipe 'LightGBM'"
            ),
        ]
        for (change, message) in defects {
            try withFolder(["bad.py": change(Self.recipe)]) { folder in
                let error = #expect(throws: CatalogueError.self) {
                    try Catalogue.builtIn.adding(try Catalogue.files(in: folder))
                }
                #expect(error?.description == message)
            }
        }
    }

    @Test("a folder that is not there is an error that names it")
    func missingFolder() {
        let error = #expect(throws: CatalogueError.self) {
            try Catalogue.files(in: "/nowhere/recipes")
        }
        #expect(error?.description == "/nowhere/recipes: the folder cannot be read")
    }

    @Test("a condition holds by its words, alternatives and negations")
    func conditions() throws {
        let playbook = Samples.playbook(Samples.binary)
        let expected: [(String, Bool)] = [
            ("", true), ("binary", true), ("regression", false), ("regression or binary, auc", true),
            ("binary, not auc", false), ("not text", true), ("text or not dates", false), ("medium, not small", true),
        ]
        for (text, holds) in expected { #expect(try Condition(text).holds(for: playbook.traits) == holds, "\(text)") }
    }
}

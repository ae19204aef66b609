import Foundation
import Search
import Testing
import Vocabulary

@testable import Agents

@Suite("What people add for the playbook", .timeLimit(.minutes(5)))
struct GuidanceTests {
    private let names = BlockNames(
        [
            "features", "encode codes", "encode topics", "model lightgbm", "model gradient_boosting", "target",
            "predict",
        ],
        titles: ["model lightgbm": "LightGBM", "model gradient_boosting": "Histogram gradient boosting"])

    @Test(
        "blocks are named by their whole names and their plain forms, longer ones first",
        arguments: [
            ("work on the features", ["features"]), ("one more feature, please", ["features"]),
            ("refine model lightgbm", ["model lightgbm"]), ("LightGBM should learn slower", ["model lightgbm"]),
            ("gradient_boosting", ["model gradient_boosting"]),
            ("the histogram gradient boosting", ["model gradient_boosting"]),
            ("topic encoding", ["encode topics"]), ("encode codes in another way", ["encode codes"]),
            ("the encodings", ["encode codes", "encode topics"]),
            ("target encoding", ["encode codes", "encode topics"]), ("a log of the target", ["target"]),
            ("the predictions of the gradient boosting", ["model gradient_boosting", "predict"]),
            ("target, then features", ["target", "features"]),
            ("make the clouds purple", []), ("", []), ("targeted", []),
        ])
    func named(text: String, blocks: [String]) { #expect(names.named(in: text) == blocks) }

    @Test("a target that names a block, and recipes of the catalogue, are of use")
    func useful() throws {
        let card = ModelCard(name: "LightGBM", exampleCode: "# recipe: LightGBM", source: "mine.py")
        let guidance = Guidance(cards: [card], target: "the encodings")
        #expect(Samples.playbook(Samples.binary).unusable(in: guidance) == [])
    }

    @Test("a target that names nothing is told with the names of the blocks there are")
    func strangeTarget() throws {
        let playbook = Samples.playbook(Samples.binary)
        let told = try #require(playbook.unusable(in: Guidance(target: "make the clouds purple")).first)
        #expect(told.contains("make the clouds purple") && told.contains("'features'"))
        #expect(told.contains("'model lightgbm'") && told.contains("'encode codes'"))
        #expect(!told.contains("'validate'"), "no plan changes it")
        #expect(!told.contains("'model word_weights'"), "the task has no texts")
    }

    @Test("cards that the playbook cannot play are told, each with its reason")
    func strangeCards() {
        func told(_ name: String, _ code: String) -> String {
            let card = ModelCard(name: name, exampleCode: code, source: "card.md")
            return Samples.playbook(Samples.binary).unusable(in: Guidance(cards: [card])).joined()
        }
        #expect(told("Cloud model", "fit()").contains("'Cloud model' (card.md) is of no use without a language model"))
        #expect(told("LightGBM", "fit()").contains("only the name is used"))
        #expect(told("Mine", "# recipe: Mine").contains("comes too late"))
        #expect(told("Linear model of words", "# recipe: Linear model of words").contains("does not suit the task"))
    }

    @Test("the example in the documents is a recipe")
    func documentedRecipe() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        let text = try String(contentsOf: root.appendingPathComponent("docs/recipes.md"), encoding: .utf8)
        let code = try #require(text.split(separator: "```python\n").dropFirst().first?.split(separator: "\n```").first)
        let catalogue = try Catalogue.builtIn.adding([RecipeFile(name: "ridge.py", text: String(code))])
        let playbook = Playbook(
            task: Samples.regression, profile: Samples.profile(), seed: 0, catalogue: catalogue)
        let card = ModelCard(name: "Ridge of mine", exampleCode: String(code), source: "ridge.py")
        let script = try await playbook.writeCandidate(WriteCandidate(card: card)).answer
        #expect(script?.text.contains("def scaled_columns") == true)
        #expect(playbook.unusable(in: Guidance(cards: [card], target: "the ridge of mine")) == [])
    }

    @Test("an instruction that is about encodings does not lead to the target")
    func encodingInstruction() async throws {
        let playbook = Samples.playbook(Samples.regression)
        let card = ModelCard(name: "LightGBM", exampleCode: "x", source: "catalogue")
        let script = try #require(try await playbook.writeCandidate(WriteCandidate(card: card)).answer)
        func block(_ instruction: String) async throws -> String? {
            let request = ExtractTarget(script: script, study: nil, refined: [], instruction: instruction)
            return try await playbook.extractTarget(request).answer.flatMap { Block($0.block)?.name }
        }
        #expect(try await block("transform the target") == "target")
        #expect(try await block("target encoding")?.hasPrefix("encode ") != false)
        #expect(try await block("the LightGBM") == "model lightgbm")
        let refined = try #require(BlockScript(script)?["target"]?.text)
        let again = ExtractTarget(script: script, study: nil, refined: [refined], instruction: "the target")
        let words = "the instruction names the block 'target', for which there is no further plan"
        #expect(try await playbook.extractTarget(again) == .notApplicable(words))
    }
}

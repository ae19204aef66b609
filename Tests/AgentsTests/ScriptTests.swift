import Search
import Testing
import Vocabulary

@testable import Agents

@Suite("Scripts of recipes", .timeLimit(.minutes(5)))
struct ScriptTests {
    @Test("every recipe's script has all blocks and the task's constants", arguments: Samples.all)
    func blocksAndConstants(task: TaskSpecification) async throws {
        let scripts = try await Samples.scripts(of: Samples.playbook(task))
        #expect(scripts.count >= 6)
        for (recipe, script) in scripts {
            let parts = try #require(BlockScript(script), "\(recipe.title) has no markers")
            #expect(parts.script == script)
            let expected = [
                "setup", "load", "features", "target", "members", "metric", "decision", "validate", "predict", "submit",
            ]
            #expect(expected.allSatisfy(parts.has), "\(recipe.title) for \(task.label)")
            #expect(parts.models.map(\.name) == recipe.modelNames)
            let setup = try #require(parts["setup"]).lines
            #expect(setup.contains("ID = \"id\"") && setup.contains("TARGET = \"answer\""))
            #expect(setup.contains("KIND = \"\(task.kind.rawValue)\""))
            #expect(setup.contains("METRIC = \"\(task.metric.name)\""))
            #expect(setup.contains("CLASSES = \(task.classes.pythonLiteral)"))
            #expect(
                script.text.contains("\"Final Validation Performance: ") || script.text.contains("Final Validation"))
            #expect(!script.text.contains("__ID__") && !script.text.contains("exit("))
            #expect(!parts.lines.contains { $0.contains("__") && $0.contains("= __") })
        }
    }

    @Test("columns are listed by what they hold, without identifier, target and constant ones")
    func columnLists() async throws {
        let script = try #require(try await Samples.script("LightGBM", by: Samples.playbook(Samples.binary)))
        let setup = try #require(BlockScript(script)?["setup"])
        #expect(setup.lines.contains(#"FEATURES = ["size [mm]", "a-b, \"c\"", "colour", "seen"]"#))
        #expect(setup.lines.contains(#"CATEGORIES = ["colour"]"#))
        #expect(setup.lines.contains(#"DATES = ["seen"]"#))
    }

    @Test("long lists are broken between their entries, also where an entry holds a comma")
    func longLists() async throws {
        let columns = (1...40).map { ("column, number \($0)", DataProfile.Content.number) }
        let playbook = Samples.playbook(Samples.regression, Samples.profile(columns))
        let script = try #require(try await Samples.script("LightGBM", by: playbook))
        let setup = try #require(BlockScript(script)?["setup"])
        #expect(setup.lines.allSatisfy { $0.count <= 100 })
        #expect((1...40).allSatisfy { setup.text.contains("\"column, number \($0)\",") })
    }

    @Test("a text becomes a Python literal on one line")
    func literals() {
        #expect("a\"b\\c\nd\u{1}é".pythonLiteral == "\"a\\\"b\\\\c\\nd\\u0001é\"")
        #expect(["x", "y"].pythonLiteral == "[\"x\", \"y\"]")
    }

    @Test("only the encodings a model uses are in its script")
    func encodings() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let trees = try #require(try await Samples.script("LightGBM", by: playbook))
        #expect(BlockScript(trees)?.blocks.map(\.name).filter { $0.hasPrefix("encode") } == ["encode codes"])
        let linear = try #require(try await Samples.script("Linear model", by: playbook))
        #expect(BlockScript(linear)?.blocks.map(\.name).filter { $0.hasPrefix("encode") } == ["encode scaled"])
    }

    @Test("texts bring a model of words, and counts of the text beside it")
    func texts() async throws {
        let playbook = Samples.playbook(Samples.binary, Samples.profile(Samples.textColumns))
        let script = try #require(try await Samples.script("Linear model of words", by: playbook))
        let parts = try #require(BlockScript(script))
        #expect(parts.has("encode weights") && !parts.has("encode topics"))
        #expect(parts["features"]?.entries(of: "FEATURE_STEPS") == ["add_date_parts", "add_text_counts"])
        #expect(try await Samples.script("Linear model of words", by: Samples.playbook(Samples.binary)) == nil)
    }

    @Test("the metric decides the objective and the transform of the target")
    func metrics() async throws {
        let absolute = try #require(try await Samples.script("LightGBM", by: Samples.playbook(Samples.absolute)))
        #expect(absolute.text.contains("objective=\"regression_l1\","))
        let positive = try #require(try await Samples.script("LightGBM", by: Samples.playbook(Samples.positive)))
        #expect(positive.text.contains("np.log1p(np.maximum(numbers, 0))"))
        #expect(positive.text.contains("np.maximum(backward(blended), 0)"))
    }

    @Test("the same task, profile and seed give the same script; another seed only another default seed")
    func determinism() async throws {
        let one = try await Samples.scripts(of: Samples.playbook(Samples.multiclass)).map(\.script)
        let two = try await Samples.scripts(of: Samples.playbook(Samples.multiclass)).map(\.script)
        #expect(one == two)
        let other = Playbook(task: Samples.multiclass, profile: Samples.profile(), seed: 12)
        let third = try await Samples.scripts(of: other).map(\.script)
        #expect(third.map { $0.text.replacing("\"12\"", with: "\"11\"") } == one.map(\.text))
    }
}

extension BlockScript {
    /// All lines of all blocks.
    var lines: [String] { blocks.flatMap(\.lines) }
}

import Foundation
import Scoring
import Search
import Tasks
import TestKit
import Testing
import Vocabulary

@testable import Agents

@Suite("Recipes on awkward tables", .timeLimit(.minutes(10)))
struct AwkwardTableTests {
    /// A script to run and what it is of.
    private struct Trial {
        let title: String
        let task: TaskSpecification
        let script: BlockScript
        /// Where it runs.
        var folder = ""

        /// With few rounds, so that it is quick.
        var hasty: BlockScript {
            var hasty = script
            for block in script.models {
                let isLinear = ["model linear", "model word_weights"].contains(block.name)
                let rounds = block.lines.dropFirst().map { line in
                    line.replacing(#/(n_estimators=|iterations=|max_iter=|TREES = )\d+/#) { match in
                        isLinear ? String(match.output.0) : "\(match.output.1)8"
                    }
                }
                hasty.replace(Block(name: block.name, code: rounds))
            }
            return hasty
        }
    }

    @Test(
        "every recipe, every plan and every ablation of the catalogue runs and answers every row",
        .enabled(if: PythonServer.training != nil))
    func everything() async throws {
        let folder = try TemporaryFolder()
        var trials: [Trial] = []
        var seen: Set<String> = []
        for awkward in AwkwardTask.all {
            let (task, playbook, mount) = try Self.prepared(awkward.name, in: folder.path)
            for var trial in try await Self.trials(of: awkward.name, task, by: playbook, &seen) {
                trial.folder = "\(folder.path)/script-\(trials.count)"
                try Self.write(trial.hasty, to: trial.folder, mount: mount)
                trials.append(trial)
            }
        }
        let changes = ([Catalogue.builtIn.frame] + Catalogue.builtIn.recipes).flatMap(\.changes)
        let missed = changes.filter { $0.purpose != .adjust && !seen.contains(Self.name(of: $0)) }
        // No task folder asks for grades and gets numbers.
        #expect(missed.map(\.title) == ["borders between predicted grades"])
        try await Self.run(trials.map(\.folder))
        for trial in trials { Self.check(trial) }
    }

    @Test(
        "predictions are kept within what was seen whatever the target was turned into",
        .enabled(if: PythonServer.training != nil), arguments: ["numbers", "sizes"])
    func composed(name: String) async throws {
        let folder = try TemporaryFolder()
        let (task, playbook, mount) = try Self.prepared(name, in: folder.path)
        let script = try #require(try await Samples.script("Linear model", by: playbook).flatMap { BlockScript($0) })
        let target = try #require(script["target"])
        let plans = playbook.changes(of: target, for: .plan)
        let within = try #require(plans.first { $0.title == "within what was seen" })
        let others = plans.filter { $0.title != within.title }
        #expect(!others.isEmpty)
        var folders: [String] = []
        for (number, block) in ([target] + others.compactMap { playbook.result(of: $0, on: target) }).enumerated() {
            let kept = try #require(playbook.result(of: within, on: block))
            for (sort, block) in [("free", block), ("kept", kept)] {
                var variant = script
                variant.replace(block)
                folders.append("\(folder.path)/\(sort)-\(number)")
                try Self.write(variant, to: folders[folders.count - 1], mount: mount)
            }
        }
        try await Self.run(folders)
        let truth = try #require(try CSVFile(path: "\(mount)/train.csv").column("answer")).compactMap { Double($0) }
        let (least, greatest) = (try #require(truth.min()), try #require(truth.max()))
        for number in 0...others.count {
            let free = try Self.predictions("\(folder.path)/free-\(number)", of: task)
            let kept = try Self.predictions("\(folder.path)/kept-\(number)", of: task)
            for (free, kept) in zip(free, kept) {
                #expect(abs(kept - min(max(free, least), greatest)) < 1e-6 * (greatest - least))
            }
        }
    }

    @Test("a date of one row to predict is read as training's dates are", .enabled(if: PythonServer.training != nil))
    func oneDate() async throws {
        let folder = try TemporaryFolder()
        let (_, playbook, mount) = try Self.prepared("numbers", in: folder.path)
        let script = try #require(try await Samples.script("Linear model", by: playbook).flatMap { BlockScript($0) })
        let start = BlockScript(heading: "", blocks: script.blocks.filter { ["setup", "load"].contains($0.name) })
        let ending = "print(test_table[\"seen__on\"].tolist())"
        try folder.write(start.script.text + ending, to: "one/script.py")
        let test = try String(contentsOfFile: "\(mount)/test.csv", encoding: .utf8).split(separator: "\n")
        try folder.write("\(test[0])\n0100,1,2,,3,k,True,x1,red,03/04/2023\n", to: "one/input/test.csv")
        try folder.write(String(contentsOfFile: "\(mount)/train.csv", encoding: .utf8), to: "one/input/train.csv")
        try await Self.run(["\(folder.path)/one"])
        // 3 April 2023.
        #expect(try String(contentsOfFile: "\(folder.path)/one/output.txt", encoding: .utf8) == "[19450.0]\n")
    }

    @Test(
        "a row trained on has no part in the target mean of its own code", .enabled(if: PythonServer.training != nil),
        arguments: ["shops", "turnovers"])
    func codeMeans(name: String) async throws {
        let folder = try TemporaryFolder()
        let (_, playbook, mount) = try Self.prepared(name, in: folder.path)
        let script = try #require(try await Samples.script("Extra trees", by: playbook).flatMap { BlockScript($0) })
        #expect(script["setup"]?.text.contains(#"CODES = ["shop"]"#) == true)
        let features = try #require(script["features"])
        let plan = try #require(playbook.plans(for: features, after: [], count: 1).first)
        let change = try #require(playbook.changes(of: features, for: .plan).first { $0.text == plan })
        #expect(change.title == "target means of codes")
        let changed = try #require(playbook.result(of: change, on: features))
        let start = ["setup", "load", "target"].compactMap { script[$0] } + [changed]
        let ending = """
            def means(table):
                made = add_features(table, train_table)
                return made[[name for name in made if name.startswith("target mean")]].to_numpy()


            before, asked = means(train_table), means(test_table)
            first = train_table.index[train_table["shop"] == train_table["shop"].mode()[0]]
            target = target.copy()
            target[first[0]] = target.max() - target[first[0]]
            after = means(train_table)
            print(before.shape[1], (before[first[0]] == after[first[0]]).all(), (before[first] == after[first]).all())
            unseen = test_table["shop"] == 9999
            print(np.allclose(asked[unseen], before.mean(axis=0), atol=before.std()), np.isfinite(asked).all())

            """
        try Self.write(BlockScript(heading: "", blocks: start), to: "\(folder.path)/one", mount: mount, ending: ending)
        try await Self.run(["\(folder.path)/one"])
        let columns = name == "shops" ? 3 : 1
        let output = try String(contentsOfFile: "\(folder.path)/one/output.txt", encoding: .utf8)
        #expect(output == "\(columns) True False\nTrue True\n")
    }

    @Test(
        "boosted trees put categories into groups, in no order, and can do without any",
        .enabled(if: PythonServer.training != nil),
        arguments: [
            ("LightGBM", "lightgbm", "n_estimators=1, num_leaves=2"),
            ("XGBoost", "xgboost", "n_estimators=1, max_depth=1"),
            ("Histogram gradient boosting", "gradient_boosting", "max_iter=1, max_leaf_nodes=2"),
        ])
    func groups(title: String, name: String, oneCut: String) async throws {
        // Every other category has a target of one: one cut tells them apart where they have no order.
        let output = try await Self.output(
            of: title,
            ending: """
                number = np.arange(1200) % 60
                table = pd.DataFrame({"c": [f"c{n:02}" for n in number]})
                wanted = number % 2.0
                plain = pd.DataFrame({"n": number * 1.0})
                print(np.isfinite(train_\(name)(plain, wanted, 1)(plain)).all())
                \(name.uppercased()).update(\(oneCut), learning_rate=1.0)
                for places in (category_places, lambda encoder: []):
                    category_places = places
                    predicted = train_\(name)(table, wanted, 1)(table)
                    print(np.abs(predicted - wanted).mean() < 0.1)

                """)
        #expect(output == "True\nTrue\nFalse\n")
    }

    @Test(
        "categories are told to models as such if they are at most 255 and nothing else was made of them",
        .enabled(if: PythonServer.training != nil),
        arguments: [
            (nil, "[1]"), ("codes and target means", "[1]"), ("codes ordered by the target", "[]"),
            ("a column per category", "[]"), ("categories in the order of their codes", "[]"),
        ])
    func places(plan: String?, places: String) async throws {
        let output = try await Self.output(
            of: "LightGBM", changed: plan.map { ("encode codes", $0) },
            ending: """
                rows = np.arange(768)
                few, many = (pd.Series(rows % values).map(str) for values in (255, 256))
                table = pd.DataFrame({"n": rows * 1.0, "few": few, "many": many})
                encoder = coded_columns(table)
                encoder.fit_transform(table, rows * 1.0)
                print(category_places(encoder))

                """)
        #expect(output == "\(places)\n")
    }

    @Test(
        "a neural network predicts no number outside the range it has seen", .enabled(if: PythonServer.training != nil))
    func networkRange() async throws {
        let output = try await Self.output(
            of: "Neural network",
            ending: """
                table = pd.DataFrame({"n": np.linspace(0, 1, 200)})
                wanted = 5 + 3 * table["n"].to_numpy()
                predict = train_neural_network(table, wanted, 1)
                far = predict(pd.DataFrame({"n": [-1e3, 0.5, 1e3]}))
                print(far[0] == 5, 6 < far[1] < 7, abs(far[2] - 8) < 1e-9)

                """)
        #expect(output == "True True True\n")
    }

    /// What `ending` prints after the blocks of a recipe's script that come before its predictions, on numbers to predict.
    private static func output(
        of title: String, changed: (block: String, plan: String)? = nil, ending: String
    ) async throws -> String {
        let folder = try TemporaryFolder()
        let (_, playbook, mount) = try Self.prepared("numbers", in: folder.path)
        var script = try #require(try await Samples.script(title, by: playbook).flatMap { BlockScript($0) })
        if let changed {
            let block = try #require(script[changed.block])
            let change = try #require(playbook.changes(of: block, for: .plan).first { $0.title == changed.plan })
            script.replace(try #require(playbook.result(of: change, on: block)))
        }
        let start = script.blocks.filter { block in
            ["setup", "load"].contains(block.name) || block.name.hasPrefix("encode ") || block.name.hasPrefix("model ")
        }
        try Self.write(BlockScript(heading: "", blocks: start), to: "\(folder.path)/one", mount: mount, ending: ending)
        try await Self.run(["\(folder.path)/one"])
        return try String(contentsOfFile: "\(folder.path)/one/output.txt", encoding: .utf8)
    }

    /// A task by its name, its playbook and what its scripts read.
    private static func prepared(_ name: String, in folder: String) throws -> (TaskSpecification, Playbook, String) {
        let awkward = try #require(AwkwardTask.all.first { $0.name == name })
        let task = try awkward.written(to: "\(folder)/\(name)")
        let playbook = Playbook(task: task.specification, profile: task.profile, seed: 3)
        return (task.specification, playbook, try task.originalMount(in: "\(folder)/\(name)/.run").path)
    }

    private static func write(_ script: BlockScript, to folder: String, mount: String, ending: String = "") throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/input", withDestinationPath: mount)
        try (script.script.text + ending).write(toFile: "\(folder)/script.py", atomically: true, encoding: .utf8)
    }

    private static func run(_ folders: [String]) async throws {
        let python = try #require(PythonServer.training)
        let result = try await PythonServer.run("run_scripts.py", python: python, arguments: folders)
        #expect(result.code == 0, "\(result.output)")
    }

    private static func predictions(_ folder: String, of task: TaskSpecification) throws -> [Double] {
        let output = try String(contentsOfFile: "\(folder)/output.txt", encoding: .utf8)
        #expect(FileManager.default.fileExists(atPath: "\(folder)/final/submission.csv"), "\(output)")
        let table = try CSVFile(path: "\(folder)/final/submission.csv").table()
        return try #require(table[task.submission.columns[0].name]).compactMap { Double($0) }
    }

    /// Every recipe's first script, and each change that no task before had, on the first script it fits.
    private static func trials(
        of name: String, _ task: TaskSpecification, by playbook: Playbook, _ seen: inout Set<String>
    ) async throws -> [Trial] {
        let firsts = try await Samples.scripts(of: playbook)
        var trials: [Trial] = []
        for (recipe, script) in firsts {
            trials.append(
                Trial(title: "\(name): \(recipe.title)", task: task, script: try #require(BlockScript(script))))
        }
        let pair = MergeSolutions(base: firsts[0].script, reference: firsts[1].script)
        let script = try #require(try await playbook.mergeSolutions(pair).answer)
        let merged = try #require(BlockScript(script))
        // Some ablations only take back what a plan has made, so they are looked for in the changed scripts as well.
        var open = trials.map(\.script) + [merged]
        while let script = open.popLast() {
            for block in script.blocks {
                for change in playbook.changes(of: block, for: .plan) + playbook.changes(of: block, for: .ablation) {
                    guard !seen.contains(Self.name(of: change)), let changed = playbook.result(of: change, on: block)
                    else { continue }
                    seen.insert(Self.name(of: change))
                    var variant = script
                    variant.replace(changed)
                    open.insert(variant, at: 0)
                    trials.append(Trial(title: "\(name): \(Self.name(of: change))", task: task, script: variant))
                }
            }
        }
        return trials
    }

    private static func name(of change: Change) -> String { "\(change.block) / \(change.title): \(change.text)" }

    /// The script ended well, printed a score and answered each row as the task asks.
    private static func check(_ trial: Trial) {
        let read: (String) -> String = { (try? String(contentsOfFile: "\(trial.folder)/\($0)", encoding: .utf8)) ?? "" }
        let output = read("output.txt")
        guard read("status.txt") == "0" else {
            Issue.record("\(trial.title)\n\(output.suffix(1_500))")
            return
        }
        let score = output.split(separator: "\n").last?.split(separator: " ").last.flatMap { Double($0) }
        let isNone = score == 0 && trial.task.kind == .regression
        #expect(score?.isFinite == true && !isNone, "\(trial.title): \(output.suffix(300))")
        do {
            let submission = try CSVFile(path: "\(trial.folder)/final/submission.csv").table()
            _ = try SubmissionCheck.align(
                submission, to: AwkwardTask.ids, schema: trial.task.submission, classes: trial.task.classes)
        } catch {
            Issue.record("\(trial.title): \(error)")
        }
    }
}

import Search
import Testing
import Vocabulary

@testable import Agents

@Suite("Roles before refinement", .timeLimit(.minutes(5)))
struct InitialRolesTests {
    @Test("solutions start from different strong models, the quick one first")
    func lineup() async throws {
        let playbook = Samples.playbook(Samples.binary)
        var firsts: [String] = []
        for solution in 1...4 {
            let request = RetrieveModels(count: 3, solution: solution)
            let cards = try #require(try await playbook.retrieveModels(request).answer)
            #expect(request.defect(in: cards) == nil)
            #expect(cards.count == 3)
            firsts.append(try #require(cards.first).name)
        }
        #expect(firsts == ["LightGBM", "CatBoost", "XGBoost", "Histogram gradient boosting"])
    }

    @Test("on small tables of numbers with several classes support vectors are among the first models")
    func smallTablesOfNumbers() async throws {
        let columns: [(String, DataProfile.Content)] = [("id", .number), ("x", .number), ("answer", .category)]
        let numbers = Samples.profile(columns, rows: 1_000)
        let playbook = Samples.playbook(Samples.multiclass, numbers)
        var names: [[String]] = []
        for solution in 1...2 {
            let cards = try await playbook.retrieveModels(RetrieveModels(count: 3, solution: solution)).answer
            names.append(try #require(cards).map(\.name))
        }
        #expect(
            names == [["LightGBM", "Rotation forest", "Support vectors"], ["CatBoost", "Neural network", "XGBoost"]])
    }

    @Test("fewer cards are named when the catalogue has fewer, none twice")
    func manyCards() async throws {
        let request = RetrieveModels(count: 50, solution: 2)
        let cards = try #require(try await Samples.playbook(Samples.binary).retrieveModels(request).answer)
        #expect(request.defect(in: cards) == nil && cards.count >= 7)
    }

    @Test("a card that is not the catalogue's is declined")
    func foreignCard() async throws {
        let card = ModelCard(name: "TabNet", exampleCode: "…", source: "a person")
        let reply = try await Samples.playbook(Samples.binary).writeCandidate(WriteCandidate(card: card))
        #expect(reply == .notApplicable("the catalogue has no recipe called 'TabNet'"))
    }

    @Test("tasks without a recipe are declined with the reason")
    func declinedTasks() async throws {
        let text = Samples.task(.textGeneration, .characterErrorRate, content: .text)
        let several = Samples.task(.regression, .rootMeanSquaredError, content: .number, targets: ["answer", "b"])
        let labels = Samples.task(.multilabelClassification, .meanColumnAUC, content: .probability)
        let bare = Samples.playbook(Samples.binary, Samples.profile([("id", .number), ("answer", .category)]))
        for playbook in [Samples.playbook(text), Samples.playbook(several), Samples.playbook(labels), bare] {
            let reply = try await playbook.retrieveModels(RetrieveModels(count: 3, solution: 1))
            guard case .notApplicable(let reason) = reply else {
                Issue.record("\(reply) is no decline")
                continue
            }
            #expect(!reason.isEmpty)
            let card = ModelCard(name: "LightGBM", exampleCode: "…", source: "catalogue")
            #expect(try await playbook.writeCandidate(WriteCandidate(card: card)).answer == nil)
        }
    }

    @Test("the merge of any two scripts has both models and all encodings once", arguments: Samples.kinds)
    func merges(task: TaskSpecification) async throws {
        let playbook = Samples.playbook(task)
        let scripts = try await Samples.scripts(of: playbook)
        for (base, first) in scripts {
            for (reference, second) in scripts where reference.title != base.title {
                let request = MergeSolutions(base: first, reference: second)
                let merged = try #require(try await playbook.mergeSolutions(request).answer)
                #expect(request.defect(in: merged) == nil)
                let parts = try #require(BlockScript(merged))
                #expect(parts.models.map(\.name) == base.modelNames + reference.modelNames)
                #expect(parts["members"]?.entries(of: "MEMBERS")?.count == 2)
                for name in base.uses + reference.uses { #expect(parts.has(name)) }
                #expect(parts.heading.contains(base.title) && parts.heading.contains(reference.title))
            }
        }
    }

    @Test("a script that brings no new model is not merged")
    func mergeWithItself() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let script = try #require(try await Samples.script("LightGBM", by: playbook))
        let reply = try await playbook.mergeSolutions(MergeSolutions(base: script, reference: script))
        #expect(reply == .notApplicable("both scripts train the same models"))
    }

    @Test("a member whose package is missing is taken out; a single one is not")
    func missingPackage() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let boosted = try #require(try await Samples.script("LightGBM", by: playbook))
        let linear = try #require(try await Samples.script("Linear model", by: playbook))
        let merging = MergeSolutions(base: linear, reference: boosted)
        let merged = try #require(try await playbook.mergeSolutions(merging).answer)
        let failure = Failure(ending: .missingPackage("lightgbm"), message: "No module named 'lightgbm'")
        let mended = try #require(try await playbook.debug(DebugScript(script: merged, failure: failure)).answer)
        #expect(mended == linear)
        #expect(try await playbook.debug(DebugScript(script: boosted, failure: failure)).answer == nil)
        let bug = Failure(ending: .exception("KeyError"), message: "'x'")
        #expect(try await playbook.debug(DebugScript(script: merged, failure: bug)).answer == nil)
    }

    @Test("a playbook script uses everything the task provides")
    func dataUsage() async throws {
        let playbook = Samples.playbook(Samples.multiclass)
        for (_, script) in try await Samples.scripts(of: playbook) {
            #expect(try await playbook.checkDataUsage(CheckDataUsage(script: script)) == .valid(.everythingUsed))
        }
    }

    @Test("a script that the playbook did not make is declined by every role")
    func foreignScript() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let script = Script("import pandas\nprint('Final Validation Performance: 0.5')\n")
        let failure = Failure(ending: .exception("KeyError"), message: "'x'")
        let own = try #require(try await Samples.script("LightGBM", by: playbook))
        #expect(try await playbook.mergeSolutions(MergeSolutions(base: script, reference: own)).answer == nil)
        #expect(try await playbook.mergeSolutions(MergeSolutions(base: own, reference: script)).answer == nil)
        #expect(try await playbook.checkDataUsage(CheckDataUsage(script: script)).answer == nil)
        #expect(try await playbook.debug(DebugScript(script: script, failure: failure)).answer == nil)
        #expect(try await playbook.planAblation(PlanAblation(script: script, studies: [], count: 3)).answer == nil)
        let target = ExtractTarget(script: script, study: nil, refined: [])
        #expect(try await playbook.extractTarget(target).answer == nil)
        let planning = PlanRefinement(block: "x = 1", history: [], count: 1)
        #expect(try await playbook.planRefinement(planning).answer == nil)
        #expect(try await playbook.refineBlock(RefineBlock(block: "x = 1", plan: "Do.")).answer == nil)
    }
}

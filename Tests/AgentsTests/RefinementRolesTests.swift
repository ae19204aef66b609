import Search
import Testing
import Vocabulary

@testable import Agents

@Suite("Roles of refinement", .timeLimit(.minutes(5)))
struct RefinementRolesTests {
    /// A merged script of two recipes, so that there are members to leave out.
    private func merged(by playbook: Playbook) async throws -> Script {
        let base = try #require(try await Samples.script("LightGBM", by: playbook))
        let reference = try #require(try await Samples.script("Neural network", by: playbook))
        let request = MergeSolutions(base: base, reference: reference)
        return try #require(try await playbook.mergeSolutions(request).answer)
    }

    @Test("all ablation edits can be applied to the script", arguments: Samples.all)
    func ablationsApply(task: TaskSpecification) async throws {
        let playbook = Samples.playbook(task)
        var scripts = try await Samples.scripts(of: playbook).map(\.script)
        scripts.append(try await merged(by: playbook))
        for script in scripts {
            let request = PlanAblation(script: script, studies: [], count: 40)
            let edits = try #require(try await playbook.planAblation(request).answer)
            #expect(request.defect(in: edits) == nil)
            #expect(Set(edits.map(\.name)).count == edits.count)
            for edit in edits {
                guard case .edited(let variant) = script.edited(edit.block, to: edit.replacement) else {
                    Issue.record("\(edit.name) cannot be applied")
                    continue
                }
                #expect(BlockScript(variant)?.blocks.count == BlockScript(script)?.blocks.count)
            }
        }
    }

    @Test("an ablation begins with different blocks and goes on with what no study examined")
    func ablationOrder() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let script = try await merged(by: playbook)
        var studies: [AblationStudy] = []
        var names: [String] = []
        while let edits = try await playbook.planAblation(PlanAblation(script: script, studies: studies, count: 2))
            .answer
        {
            names += edits.map(\.name)
            studies.append(Self.study(edits.map { ($0, 0.0) }))
            try #require(studies.count < 50)
        }
        #expect(Set(names).count == names.count)
        #expect(names.prefix(3).map { $0.prefix { $0 != ":" } } == ["features", "model lightgbm", "encode codes"])
        #expect(names.contains("members: without lightgbm"))
    }

    @Test("every plan of every block can be carried out and changes the block", arguments: Samples.all)
    func plansApply(task: TaskSpecification) async throws {
        for profile in [Samples.profile(), Samples.profile(Samples.textColumns, rows: 500)] {
            let playbook = Samples.playbook(task, profile)
            var scripts = try await Samples.scripts(of: playbook).map(\.script)
            scripts.append(try await merged(by: playbook))
            // Scripts of one task share most blocks: each is examined once.
            var seen: Set<Block> = []
            for script in scripts {
                for block in try #require(BlockScript(script)).blocks where seen.insert(block).inserted {
                    for change in playbook.changes(of: block, for: .plan) {
                        let request = RefineBlock(block: block.text, plan: change.text)
                        let refined = try await playbook.refineBlock(request).answer
                        let text = try #require(refined, "\(block.name) / \(change.title)")
                        #expect(request.defect(in: text) == nil)
                        guard case .edited(let edited) = script.edited(block.text, to: text) else {
                            Issue.record("\(change.title) cannot be applied")
                            continue
                        }
                        let before = try #require(BlockScript(script)).blocks.map(\.name)
                        #expect(BlockScript(edited)?.blocks.map(\.name) == before)
                        let kept = Set(block.definedNames).subtracting(Block(text)?.definedNames ?? [])
                        for name in kept {
                            let uses = BlockScript(edited)?.blocks.filter { $0.text.contains("\(name)(") } ?? []
                            #expect(uses.isEmpty, "\(change.title) drops \(name), which \(uses.map(\.name)) use")
                        }
                    }
                }
            }
        }
    }

    @Test("plans are told by their text, are three sentences or more and short enough for the planner's check")
    func planTexts() throws {
        let catalogue = Catalogue.builtIn
        for change in ([catalogue.frame] + catalogue.recipes).flatMap(\.changes) where change.purpose != .adjust {
            #expect(change.text.count > 60 && change.text.count < 1_500, "\(change.title)")
            #expect(change.text.split(separator: ". ").count >= 2, "\(change.title)")
            for near in change.near + change.includes {
                let known = ([catalogue.frame] + catalogue.recipes).flatMap(\.changes).filter {
                    $0.block == change.block
                }
                #expect(known.contains { $0.title == near }, "\(change.block) / \(change.title): near \(near)")
            }
        }
    }

    @Test("the planner repeats nothing and comes to an end")
    func plannerEnds() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let script = try #require(try await Samples.script("LightGBM", by: playbook))
        for block in try #require(BlockScript(script)).blocks {
            var history: [RefinementTry] = []
            while true {
                let request = PlanRefinement(block: block.text, history: history, count: 2)
                guard let plans = try await playbook.planRefinement(request).answer else { break }
                #expect(request.defect(in: plans) == nil)
                history += plans.map { Samples.tried($0, history.count.isMultiple(of: 3) ? 0.01 : -0.01) }
                try #require(history.count < 100)
            }
        }
    }

    @Test("after a plan that helped, a plan near it comes next")
    func nearPlans() async throws {
        let playbook = Samples.playbook(Samples.regression)
        let block = try #require(playbook.writer.frameBlock("features"))
        let ratios = try #require(playbook.changes(of: block, for: .plan).first { $0.title == "ratios of numbers" })
        let next = playbook.plans(for: block, after: [Samples.tried(ratios.text, 0.02)], count: 1)
        let change = try #require(playbook.changes(of: block, for: .plan).first { $0.text == next.first })
        #expect(ratios.near.contains(change.title) || change.near.contains(ratios.title))
    }

    @Test("after a plan that ran out of time, only cheaper ones are proposed")
    func cheaperPlans() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let script = try #require(try await Samples.script("LightGBM", by: playbook))
        let block = try #require(BlockScript(script)?["predict"])
        let seeds = try #require(playbook.changes(of: block, for: .plan).first { $0.title == "three seeds" })
        let limit = "\(Ending.timeout)"
        #expect(playbook.plans(for: block, after: [Samples.tried(seeds.text, nil, failure: limit)], count: 5) == [])
        #expect(playbook.plans(for: block, after: [Samples.tried(seeds.text, 0.1)], count: 5).count >= 2)
    }

    @Test("the block whose ablation hurt most is refined, then one that was not refined before")
    func target() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let script = try await merged(by: playbook)
        let request = PlanAblation(script: script, studies: [], count: 4)
        let edits = try #require(try await playbook.planAblation(request).answer)
        let study = Self.study(zip(edits, [0.001, 0.002, 0.01, 0.0]).map { ($0, $1) })
        let extract = ExtractTarget(script: script, study: study, refined: [])
        let first = try #require(try await playbook.extractTarget(extract).answer)
        #expect(extract.defect(in: first) == nil)
        #expect(first.block == edits[2].block)
        let again = ExtractTarget(script: script, study: study, refined: [first.block])
        let second = try #require(try await playbook.extractTarget(again).answer)
        #expect(again.defect(in: second) == nil)
        #expect(second.block == edits[1].block)
    }

    @Test("a block that does better without its part is made simpler")
    func simplerTarget() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let script = try await merged(by: playbook)
        let request = PlanAblation(script: script, studies: [], count: 40)
        let edits = try #require(try await playbook.planAblation(request).answer)
        let leaving = try #require(edits.first { $0.name == "members: without neural_network" })
        let study = Self.study([(edits[0], 0.002), (leaving, -0.02)])
        let extract = ExtractTarget(script: script, study: study, refined: [])
        let target = try #require(try await playbook.extractTarget(extract).answer)
        #expect(target.block == leaving.block)
        let refining = RefineBlock(block: target.block, plan: target.plan)
        #expect(try await playbook.refineBlock(refining).answer == leaving.replacement)
    }

    @Test("features without parts are tried with their first plan, which is carried out when it helps")
    func probedFeatures() async throws {
        let numbers = (1...6).map { ("n\($0)", DataProfile.Content.number) }
        let playbook = Samples.playbook(Samples.multiclass, Samples.profile([("answer", .category)] + numbers))
        let script = try await merged(by: playbook)
        let request = PlanAblation(script: script, studies: [], count: 2)
        let edits = try #require(try await playbook.planAblation(request).answer)
        #expect(request.defect(in: edits) == nil)
        let probe = edits[0]
        #expect(probe.name.hasPrefix("features: with ") && probe.replacement.contains("def add_"))
        let studied = PlanAblation(script: script, studies: [Self.study([(probe, 0.01)])], count: 40)
        let later = try #require(try await playbook.planAblation(studied).answer).map(\.name)
        #expect(later.contains { $0.hasPrefix("features: with ") } && !later.contains(probe.name))
        for (harm, isCarriedOut) in [(-0.01, true), (0.02, false), (-0.001, false)] {
            let study = Self.study([(probe, harm), (edits[1], 0.009)])
            let extract = ExtractTarget(script: script, study: study, refined: [])
            let target = try #require(try await playbook.extractTarget(extract).answer)
            #expect(extract.defect(in: target) == nil)
            let refined = try await playbook.refineBlock(RefineBlock(block: target.block, plan: target.plan)).answer
            #expect((refined == probe.replacement) == isCarriedOut, "\(harm)")
            #expect(target.block == (isCarriedOut ? probe.block : edits[1].block))
        }
        // When it is the features' turn all the same, what has done harm is not repeated.
        let study = Self.study([(probe, 0.02)])
        let others = try #require(BlockScript(script)).blocks.map(\.text).filter { $0 != probe.block }
        let extract = ExtractTarget(script: script, study: study, refined: others)
        let target = try #require(try await playbook.extractTarget(extract).answer)
        #expect(target.block == probe.block)
        #expect(
            try await playbook.refineBlock(RefineBlock(block: target.block, plan: target.plan)).answer
                != probe.replacement)
    }

    @Test("a notable gain leads before a larger harm, a small one does not; leaving a member out leads to its model")
    func leads() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let script = try await merged(by: playbook)
        let request = PlanAblation(script: script, studies: [], count: 40)
        let edits = try #require(try await playbook.planAblation(request).answer)
        let leaving = try #require(edits.first { $0.name == "members: without neural_network" })
        let plainer = try #require(edits.first { $0.name.hasPrefix("model lightgbm: ") })
        func name(_ gain: Double, refined: [String] = []) async throws -> String? {
            let study = Self.study([(leaving, 0.02), (plainer, -gain)])
            let extract = ExtractTarget(script: script, study: study, refined: refined)
            return try await playbook.extractTarget(extract).answer.flatMap { Block($0.block)?.name }
        }
        #expect(try await name(0.006) == "model lightgbm")
        #expect(try await name(0.004) == "model neural_network")
        let model = try #require(BlockScript(script)?["model neural_network"]).text
        #expect(try await name(0.004, refined: [model]) == "members")
        let summary = AblationTable(study: Self.study([(leaving, 0.02), (plainer, -0.006)])).text
        #expect(summary.hasSuffix("'\(plainer.name)' does better: the part should be changed so."))
    }

    @Test("without a study blocks are refined in a fixed order until none is left")
    func targetsWithoutStudy() async throws {
        let playbook = Samples.playbook(Samples.multiclass)
        let script = try await merged(by: playbook)
        var refined: [String] = []
        while true {
            let extract = ExtractTarget(script: script, study: nil, refined: refined)
            guard let target = try await playbook.extractTarget(extract).answer else { break }
            #expect(extract.defect(in: target) == nil)
            refined.append(target.block)
            try #require(refined.count < 20)
        }
        let names = refined.compactMap { Block($0)?.name }
        #expect(names.prefix(2) == ["model lightgbm", "features"])
        #expect(names.contains("predict") && names.contains("members") && names.contains("decision"))
    }

    @Test("a changed block can take a further plan, and one that is carried out already is declined")
    func secondRefinement() async throws {
        let playbook = Samples.playbook(Samples.regression)
        let block = try #require(playbook.writer.frameBlock("features"))
        let plans = playbook.changes(of: block, for: .plan)
        let ratios = try #require(plans.first { $0.title == "ratios of numbers" })
        let both = try #require(plans.first { $0.title == "ratios and products" })
        let once = try #require(
            try await playbook.refineBlock(RefineBlock(block: block.text, plan: ratios.text)).answer)
        #expect(try await playbook.refineBlock(RefineBlock(block: once, plan: ratios.text)).answer == nil)
        let twice = try #require(try await playbook.refineBlock(RefineBlock(block: once, plan: both.text)).answer)
        #expect(twice.ranges(of: "def add_ratios(").count == 1)
        #expect(Block(twice)?.entries(of: "FEATURE_STEPS") == ["add_date_parts", "add_ratios", "add_products"])
    }

    @Test("a plan in words of its own is declined")
    func foreignPlan() async throws {
        let playbook = Samples.playbook(Samples.regression)
        let block = try #require(playbook.writer.frameBlock("features"))
        #expect(try await playbook.refineBlock(RefineBlock(block: block.text, plan: "Use a moon phase.")).answer == nil)
    }

    @Test("a study is put into words, the part that matters most at the end")
    func summary() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let edits = ["features: plain", "model x: plain"].map { NamedEdit(name: $0, block: "a", replacement: "b") }
        let study = Self.study([(edits[0], 0.0), (edits[1], 0.0123)])
        let request = SummarizeAblation(study: study)
        let summary = try #require(try await playbook.summarizeAblation(request).answer)
        #expect(request.defect(in: summary) == nil)
        #expect(summary.contains("model x: plain: scores 0.7877, 0.0123 worse."))
        #expect(
            summary.hasSuffix("'model x: plain' makes the largest difference: the part it changes is worth refining."))
        let many = Self.study((0..<200).map { _ in (edits[0], 0.001) })
        let long = SummarizeAblation(study: many)
        #expect(long.defect(in: try #require(try await playbook.summarizeAblation(long).answer)) == nil)
    }

    /// A study of a script that scores 0.8, with how much worse each variant is.
    private static func study(_ variants: [(NamedEdit, Double)]) -> AblationStudy {
        func standing(_ value: Double) -> Standing {
            Score(value, rowCount: 100, evaluation: .hidden).map { .scored($0) }
                ?? .failed(Failure(ending: .noScore, message: ""))
        }
        return AblationStudy(
            baseline: standing(0.8),
            variants: variants.map { edit, harm in
                AblationStudy.Variant(edit: edit, standing: standing(0.8 - harm), harm: harm)
            }, summary: "")
    }
}

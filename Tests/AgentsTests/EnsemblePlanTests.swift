import Search
import Testing
import Vocabulary

@testable import Agents

@Suite("Ensemble scripts of the playbook", .timeLimit(.minutes(5)))
struct EnsemblePlanTests {
    private func solutions(_ playbook: Playbook) async throws -> [Script] {
        try await ["LightGBM", "Linear model"].asyncMap { try #require(try await Samples.script($0, by: playbook)) }
    }

    /// All plans, each proposed after those before it were tried.
    private func plans(_ playbook: Playbook, for scripts: [Script]) async throws -> [String] {
        var history: [EnsembleTry] = []
        while true {
            let request = PlanEnsemble(scripts: scripts, history: history, direction: .higherIsBetter)
            guard let plan = try await playbook.planEnsemble(request).answer else { break }
            #expect(request.defect(in: plan) == nil)
            history.append(EnsembleTry(plan: plan, score: 0.8, failure: nil))
            try #require(history.count < 30)
        }
        return history.map(\.plan)
    }

    @Test("the first plan is the plain mean; its script has the models of all solutions", arguments: Samples.kinds)
    func plainMean(task: TaskSpecification) async throws {
        let playbook = Samples.playbook(task)
        let scripts = try await solutions(playbook)
        let plan = try #require(
            try await playbook.planEnsemble(
                PlanEnsemble(scripts: scripts, history: [], direction: task.direction)
            ).answer)
        #expect(plan.hasSuffix("Each model counts once in the mean."))
        let request = WriteEnsemble(scripts: scripts, plan: plan)
        let script = try #require(try await playbook.writeEnsemble(request).answer)
        let parts = try #require(BlockScript(script))
        #expect(parts.models.map(\.name) == ["model lightgbm", "model linear"])
        #expect(parts["members"]?.entries(of: "MEMBERS")?.count == 2)
        #expect(parts["members"]?.text.contains("WEIGHTS = {}") == true)
    }

    @Test("further plans repeat none and come to an end; each makes another script of the same blocks")
    func furtherPlans() async throws {
        for task in Samples.kinds {
            let playbook = Samples.playbook(task)
            let scripts = try await solutions(playbook)
            let plans = try await plans(playbook, for: scripts)
            #expect(plans.count > 2 && Set(plans).count == plans.count)
            let written = try await plans.asyncMap { plan in
                try #require(try await playbook.writeEnsemble(WriteEnsemble(scripts: scripts, plan: plan)).answer)
            }
            #expect(Set(written).count == plans.count)
            #expect(Set(written.map { BlockScript($0)?.blocks.map(\.name) }).count == 1)
            #expect(written.allSatisfy { (BlockScript($0)?["members"]?.entries(of: "MEMBERS")?.count ?? 0) == 2 })
        }
    }

    @Test("a model that two solutions share is a member once: the better solution's")
    func sharedModel() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let first = try #require(try await Samples.script("LightGBM", by: playbook))
        let merged = try #require(try await playbook.mergeSolutions(try await merging(first, by: playbook)).answer)
        let plan = try await plans(playbook, for: [first, merged])[0]
        let request = WriteEnsemble(scripts: [first, merged], plan: plan)
        let script = try #require(try await playbook.writeEnsemble(request).answer)
        #expect(BlockScript(script)?.models.map(\.name) == ["model lightgbm", "model linear"])
    }

    private func merging(_ base: Script, by playbook: Playbook) async throws -> MergeSolutions {
        MergeSolutions(base: base, reference: try #require(try await Samples.script("Linear model", by: playbook)))
    }

    @Test("a script or a plan that is not the playbook's is declined, and so is no script at all")
    func foreign() async throws {
        let playbook = Samples.playbook(Samples.binary)
        let own = try await solutions(playbook)
        for scripts in [[], [Script("print(1)")], own + [Script("print(1)")]] {
            let asked = PlanEnsemble(scripts: scripts, history: [], direction: .higherIsBetter)
            #expect(try await playbook.planEnsemble(asked) == .notApplicable(Decline.foreignScript))
            let writing = WriteEnsemble(scripts: scripts, plan: "Use a moon phase.")
            #expect(try await playbook.writeEnsemble(writing) == .notApplicable(Decline.foreignScript))
        }
        let writing = WriteEnsemble(scripts: own, plan: "Use a moon phase.")
        guard case .notApplicable(let reason) = try await playbook.writeEnsemble(writing) else {
            Issue.record("it was carried out")
            return
        }
        #expect(reason.contains("does not hold that plan"))
    }
}

extension Array {
    /// One after another.
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}

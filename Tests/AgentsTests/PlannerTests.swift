import Search
import Testing
import Vocabulary

@testable import Agents

@Suite("The planner's order", .timeLimit(.minutes(5)))
struct PlannerTests {
    private func features(_ playbook: Playbook) throws -> Block { try #require(playbook.writer.frameBlock("features")) }

    /// The plans in the order in which they are proposed to somebody who tries them one by one.
    private func plans(
        _ playbook: Playbook, for block: Block, findings: [Finding] = [], history: [RefinementTry] = []
    ) async throws -> [String] {
        let request = PlanRefinement(block: block.text, history: history, count: 20, findings: findings)
        let plans = try #require(try await playbook.planRefinement(request).answer)
        #expect(request.defect(in: plans) == nil)
        return plans
    }

    @Test("what helped another solution in the same block is tried sooner, in whatever form its block was")
    func helpedElsewhere() async throws {
        let playbook = Samples.playbook(Samples.regression)
        let block = try features(playbook)
        let before = try await plans(playbook, for: block)
        let changed = try #require(
            try await playbook.refineBlock(RefineBlock(block: block.text, plan: before[0])).answer)
        try #require(before.count > 4)
        for (place, plan) in before.enumerated().dropFirst() {
            let finding = Finding(block: changed, plan: plan, improvement: 0.01)
            let after = try await plans(playbook, for: block, findings: [finding])
            let now = try #require(after.firstIndex(of: plan))
            // It gains eight places less what the seed and the task's favourites are worth.
            #expect(now <= max(0, place - 2), "\(place) → \(now)")
            #expect(place > 2 || now == 0, "\(place) → \(now)")
            #expect(after.filter { $0 != plan } == before.filter { $0 != plan })
        }
    }

    @Test("what did no good there, or helped in another block, changes nothing")
    func noHelp() async throws {
        let playbook = Samples.playbook(Samples.regression)
        let block = try features(playbook)
        let before = try await plans(playbook, for: block)
        let other = try #require(playbook.writer.frameBlock("predict"))
        let findings = [
            Finding(block: block.text, plan: before[2], improvement: -0.01),
            Finding(block: block.text, plan: before[2], improvement: 0),
            Finding(block: other.text, plan: before[2], improvement: 0.5),
            Finding(block: block.text, plan: "Use a moon phase.", improvement: 0.5),
        ]
        #expect(try await plans(playbook, for: block, findings: findings) == before)
    }

    @Test("what helped elsewhere and was tried here is not proposed again")
    func triedHere() async throws {
        let playbook = Samples.playbook(Samples.regression)
        let block = try features(playbook)
        let first = try await plans(playbook, for: block)[0]
        let finding = Finding(block: block.text, plan: first, improvement: 0.5)
        let after = try await plans(
            playbook, for: block, findings: [finding], history: [Samples.tried(first, -0.01)])
        #expect(!after.contains(first) && !after.isEmpty)
    }

    @Test("a seed always gives the same order, other seeds others, and all of them the same plans")
    func seeds() async throws {
        var orders: Set<[String]> = []
        for seed in 0..<12 as Range<UInt64> {
            let playbook = Playbook(task: Samples.regression, profile: Samples.profile(), seed: seed)
            let twin = Playbook(task: Samples.regression, profile: Samples.profile(), seed: seed)
            let order = try await plans(playbook, for: try features(playbook))
            #expect(try await plans(twin, for: try features(twin)) == order)
            orders.insert(order)
        }
        #expect(orders.count > 1)
        #expect(Set(orders.map(Set.init)).count == 1)
    }

    @Test("a seed lets only neighbours change places: the catalogue's order stays in the main")
    func neighbours() {
        let changes = (0..<9).map { Self.change("\($0) plan") }
        let traits = Samples.playbook(Samples.regression).traits
        var orders: Set<[String]> = []
        for seed in 0..<40 as Range<UInt64> {
            let order = Planner(changes: changes, traits: traits, seed: seed, solution: 1).next(9, after: []).map(
                \.title)
            for (place, title) in order.enumerated() {
                let earlier = Set(order[..<place])
                let own = Int(title.prefix(1)) ?? 0
                #expect((0..<max(0, own - 1)).allSatisfy { earlier.contains("\($0) plan") }, "seed \(seed): \(order)")
            }
            orders.insert(order)
        }
        #expect(orders.count > 5)
    }

    @Test("parallel solutions are planned for in orders of their own, told by where the playbook is asked")
    func solutions() throws {
        let playbook = Samples.playbook(Samples.regression)
        let changes = (0..<9).map { Self.change("\($0) plan") }
        let orders = try ["task-summary", "solution-1/outer-1", "solution-2/outer-1", "solution-3/outer-1"].map {
            path in
            let asked = try #require(playbook.playing(at: StepPath(path)) as? Playbook)
            let planner = Planner(changes: changes, traits: asked.traits, seed: asked.seed, solution: asked.solution)
            return planner.next(9, after: []).map(\.title)
        }
        #expect(orders[0] == orders[1] && Set(orders).count == 3)
    }

    private static func change(_ title: String) -> Change {
        Change(
            purpose: .plan, block: "features", title: title, condition: .always, cost: 1, near: [], includes: [],
            text: title,
            operations: [])
    }
}

public import Search
public import Vocabulary

extension Playbook {
    /// The models of all solutions in one script, first as a plain mean, then in the other ways the catalogue knows.
    public func planEnsemble(_ request: PlanEnsemble) async throws -> RoleReply<String> {
        guard let script = united(request.scripts) else { return .notApplicable(Decline.foreignScript) }
        let tried = Set(request.history.map(\.plan))
        guard let plan = ensemblePlans(for: script).first(where: { !tried.contains($0.text) }) else {
            return .notApplicable("the catalogue has no further plan for an ensemble")
        }
        return .valid(plan.text)
    }

    /// The script of a plan.
    public func writeEnsemble(_ request: WriteEnsemble) async throws -> RoleReply<Script> {
        guard var script = united(request.scripts) else { return .notApplicable(Decline.foreignScript) }
        guard let plan = ensemblePlans(for: script).first(where: { $0.text == request.plan }) else {
            return .notApplicable("the catalogue does not hold that plan for an ensemble")
        }
        if let change = plan.change {
            guard let members = script["members"], let changed = result(of: change, on: members) else {
                return .notApplicable("the plan changes nothing in the list of members as it stands")
            }
            script.replace(changed)
        }
        return .valid(script.script)
    }

    private struct EnsemblePlan {
        let text: String
        let change: Change?
    }

    private static let union = "Train the models of all solutions in one script and combine what they predict."

    private func ensemblePlans(for script: BlockScript) -> [EnsemblePlan] {
        guard let members = script["members"] else { return [] }
        let plain = EnsemblePlan(text: "\(Self.union) Each model counts once in the mean.", change: nil)
        let others = changes(of: members, for: .plan).filter { result(of: $0, on: members) != nil }
        return [plain] + others.map { EnsemblePlan(text: "\(Self.union) \($0.text)", change: $0) }
    }

    /// The first script with the models of the others as further members; of two models of one name the first stays.
    private func united(_ scripts: [Script]) -> BlockScript? {
        guard let first = scripts.first, var union = BlockScript(first) else { return nil }
        for script in scripts.dropFirst() {
            guard let reference = BlockScript(script) else { return nil }
            union = adding(modelsOf: reference, to: union) ?? union
        }
        return union
    }
}

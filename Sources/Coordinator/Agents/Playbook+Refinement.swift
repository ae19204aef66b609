public import Search
import Vocabulary

extension Playbook {
    /// The catalogue's ablations that fit the script, one per block before a second one of any.
    public func planAblation(_ request: PlanAblation) async throws -> RoleReply<[NamedEdit]> {
        guard let script = BlockScript(request.script) else { return .notApplicable(Decline.foreignScript) }
        let known = Set(request.studies.flatMap(\.variants).map(\.edit.name))
        let examined = Set(request.studies.flatMap(\.variants).compactMap { Block($0.edit.block)?.name })
        let edits = ablations(of: script, after: request.studies).filter { !known.contains($0.edit.name) }
        // One variant per block first, blocks that no study examined before the others.
        let ordered = edits.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            let (seenA, seenB) = (examined.contains(a.block), examined.contains(b.block))
            if a.round != b.round { return a.round < b.round }
            return seenA != seenB ? !seenA : left.offset < right.offset
        }
        let chosen = ordered.map(\.element.edit).prefix(request.count)
        return chosen.isEmpty ? .notApplicable("every part of the script was examined") : .valid(Array(chosen))
    }

    /// The measured table, line by line.
    public func summarizeAblation(_ request: SummarizeAblation) async throws -> RoleReply<String> {
        .valid(AblationTable(study: request.study).text)
    }

    /// The block that the study leads to, with its first plan; with the variant's own change as the plan when the script
    /// did better with it. Leaving a member out tells what that member's model is worth, so it leads there.
    public func extractTarget(_ request: ExtractTarget) async throws -> RoleReply<TargetBlock> {
        guard let script = BlockScript(request.script) else { return .notApplicable(Decline.foreignScript) }
        let refined = Set(request.refined.compactMap { Block($0)?.name })
        func target(_ name: String, changedBy edit: NamedEdit? = nil) -> TargetBlock? {
            guard let block = script[name], !request.refined.contains(block.text) else { return nil }
            if let edit, let change = change(made: edit, of: block) {
                return TargetBlock(block: block.text, plan: change.text)
            }
            let history = request.study.map { tried(on: block, in: [$0]) } ?? []
            return plans(for: block, after: history, count: 1).first.map { TargetBlock(block: block.text, plan: $0) }
        }
        if let instruction = request.instruction {
            // A person names a block; nothing else is guessed from free text.
            let named = BlockNames(script.blocks.map(\.name), titles: modelTitles).named(in: instruction)
            let wanted = named.lazy.compactMap { target($0) }.first
            if let wanted { return .valid(wanted) }
            return .notApplicable(
                named.first.map { "the instruction names the block '\($0)', for which there is no further plan" }
                    ?? "the instruction names no block of the script")
        }
        for variant in request.study?.leads ?? [] {
            let isHelpful = (variant.harm ?? 0) < 0
            guard let changed = Block(variant.edit.block)?.name else { continue }
            let names = isHelpful ? [changed] : [memberLeftOut(by: variant.edit), changed].compactMap { $0 }
            for name in names where !refined.contains(name) {
                if let target = target(name, changedBy: isHelpful ? variant.edit : nil) { return .valid(target) }
            }
        }
        let fixed = fixedOrder(of: script)
        let fresh = fixed.filter { !refined.contains($0) }
        // A block that a refinement changed may be refined once more when there is no other.
        for name in fresh + fixed.filter(refined.contains) {
            if let target = target(name) { return .valid(target) }
        }
        return .notApplicable("every block of the script was refined")
    }

    /// Plans of the catalogue that fit the block and were not tried, the most promising first.
    public func planRefinement(_ request: PlanRefinement) async throws -> RoleReply<[String]> {
        guard let block = Block(request.block) else { return .notApplicable(Decline.foreignBlock) }
        let plans = plans(for: block, after: request.history, knowing: request.findings, count: request.count)
        return plans.isEmpty ? .notApplicable("the catalogue has no further plan for '\(block.name)'") : .valid(plans)
    }

    /// The block with a plan of the catalogue carried out.
    public func refineBlock(_ request: RefineBlock) async throws -> RoleReply<String> {
        guard let block = Block(request.block) else { return .notApplicable(Decline.foreignBlock) }
        let known = changes(of: block, for: .plan) + changes(of: block, for: .ablation)
        guard let change = known.first(where: { $0.text == request.plan }) else {
            return .notApplicable("the catalogue does not hold that plan for '\(block.name)'")
        }
        guard let refined = result(of: change, on: block) else {
            return .notApplicable("the plan changes nothing in '\(block.name)' as it stands")
        }
        return .valid(refined.text)
    }

    /// The order in which blocks are refined where no study says what matters.
    private func fixedOrder(of script: BlockScript) -> [String] {
        let models = script.models.map(\.name)
        let encodings = script.blocks.map(\.name).filter { $0.hasPrefix("encode ") }
        return models.prefix(1) + ["features"] + models.dropFirst() + ["members", "predict"] + encodings
            + ["target", "decision"]
    }

    /// An ablation with the block it concerns and whether it is the block's first, second, …
    private struct Ablation {
        let block: String
        let round: Int
        let edit: NamedEdit
    }

    private func ablations(of script: BlockScript, after studies: [AblationStudy]) -> [Ablation] {
        let encodings = script.blocks.map(\.name).filter { $0.hasPrefix("encode ") }
        let models = script.models.map(\.name)
        let names =
            ["features"] + models.prefix(1) + encodings + ["target", "members", "decision"] + models.dropFirst()
            + ["predict"]
        var found: [Ablation] = []
        for block in names.compactMap({ script[$0] }) {
            let edits = variants(of: block, after: studies)
            found += edits.enumerated().map { Ablation(block: block.name, round: $0.offset, edit: $0.element) }
        }
        return found
    }

    /// The block without each of its parts. Features that have none are tried with the most promising plan instead: what
    /// could be gained there would never be seen otherwise.
    private func variants(of block: Block, after studies: [AblationStudy]) -> [NamedEdit] {
        let plainer = changes(of: block, for: .ablation).compactMap { edit($0, of: block) }
        guard plainer.isEmpty, block.name == "features",
            let first = plans(for: block, after: tried(on: block, in: studies), count: 1).first
        else { return plainer }
        return changes(of: block, for: .plan).filter { $0.text == first }.compactMap { edit($0, of: block) }
    }

    private func edit(_ change: Change, of block: Block) -> NamedEdit? {
        result(of: change, on: block).map { result in
            let title = change.purpose == .plan ? "with \(change.title)" : change.title
            return NamedEdit(name: "\(block.name): \(title)", block: block.text, replacement: result.text)
        }
    }

    /// The change that an edit of `variants` makes.
    private func change(made edit: NamedEdit, of block: Block) -> Change? {
        (changes(of: block, for: .ablation) + changes(of: block, for: .plan)).first {
            self.edit($0, of: block)?.name == edit.name
        }
    }

    /// Plans for a block that studies have tried.
    private func tried(on block: Block, in studies: [AblationStudy]) -> [RefinementTry] {
        studies.flatMap(\.variants).compactMap { variant in
            guard variant.edit.block == block.text, let change = change(made: variant.edit, of: block),
                change.purpose == .plan
            else { return nil }
            return RefinementTry(
                plan: change.text, improvement: variant.harm.map { -$0 }, failure: nil, wall: .zero)
        }
    }

    /// The block of the model that an edit takes out of the members.
    private func memberLeftOut(by edit: NamedEdit) -> String? {
        let prefix = "members: without "
        return edit.name.hasPrefix(prefix) ? "model \(edit.name.dropFirst(prefix.count))" : nil
    }
}

extension Playbook {
    /// The catalogue's changes of a block that suit the task, and those that follow from its list of members.
    func changes(of block: Block, for purpose: Change.Purpose) -> [Change] {
        // With one member there is nothing to weigh.
        if block.name == "members", (block.entries(of: "MEMBERS")?.count ?? 0) < 2 { return [] }
        let written = ([catalogue.frame] + catalogue.recipes).flatMap(\.changes).filter {
            $0.block == block.name && $0.purpose == purpose && $0.condition.holds(for: traits)
        }
        return written + MemberChanges(block: block).changes.filter { $0.purpose == purpose }
    }

    /// The block with a change made; `nil` when the change does not fit or changes nothing.
    func result(of change: Change, on block: Block) -> Block? {
        let known = changes(of: block, for: change.purpose)
        var result = block
        for title in change.includes {
            guard let part = known.first(where: { $0.title == title }), part.includes.isEmpty,
                let next = part.operations.applied(to: result)
            else { return nil }
            result = next
        }
        guard let last = change.operations.applied(to: result), last.text != block.text else { return nil }
        return last
    }

    /// The next plans for a block: new ones that change it, the most promising first.
    func plans(
        for block: Block, after history: [RefinementTry], knowing findings: [Finding] = [], count: Int
    ) -> [String] {
        let fitting = changes(of: block, for: .plan).filter { result(of: $0, on: block) != nil }
        let helped = Set(findings.filter { $0.improvement > 0 && Block($0.block)?.name == block.name }.map(\.plan))
        return Planner(changes: fitting, traits: traits, seed: seed, solution: solution, helpedElsewhere: helped)
            .next(count, after: history).map(\.text)
    }
}

/// Changes of the list of members that no file can spell out, because they name the members.
struct MemberChanges {
    let block: Block

    /// Leaving out each member, and letting each count for more.
    var changes: [Change] {
        guard block.name == "members", let entries = block.entries(of: "MEMBERS"), entries.count > 1 else { return [] }
        return entries.flatMap { entry in
            let name = entry.split(separator: "\"").first.map(String.init) ?? entry
            return [without(entry, called: name), doubled(name)]
        }
    }

    private func without(_ entry: String, called name: String) -> Change {
        Change(
            purpose: .ablation, block: block.name, title: "without \(name)", condition: .always, cost: 0.7, near: [],
            includes: [],
            text: "Leave the member \(name) out of the mean. A weak member pulls the mean down even when it errs in "
                + "other places than the rest. The remaining members keep their weights.",
            operations: [.remove(list: "MEMBERS", entry: entry)])
    }

    private func doubled(_ name: String) -> Change {
        Change(
            purpose: .plan, block: block.name, title: "\(name) counts double", condition: .always, cost: 1, near: [],
            includes: [],
            text: "Let the member \(name) count twice as much as any other in the mean. Members are not equally good, "
                + "and a fixed weight cannot overfit. Nothing else changes.",
            operations: [.set(name: "WEIGHTS", value: "{\"\(name)\": 2.0}", isArgument: false)])
    }
}

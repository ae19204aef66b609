import Journal
import Laboratory
import Search
public import Vocabulary

/// A role's question as the journal holds it.
private struct Asked<Request: Decodable>: Decodable { let request: Request }

/// The part of a role's answer that says why there is none.
private struct Declined: Decodable {
    struct Reason: Decodable {
        let text: String
        private enum CodingKeys: String, CodingKey { case text = "_0" }
    }
    let notApplicable: Reason?
    let invalid: Reason?
}

/// The role a question went to.
private struct AskedRole: Decodable { let role: Role }

extension RunStory {
    /// The step at a path.
    func step(at path: StepPath) -> StepRecord? { places[path].map { steps[$0] } }

    /// What a role was asked at a step; `nil` when the step asked nothing of the sort.
    func asked<Request: RoleRequest>(_ type: Request.Type = Request.self, at path: StepPath) -> Request? {
        guard let step = step(at: path), step.kind == .ask, role(asked: step) == Request.role else { return nil }
        return (try? JSONText.value(Asked<Request>.self, from: step.request))?.request
    }

    /// What a role answered at a step; `nil` when there is no valid answer.
    func answer<Answer: Codable & Hashable & Sendable>(
        _ type: Answer.Type = Answer.self, at path: StepPath
    ) -> Answer? {
        step(at: path)?.answer.flatMap { try? JSONText.value(RoleReply<Answer>.self, from: $0).answer }
    }

    /// Which role a step asked.
    func role(asked step: StepRecord) -> Role? {
        step.kind == .ask ? (try? JSONText.value(AskedRole.self, from: step.request))?.role : nil
    }

    /// Why a role gave no usable answer at a step; `nil` when it did, or has not yet.
    func refusal(at path: StepPath) -> String? {
        guard let step = step(at: path), step.kind == .ask, let answer = step.answer,
            let declined = try? JSONText.value(Declined.self, from: answer)
        else { return nil }
        return declined.notApplicable?.text ?? declined.invalid?.text
    }

    /// The run of a script at or below a step that came last: the mended one, where it was mended.
    func lastTrial(below path: StepPath) -> Trial? {
        let below = trials.filter { $0.path.parts.starts(with: path.parts) }
        // In tree order `debug-1` comes before the run that it mends.
        return below.last { $0.path.parts.contains { $0.hasPrefix("debug-") } } ?? below.last
    }

    /// Whether scores are what scripts said of themselves.
    var isSelfReported: Bool {
        if let settings { return settings.mode == .selfReported }
        return finish?.searchScore?.evaluation == Evaluation.selfReported.rawValue
    }

    /// In which way the search is not the published one; `nil` when it is.
    var variant: String? { settings?.plan.variant }
}

extension SearchPlan {
    /// In which way the refinement is not the published one, in a sentence; `nil` when it is.
    var variant: String? {
        guard plansAtOnce > 1 else { return nil }
        return "a variant of the algorithm: up to \(plansAtOnce) plans from one history in each refinement step, where "
            + "the published one draws a single plan"
    }
}

/// What scripts are, in a few words.
extension RunStory {
    /// What the script of a step is, such as `LightGBM + CatBoost` for a merge; `nil` when nothing is known of it.
    public func name(of path: StepPath) -> String? {
        if path.isFinal { return nameOnAllRows(of: path) }
        for depth in stride(from: path.parts.count, to: 0, by: -1) {
            let here = StepPath(parts: Array(path.parts.prefix(depth)))
            guard let name = ownName(of: here) else { continue }
            return path.parts.dropFirst(depth).contains { $0.hasPrefix("debug-") } ? "\(name), mended" : name
        }
        return nil
    }

    /// The name of what was made at just this step.
    func ownName(of here: StepPath) -> String? {
        if let request = asked(WriteCandidate.self, at: here / "script") { return request.card.name }
        if let request = asked(MergeSolutions.self, at: here / "script") {
            return "\(name(of: request.base) ?? "?") + \(name(of: request.reference) ?? "?")"
        }
        if let request = asked(RefineBlock.self, at: here / "block") {
            return "\(Self.blockName(request.block)): \(Self.firstSentence(request.plan))"
        }
        if let request = asked(WriteEnsemble.self, at: here / "script") { return Self.firstSentence(request.plan) }
        if here.name.hasPrefix("variant-"), let number = Int(here.name.dropFirst(8)),
            let edits = answer([NamedEdit].self, at: here.parent / "variants"), edits.indices.contains(number - 1)
        {
            return edits[number - 1].name
        }
        return here.name == "data-usage" && step(at: here / "evaluate") != nil
            ? "with data that was left unused" : nil
    }

    /// A script in the words of the step that ran it first: the models of first scripts and merges, the path of others.
    func name(of script: Script) -> String? {
        guard let path = trials.first(where: { $0.script == script && !$0.path.isFinal })?.path else { return nil }
        let isPlain = path.parts.contains {
            $0.contains("candidate-") || $0.contains("merge-") || $0.hasPrefix("hinted")
        }
        return isPlain ? name(of: path) : "`\(path.parent)`"
    }

    /// What a script grew from: a first script or merge, then every accepted change, in words.
    func lineage(of path: StepPath) -> [String] {
        let own = [name(of: path)].compactMap { $0 }
        guard let here = change(thatMade: path), let compared = comparison(at: settlement(of: here)),
            compared.candidate == path, compared.base != path
        else { return own }
        let before = lineage(of: compared.base)
        // The name of a merge says what it was made from, as long as that is made of models alone.
        let isTold = here.name.contains("merge-") && before.count == 1
        return isTold ? own : before + own
    }

    /// The step whose change a script was made for: a merge, the use of data left unused, or else an outer step.
    private func change(thatMade path: StepPath) -> StepPath? {
        let isChange: (String) -> Bool = {
            $0.hasPrefix("merge-") || $0.hasPrefix("hinted-merge-") || $0 == "data-usage" || $0.hasPrefix("outer-")
        }
        return path.parts.lastIndex(where: isChange).map { StepPath(parts: Array(path.parts[...$0])) }
    }

    /// The step below which a change's comparison and decision lie: itself or, where the budget ended before, the step
    /// `finish-N/late-K` that compared a script of it.
    func settlement(of here: StepPath) -> StepPath {
        guard step(at: here / "decision") == nil else { return here }
        let late = steps.last { step in
            guard step.path.name == "comparison", step.path.parent.name.hasPrefix("late-"), step.path.isFinal else {
                return false
            }
            return comparison(at: step.path.parent).flatMap { change(thatMade: $0.candidate) } == here
        }
        return late?.path.parent ?? here
    }

    /// What was decided at a step.
    func decision(at here: StepPath) -> Decision? { decisions.first { $0.path == here / "decision" }?.decision }

    /// Which runs were compared at a step.
    func comparison(at here: StepPath) -> CompareRuns? {
        step(at: here / "comparison").flatMap { try? JSONText.value(from: $0.request) }
    }

    /// The last of the steps `finish-N`: where the search ended, or ended again after it was resumed.
    var lastFinish: StepPath? {
        steps.last { $0.path.isFinal }.map { StepPath(parts: Array($0.path.parts.prefix(1))) }
    }

    /// Whom the judge part compared at an end of the search.
    func judged(at finish: StepPath) -> [StepPath] {
        let asked = step(at: finish / "judge").flatMap { $0.answer == nil ? nil : $0.request }
        return asked.flatMap { try? JSONText.value(JudgeRuns.self, from: $0) }?.finalists ?? []
    }

    /// How often the judge part was looked at.
    var judgements: Int {
        steps.count { $0.path.isFinal && $0.path.parts.count == 2 && $0.path.name == "judge" && $0.answer != nil }
    }

    private func nameOnAllRows(of path: StepPath) -> String? {
        if path.name == "average" || path.name == "weighted" { return "ensemble of stored predictions" }
        guard let script = trials.first(where: { $0.path == path })?.script else { return nil }
        if path.name == "proof" { return "solution.py of the ensemble" }
        return name(of: script) ?? "the winner, brought to all rows"
    }

    /// A block's name in its marker line, or its first line where it has none.
    static func blockName(_ block: String) -> String {
        let first = block.split(separator: "\n").first { !$0.allSatisfy(\.isWhitespace) }.map(String.init) ?? ""
        let prefix = "# --- block: "
        if first.hasPrefix(prefix), first.hasSuffix(" ---") { return String(first.dropFirst(prefix.count).dropLast(4)) }
        return first.count > 60 ? "\(first.prefix(60))…" : first
    }

    /// The first sentence of a plan; cut where it is very long.
    static func firstSentence(_ text: String) -> String {
        let line = text.replacing("\n", with: " ")
        let sentence = line.firstRange(of: ". ").map { String(line[..<$0.lowerBound]) + "." } ?? line
        return sentence.count > 200 ? "\(sentence.prefix(200))…" : sentence
    }
}

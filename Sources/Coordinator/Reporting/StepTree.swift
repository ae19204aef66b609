import Journal
import Search
import Vocabulary

/// The steps of a run as an indented tree, with scores where there are any.
public struct StepTree {
    private let story: RunStory

    /// The tree of a run.
    public init(_ story: RunStory) { self.story = story }

    /// One line per step.
    public var lines: [String] {
        var shown: Set<StepPath> = []
        var lines: [String] = []
        for step in story.steps {
            for depth in 1..<max(1, step.path.parts.count) {
                let branch = StepPath(parts: Array(step.path.parts.prefix(depth)))
                if shown.insert(branch).inserted { lines.append(indented(branch)) }
            }
            lines.append("\(indented(step.path))  \(outcome(of: step))")
        }
        return lines
    }

    /// The step's name, behind it what is made there: a model, a merge, a plan.
    private func indented(_ path: StepPath) -> String {
        let words = story.ownName(of: path).map { " (\($0))" } ?? ""
        return String(repeating: "  ", count: path.parts.count - 1) + path.name + words
    }

    private func outcome(of step: StepRecord) -> String {
        guard let answer = step.answer else { return "… under way" }
        return switch step.kind {
        case .run: ending(at: step.path)
        case .note: decision(at: step.path)
        case .ask: story.refusal(at: step.path).map { "no answer: \($0)" } ?? "answered"
        case .observe:
            combination(at: step.path) ?? finalShares(in: answer) ?? String(Numbers.rounded(in: answer).prefix(100))
        }
    }

    private func ending(at path: StepPath) -> String {
        guard let report = story.trials.first(where: { $0.path == path })?.report else { return "ended" }
        let seconds = Numbers.rounded(report.wall.seconds)
        if let score = report.score { return "\(words(score)) \(seconds) s" }
        guard let failure = report.failure else { return "submitted \(seconds) s" }
        return "\(failure.ending) \(seconds) s"
    }

    private func decision(at path: StepPath) -> String {
        guard let decision = story.decisions.first(where: { $0.path == path })?.decision else { return "" }
        return "\(decision.verdict.rawValue): \(Numbers.rounded(in: decision.reason))"
    }

    private func combination(at path: StepPath) -> String? {
        guard let combination = story.combinations.first(where: { $0.path == path })?.combination else { return nil }
        let shown = combination.standing.score.map(words) ?? "no score"
        return "\(shown), \(combination.blending.members.count) members"
    }

    private func finalShares(in answer: String) -> String? {
        guard let shares = try? JSONText.value(MemberShares.self, from: answer) else { return nil }
        return "\(shares.weights.count { $0 > 0 }) members"
    }

    private func words(_ score: Score) -> String { "\(Report.value(score)) (\(score.evaluation))" }
}

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

    private func indented(_ path: StepPath) -> String {
        String(repeating: "  ", count: path.parts.count - 1) + path.name
    }

    private func outcome(of step: StepRecord) -> String {
        guard let answer = step.answer else { return "… under way" }
        switch step.kind {
        case .run:
            guard let trial = story.trials.first(where: { $0.path == step.path }) else { return "ended" }
            let seconds = Report.rounded(trial.report.wall.seconds)
            if let score = trial.report.score {
                return "\(Report.rounded(score.value)) (\(score.evaluation)) \(seconds) s"
            }
            return "\(trial.report.failure.map { "\($0.ending)" } ?? "submitted") \(seconds) s"
        case .note:
            guard let decision = story.decisions.first(where: { $0.path == step.path })?.decision else { return "" }
            return "\(decision.verdict.rawValue): \(decision.reason)"
        case .ask: return answer.contains("\"valid\"") ? "answered" : "no answer"
        case .observe:
            if let combination = story.combinations.first(where: { $0.path == step.path })?.combination {
                let score = combination.standing.score
                let shown = score.map { "\(Report.rounded($0.value)) (\($0.evaluation))" } ?? "no score"
                return "\(shown), \(combination.blending.members.count) members"
            }
            return String(answer.prefix(100))
        }
    }
}

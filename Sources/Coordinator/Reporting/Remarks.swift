public import Search
public import Vocabulary

/// What a person should know of a run's end beyond its scores and reason, a sentence each.
public struct Remarks {
    private let story: RunStory
    private let finish: Finish
    private let direction: Direction
    private let keepsModel: Bool

    /// Remarks on an end.
    ///
    /// - Parameters:
    ///   - direction: which scores are better.
    ///   - keepsModel: whether `model.tar.gz` is among the results.
    public init(on finish: Finish, of story: RunStory, direction: Direction, keepsModel: Bool) {
        self.finish = finish
        self.direction = direction
        self.story = story
        self.keepsModel = keepsModel
    }

    /// The sentences, without a full stop.
    public var sentences: [String] { [luckierScript, missingModel].compactMap { $0 } }

    /// Why an ensemble won although a script scores better: that score was picked as the best of many on the same rows.
    private var luckierScript: String? {
        guard let blending = finish.blending, let score = finish.solution.standing.score else { return nil }
        // A score under suspicion may be too good because of a leak, which no luck explains.
        let trusted = story.trials.filter { $0.kind != .ablation && $0.report.suspicion == nil }
        let singles = trusted.compactMap { trial in
            trial.report.score.map { (path: trial.path, score: $0) }
        }
        let best = singles.max { direction.isBetter($1.score.value, than: $0.score.value) }
        guard let best, direction.isBetter(best.score.value, than: score.value) else { return nil }
        let isWeighted = finish.solution.path.name == "weighted"
        let why = isWeighted ? "predicted with shares chosen without them" : "chosen by none of its shares"
        return
            "`\(best.path)` scores \(Numbers.rounded(best.score.value, error: best.score.standardError)) on the search "
            + "part, better than the winner, an ensemble of \(blending.members.count) scripts: but it is the best of "
            + "\(singles.count) on those rows and so looks better than it is, while the ensemble's rows were \(why)"
    }

    private var missingModel: String? {
        keepsModel
            ? nil
            : "no model was kept (there is no model.tar.gz): predict.sh trains solution.py anew each time it is run"
    }
}

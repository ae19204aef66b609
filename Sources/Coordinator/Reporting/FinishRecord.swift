import Journal
public import Search
public import Vocabulary

/// How a run ended: the content of `run.json`.
public struct FinishRecord: Codable, Sendable {
    /// A score with how it was obtained.
    public struct ShownScore: Codable, Sendable {
        /// In units of the metric.
        public let value: Double
        /// One standard error.
        public let standardError: Double?
        /// Rows behind it.
        public let rows: Int
        /// `hidden`, `hidden, weaker sandbox`, `hidden, unprotected` or `self-reported`.
        public let evaluation: String

        init(_ score: Score) {
            value = score.value
            standardError = score.standardError
            rows = score.rowCount
            evaluation = score.evaluation.rawValue
        }
    }

    /// A script of an ensemble.
    public struct Member: Codable, Sendable {
        /// The step that ran it.
        public let solution: String
        /// Its share; all together make 1.
        public let weight: Double
    }

    /// The run's name.
    public let run: String
    /// The task's name.
    public let task: String
    /// The metric's name.
    public let metric: String
    /// `higher` or `lower`.
    public let better: String
    /// The winner's score on the search part, which chose among many; `nil` when no script got a score.
    public let searchScore: ShownScore?
    /// The winner's score on the judge part, which the search never saw.
    public let judgeScore: ShownScore?
    /// The step that ran the winner.
    public let solution: String?
    /// The step whose submission was handed in; `nil` for the constant fallback.
    public let submission: String?
    /// The members of the winning ensemble with their shares; `nil` for a script of its own.
    public let members: [Member]?
    /// Why that submission.
    public let reason: String
    /// What else a person should know, a sentence each; `nil` when no script got a score.
    public let remarks: [String]?
    /// In which way the search was not the published one.
    public let variant: String?
    /// Wall time used in all sittings, in seconds.
    public let seconds: Double
    /// Seconds of the budget charged beside these for outcomes of earlier runs; absent where there were none.
    public let chargedSeconds: Double?
    /// Scripts with an outcome, those whose outcome was known before among them.
    public let trials: Int

    /// A record of a search's end.
    ///
    /// - Parameters:
    ///   - story: the run as the journal tells it until here.
    ///   - finish: the winner, when it left a submission.
    ///   - charged: time of the budget that reused outcomes took.
    ///   - keepsModel: whether `model.tar.gz` is among the results.
    public init(
        of story: RunStory, task: TaskSpecification, finish: Finish?, reason: String, charged: Duration,
        keepsModel: Bool
    ) {
        let run = story.run.id
        let spent = story.run.spent
        self.run = run.rawValue
        self.task = task.name
        metric = task.metric.name
        better = task.direction.rawValue
        searchScore = finish?.solution.standing.score.map(ShownScore.init)
        // Where scores are self-reported there is no judge: the same number twice would look like a confirmation.
        let judged = finish?.judged?.score
        judgeScore = judged?.evaluation == .selfReported ? nil : judged.map(ShownScore.init)
        solution = finish?.solution.path.description
        submission = finish?.submission.description
        members = finish?.blending.map { blending in
            zip(blending.members, blending.weights).map { Member(solution: $0.description, weight: $1) }
        }
        self.reason = reason
        remarks = finish.map {
            Remarks(on: $0, of: story, direction: task.direction, keepsModel: keepsModel).sentences
        }
        variant = story.variant
        seconds = (spent.seconds * 10).rounded() / 10
        chargedSeconds = charged > .zero ? (charged.seconds * 10).rounded() / 10 : nil
        trials = story.trials.count
    }
}

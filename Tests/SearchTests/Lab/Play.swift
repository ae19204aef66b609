import Search
import Vocabulary

/// What everybody answers in a scripted search. Everything is a function of the path and the request, so that the order
/// in which things end cannot matter.
struct Play: Sendable {
    /// Replies that take the place of the usual ones, by path: a `RoleReply` of the asked role's answer.
    var replies: [String: any Sendable] = [:]
    /// Ends of runs that take the place of the usual ones, by path.
    var ends: [String: RunEnd] = [:]
    /// How runs end that are not named in `ends`.
    var usualEnd: @Sendable (StepPath, RunRequest) -> RunEnd = { path, _ in .scored(Play.rising(path)) }
    /// Whether every step of a solution is better than the ones before it.
    var isRising = true
    /// Replies drawn by chance instead of the usual ones: `nil` stands for the usual one.
    var refusal: @Sendable (StepPath) -> String? = { _ in nil }
    /// Why the scores of runs are doubted, by path.
    var suspicions: [String: String] = [:]
    /// Scores on the judge part by path; where there is none, the score on the search part counts.
    var judged: [String: RunEnd] = [:]
    /// How ensembles of stored predictions score, by method; without an entry they have no score.
    var combinations: [String: RunEnd] = [:]
    /// Shares of an ensemble's members on all held-out rows; without them all are equal.
    var finalWeights: [Double]?
    /// What other solutions found.
    var findings: [Finding] = []
    /// Agreement of a refit with the scored run.
    var agreement: Double? = 1
    var direction = Direction.higherIsBetter
    /// Whether every run takes longer than whatever else goes on.
    var runsTakeLong = false
    /// How sure comparisons are that a run is better, by its path, whatever the scores say.
    var probabilities: [String: Double] = [:]
    /// The same where both held-out parts are compared, if that differs.
    var probabilitiesOnAllRows: [String: Double] = [:]
    /// How sure a comparison is of a better score.
    var certainty = 1.0

    /// How a run ends.
    enum RunEnd: Hashable, Sendable {
        case scored(Double)
        case failed(Ending)
        /// Exit code 0, and nobody could score it: neither a score nor a failure.
        case unscored
    }

    /// A score that is higher the later a step stands in its solution, so that everything is an improvement; what an
    /// ablation switches off makes the script worse.
    static func rising(_ path: StepPath) -> Double {
        if path.parts.contains("ablation") { return 0.1 }
        let stages = ["candidate": 0.2, "merge": 0.3, "data": 0.4, "outer": 0.5]
        var score = 0.0
        var weight = 0.01
        for part in path.parts.dropFirst() {
            let (stem, number) = numbered(part)
            score += stages[stem] ?? 0
            score += Double(number) * weight
            weight /= 10
        }
        return score
    }

    private static func numbered(_ part: String) -> (stem: String, number: Int) {
        let pieces = part.split(separator: "-")
        return (pieces.first.map(String.init) ?? "", pieces.last.flatMap { Int($0) } ?? 0)
    }

    /// A search in which everything may happen, drawn from a seed and the step's path.
    static func anything(seed: UInt64, direction: Direction = .higherIsBetter) -> Play {
        var play = Play()
        play.direction = direction
        play.isRising = false
        play.usualEnd = { path, _ in
            var generator = TestGenerator(seed: seed, text: path.description)
            let endings: [Ending] = [.exception("ValueError"), .timeout, .outOfMemory, .missingSubmission]
            guard generator.share() < 0.2 else { return .scored(generator.share() - 0.5) }
            return .failed(endings[Int(generator.next() % 4)])
        }
        play.refusal = { path in
            var generator = TestGenerator(seed: seed, text: "refusal of \(path)")
            return generator.share() < 0.08 ? "nothing to say at \(path)" : nil
        }
        return play
    }

    /// The report of a run that ends in a way.
    static func report(_ end: RunEnd, mount: MountChoice, suspicion: String? = nil) -> RunReport {
        switch end {
        case .scored(let value):
            let score = mount == .full ? nil : Score(value, rowCount: 100, evaluation: .hidden)
            return RunReport(score: score, failure: nil, wall: .seconds(2), selfReported: value, suspicion: suspicion)
        case .failed(let ending):
            let failure = Failure(ending: ending, message: "it was \(ending)")
            return RunReport(score: nil, failure: failure, wall: .seconds(1), selfReported: nil)
        case .unscored:
            return RunReport(score: nil, failure: nil, wall: .seconds(1), selfReported: nil)
        }
    }
}

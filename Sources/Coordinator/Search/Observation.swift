public import Vocabulary

/// Something outside the strategy that it may look at; the journal fixes what it saw.
public protocol Observation<Value>: Codable, Hashable, Sendable {
    /// What is seen.
    associatedtype Value: Codable & Hashable & Sendable

    /// Passes the observation to whoever can see.
    func made(by observer: any Observer) async throws -> Value
}

/// Whoever can see what a strategy observes: stored predictions and hidden labels.
public protocol Observer: Sendable {
    /// Looks for what people have added since.
    func hints(_ observation: LookForHints) async throws -> [Hint]
    /// Compares two scored runs on the same held-out rows.
    func compare(_ observation: CompareRuns) async throws -> PairedComparison
    /// Scores runs on the judge part, which no search step sees.
    func judge(_ observation: JudgeRuns) async throws -> [Standing]
    /// Reads what a run printed.
    func output(_ observation: ReadOutput) async throws -> String
    /// Combines the stored predictions of scored runs into those of an ensemble, and scores it.
    func combine(_ observation: CombineRuns) async throws -> Combination
    /// Chooses the shares of an ensemble's members again, on all held-out rows.
    func reweigh(_ observation: ReweighMembers) async throws -> MemberShares
    /// Combines the predictions of runs on all rows.
    func blend(_ observation: BlendRefits) async throws -> Blending
    /// Looks for changes that the other solutions have accepted so far.
    func findings(_ observation: GatherFindings) async throws -> [Finding]
    /// Measures how far a refit's predictions agree with those of the scored run on the real test rows.
    func agreement(_ observation: MeasureAgreement) async throws -> Double?
}

/// A paired comparison of two scored runs, or ensembles of such, on the same held-out rows.
public struct CompareRuns: Observation {
    /// The step that ran the candidate.
    public let candidate: StepPath
    /// The step that ran what it is compared with.
    public let base: StepPath
    /// The rows compared.
    public let parts: [HeldOutPart]

    /// An observation.
    public init(candidate: StepPath, base: StepPath, parts: [HeldOutPart] = [.search]) {
        self.candidate = candidate
        self.base = base
        self.parts = parts
    }

    /// Passes the observation to whoever can see.
    public func made(by observer: any Observer) async throws -> PairedComparison { try await observer.compare(self) }
}

/// The judge part's scores of finalists, one each, in their order.
public struct JudgeRuns: Observation {
    /// The steps that ran the finalists.
    public let finalists: [StepPath]

    /// An observation.
    public init(finalists: [StepPath]) { self.finalists = finalists }

    /// Passes the observation to whoever can see.
    public func made(by observer: any Observer) async throws -> [Standing] { try await observer.judge(self) }
}

/// How far a refit on all rows agrees with the scored run over the real test rows, −1 to 1: rank correlation of numbers,
/// less where their scale differs and the metric minds; share of equal labels; for texts, one less the error rate.
/// `nil` when it cannot be told because one of the two predicts the same for every row.
public struct MeasureAgreement: Observation {
    /// The step that ran the refit on the full mount.
    public let refit: StepPath
    /// The step that ran the script on the search mount.
    public let scored: StepPath

    /// An observation.
    public init(refit: StepPath, scored: StepPath) {
        self.refit = refit
        self.scored = scored
    }

    /// Passes the observation to whoever can see.
    public func made(by observer: any Observer) async throws -> Double? { try await observer.agreement(self) }
}

/// What a finished run printed: beginning and end of standard output and standard error.
public struct ReadOutput: Observation {
    /// The step that ran it.
    public let run: StepPath

    /// An observation.
    public init(run: StepPath) { self.run = run }

    /// Passes the observation to whoever can see.
    public func made(by observer: any Observer) async throws -> String { try await observer.output(self) }
}

/// Scored runs with their shares in an ensemble.
public struct Blending: Codable, Hashable, Sendable {
    /// The steps that ran the members.
    public let members: [StepPath]
    /// A share for each member, more than 0; their sum is 1.
    public let weights: [Double]

    /// Members with their shares.
    public init(members: [StepPath], weights: [Double]) {
        self.members = members
        self.weights = weights
    }
}

/// An ensemble of stored predictions.
public struct Combination: Codable, Hashable, Sendable {
    /// The steps that ran the scripts to choose from.
    public let runs: [StepPath]
    /// A share for each of them, 0 or more; their sum is 1.
    public let weights: [Double]
    /// `crossFitted[part][run]`: the shares with which the rows of each part of the search part are predicted, chosen on
    /// the other parts, so that its score is honest; row `r` is in part `r % crossFitted.count`. Empty where the
    /// shares do not depend on labels.
    public let crossFitted: [[Double]]
    /// Its score on the search part, or why there is none.
    public let standing: Standing
    /// A script that runs the members one after another and combines what they predict.
    public let script: Script

    /// An ensemble.
    public init(
        runs: [StepPath], weights: [Double], crossFitted: [[Double]], standing: Standing, script: Script
    ) {
        self.runs = runs
        self.weights = weights
        self.crossFitted = crossFitted
        self.standing = standing
        self.script = script
    }

    /// Those that have a share.
    public var blending: Blending {
        let chosen = weights.indices.filter { weights[$0] > 0 }
        return Blending(members: chosen.map { runs[$0] }, weights: chosen.map { weights[$0] })
    }
}

/// Combines the stored predictions of scored runs; nothing is trained.
public struct CombineRuns: Observation {
    /// How shares are chosen.
    public enum Method: String, Codable, Hashable, Sendable {
        /// All are equal.
        case average
        /// By greedy selection on resamples of the search part (Caruana et al. 2004).
        case weighted
    }

    /// The steps that ran the scripts to choose from, best first.
    public let runs: [StepPath]
    /// How shares are chosen.
    public let method: Method
    /// Members at most.
    public let limit: Int

    /// An observation.
    public init(runs: [StepPath], method: Method, limit: Int) {
        self.runs = runs
        self.method = method
        self.limit = limit
    }

    /// Passes the observation to whoever can see.
    public func made(by observer: any Observer) async throws -> Combination { try await observer.combine(self) }
}

/// Shares of an ensemble's members, and the script that goes with them.
public struct MemberShares: Codable, Hashable, Sendable {
    /// A share for each member, 0 or more; their sum is 1.
    public let weights: [Double]
    /// A script that runs the members with a share one after another and combines what they predict.
    public let script: Script

    /// Shares of members.
    public init(weights: [Double], script: Script) {
        self.weights = weights
        self.script = script
    }
}

/// Chooses the shares of an ensemble's members on all held-out rows, the judge part among them: for members trained on all
/// rows, once the judge part has decided. No score is measured with them.
public struct ReweighMembers: Observation {
    /// The steps that ran the members.
    public let members: [StepPath]

    /// An observation.
    public init(members: [StepPath]) { self.members = members }

    /// Passes the observation to whoever can see.
    public func made(by observer: any Observer) async throws -> MemberShares { try await observer.reweigh(self) }
}

/// Combines the predictions of an ensemble's members, each trained on all rows.
public struct BlendRefits: Observation {
    /// The steps that ran the members on the full mount, with their shares.
    public let blending: Blending

    /// An observation.
    public init(blending: Blending) { self.blending = blending }

    /// Passes the observation to whoever can see.
    public func made(by observer: any Observer) async throws -> Blending { try await observer.blend(self) }
}

/// Looks for changes that the other solutions have accepted so far; the journal fixes what was seen at that moment. How far
/// they are then is a matter of time: two fresh runs with equal seeds may see different changes.
public struct GatherFindings: Observation {
    /// Which of the parallel solutions looks, from 1.
    public let solution: Int

    /// An observation.
    public init(solution: Int) { self.solution = solution }

    /// Passes the observation to whoever can see.
    public func made(by observer: any Observer) async throws -> [Finding] { try await observer.findings(self) }
}

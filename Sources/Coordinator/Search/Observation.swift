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
    /// Compares two scored runs on the rows of the search part.
    func compare(_ observation: CompareRuns) async throws -> PairedComparison
    /// Scores runs on the judge part, which no search step sees.
    func judge(_ observation: JudgeRuns) async throws -> [Standing]
    /// Measures how far a refit's predictions agree with those of the scored run on the real test rows.
    func agreement(_ observation: MeasureAgreement) async throws -> Double?
}

/// A paired comparison of two scored runs on the search part.
public struct CompareRuns: Observation {
    /// The step that ran the candidate.
    public let candidate: StepPath
    /// The step that ran what it is compared with.
    public let base: StepPath

    /// An observation.
    public init(candidate: StepPath, base: StepPath) {
        self.candidate = candidate
        self.base = base
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

/// How far a refit on all rows agrees with the scored run: rank correlation of numbers or share of equal labels over
/// the real test rows, −1 to 1; `nil` when it cannot be told.
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

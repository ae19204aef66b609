public import Vocabulary

/// Everything a strategy may ask of the world. Each call is a journaled step with a path unique in its run: after a
/// restart the strategy runs again from the top and finished steps answer at once.
///
/// Calls throw `Signal` for what is no answer, and whatever the journal throws when it cannot be written.
public protocol Lab: Sendable {
    /// Asks a role. The answer has passed the request's check.
    func ask<Request: RoleRequest>(_ request: Request, at path: StepPath) async throws -> RoleReply<Request.Answer>

    /// Runs a script on a worker and scores its submission.
    func run(_ request: RunRequest, at path: StepPath) async throws -> RunReport

    /// Looks at something outside the strategy: what it sees is fixed by the journal from then on.
    func observe<Observed: Observation>(_ observation: Observed, at path: StepPath) async throws -> Observed.Value

    /// Writes down a decision, for the report.
    func note(_ decision: Decision, at path: StepPath) async throws

    /// Where the final steps for these finalists stand: `finish-1`, or a later number when an earlier finish, before
    /// the search went on with a larger budget, had other finalists.
    func finishPath(for finalists: [StepPath]) async throws -> StepPath
}

/// What is no answer and never journaled: after `resume` the search goes on where the signal stopped it.
public enum Signal: Error, Hashable, Sendable {
    /// Time, money or evaluations are used up, or the user asked to finish: hand in the best so far.
    case outOfBudget
    /// Stop now.
    case cancelled
}

/// Nothing can be asked for now, whatever the question: a key is refused, an allowance is used up, a provider cannot be
/// reached. Never journaled: the run stops as interrupted, and `resume` goes on where it was.
public struct RunPause: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened and what to do.
    public let description: String

    /// A pause.
    public init(_ description: String) { self.description = description }
}

/// Which rows a script sees.
public enum MountChoice: Codable, Hashable, Sendable {
    /// The training part, with held-out rows among the test rows; scored.
    case search
    /// All training rows and the real test rows; not scored.
    case full
}

/// A request to run a script.
public struct RunRequest: Codable, Hashable, Sendable {
    /// What it is run for.
    public let kind: JobKind
    /// The program.
    public let script: Script
    /// The rows it sees.
    public let mount: MountChoice
    /// Whether what it prints is its result: it then needs neither a score nor a submission.
    public let keepsOutput: Bool

    /// A request.
    public init(kind: JobKind, script: Script, mount: MountChoice = .search, keepsOutput: Bool = false) {
        self.kind = kind
        self.script = script
        self.mount = mount
        self.keepsOutput = keepsOutput
    }

    /// The same request for another script.
    func running(_ script: Script) -> RunRequest {
        RunRequest(kind: kind, script: script, mount: mount, keepsOutput: keepsOutput)
    }
}

/// What came of a run.
public struct RunReport: Codable, Hashable, Sendable {
    /// The score on a search mount; `nil` on the full mount and after a failure.
    public let score: Score?
    /// Why there is no valid submission.
    public let failure: Failure?
    /// How long the script ran.
    public let wall: Duration
    /// The number the script printed, if any.
    public let selfReported: Double?
    /// Why the script may be fooling itself: it reports far better than it scores.
    public let suspicion: String?

    /// A report.
    public init(
        score: Score?, failure: Failure?, wall: Duration, selfReported: Double?, suspicion: String? = nil
    ) {
        self.score = score
        self.failure = failure
        self.wall = wall
        self.selfReported = selfReported
        self.suspicion = suspicion
    }

    /// The run as a standing; an unscored success counts as a failure to score.
    public var standing: Standing {
        if let score { return .scored(score) }
        return .failed(failure ?? Failure(ending: .noScore, message: "the run was not scored"))
    }
}

/// A script with its standing.
public struct Solution: Codable, Hashable, Sendable {
    /// The program.
    public let script: Script
    /// Its score or failure on the search part.
    public let standing: Standing
    /// The step that ran it: names its stored submission.
    public let path: StepPath
    /// How long it ran.
    public let wall: Duration
    /// Why it may be fooling itself; such a solution wins only if the judge part confirms its score.
    public let suspicion: String?

    /// A solution.
    public init(
        script: Script, standing: Standing, path: StepPath, wall: Duration, suspicion: String? = nil
    ) {
        self.script = script
        self.standing = standing
        self.path = path
        self.wall = wall
        self.suspicion = suspicion
    }
}

/// A decision of the strategy, for the report.
public struct Decision: Codable, Hashable, Sendable {
    /// What was decided.
    public enum Verdict: String, Codable, Hashable, Sendable {
        case accepted, rejected, skipped, chosen
    }

    /// What was decided.
    public let verdict: Verdict
    /// Why, in a sentence.
    public let reason: String
    /// The evidence, when two solutions were compared.
    public let evidence: PairedComparison?

    /// A decision.
    public init(_ verdict: Verdict, reason: String, evidence: PairedComparison? = nil) {
        self.verdict = verdict
        self.reason = reason
        self.evidence = evidence
    }
}

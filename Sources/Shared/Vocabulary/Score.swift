/// How a number came about; shown wherever the number is.
public enum Evaluation: String, Codable, Hashable, Sendable, CustomStringConvertible {
    /// On labels the script could not reach.
    case hidden = "hidden"
    /// On labels that the second, weaker kind of sandbox kept from the script.
    case hiddenWeakly = "hidden, weaker sandbox"
    /// On labels the coordinator kept, but nothing stopped the script from looking for them.
    case hiddenUnprotected = "hidden, unprotected"
    /// The number the script printed.
    case selfReported = "self-reported"

    /// The words shown beside the number.
    public var description: String { rawValue }

    /// What hidden labels are worth when scripts ran in a sandbox.
    public static func hidden(in sandbox: Sandbox) -> Evaluation {
        switch sandbox {
        case .bubblewrap: .hidden
        case .landlock: .hiddenWeakly
        case .none: .hiddenUnprotected
        }
    }
}

/// A finite number on the task's metric and how it was obtained.
public struct Score: Codable, Hashable, Sendable {
    /// In units of the metric; always finite.
    public let value: Double
    /// One standard error of `value` from resampled rows, where it could be computed.
    public let standardError: Double?
    /// Number of rows behind the value.
    public let rowCount: Int
    /// How the value came about.
    public let evaluation: Evaluation

    /// A score; `nil` when the value is NaN or infinite, because such a value is a failure and not a number.
    public init?(_ value: Double, standardError: Double? = nil, rowCount: Int, evaluation: Evaluation) {
        guard value.isFinite else { return nil }
        self.value = value
        self.standardError = standardError
        self.rowCount = rowCount
        self.evaluation = evaluation
    }
}

/// Where a script stands: a score, or a failure, which is worse than every score in both directions.
public enum Standing: Codable, Hashable, Sendable {
    case scored(Score)
    case failed(Failure)

    /// The score, if there is one.
    public var score: Score? {
        if case .scored(let score) = self { score } else { nil }
    }

    /// Whether this standing is strictly better than `other`; two failures are equal.
    public func isBetter(than other: Standing, by direction: Direction) -> Bool {
        switch (score, other.score) {
        case (let mine?, let theirs?): direction.isBetter(mine.value, than: theirs.value)
        case (_?, nil): true
        case (nil, _): false
        }
    }
}

/// Why a script has no score: what happened and what it said, cut to a few lines.
public struct Failure: Codable, Hashable, Sendable {
    /// What happened.
    public let ending: Ending
    /// A sentence or the last frames of the traceback; bounded by who writes it.
    public let message: String

    /// A failure with its explanation.
    public init(ending: Ending, message: String) {
        self.ending = ending
        self.message = message
    }
}

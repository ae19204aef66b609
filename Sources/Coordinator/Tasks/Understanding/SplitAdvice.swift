/// How held-out rows are chosen so that they relate to the training rows as the real test rows do.
public struct SplitAdvice: Hashable, Sendable {
    /// The kinds of split.
    public enum Kind: Hashable, Sendable {
        /// Each class keeps its share.
        case stratified
        /// Rows with the same value of the column stay together: test holds values that training lacks.
        case grouped(column: String)
        /// The latest rows by the column are held out: test is later than training.
        case forwardInTime(column: String)
        /// Rows at random.
        case plain
    }

    /// Which kind.
    public let kind: Kind
    /// What was seen in the files that speaks for it, one sentence.
    public let reason: String

    /// Advice.
    public init(kind: Kind, reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// The kind as people read it.
    public var name: String {
        switch kind {
        case .stratified: "stratified by class"
        case .grouped(let column): "grouped by '\(column)'"
        case .forwardInTime(let column): "forward in time by '\(column)'"
        case .plain: "at random"
        }
    }
}

/// Whether scores can come from labels that scripts never see.
public enum HiddenApplicability: Hashable, Sendable {
    /// They can.
    case applicable
    /// They cannot, and why, one sentence.
    case notApplicable(reason: String)
}

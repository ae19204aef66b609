import Vocabulary

/// One thing that happened to a job; words are made only when somebody asks.
enum Chapter: Hashable, Sendable {
    case submitted
    case recovered
    case given(LeaseTerm, Incarnation)
    case lost(LeaseTerm, Incarnation, LossReason)
    case takenUp(LeaseTerm, Incarnation)

    var words: String {
        switch self {
        case .submitted: "submitted"
        case .recovered: "recovered from the journal"
        case .given(let term, let holder): "term \(term) to \(holder)"
        case .lost(let term, let holder, let reason): "term \(term) at \(holder): \(reason.rawValue)"
        case .takenUp(let term, let holder): "term \(term) taken up again by \(holder)"
        }
    }
}

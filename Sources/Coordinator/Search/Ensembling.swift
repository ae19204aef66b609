/// How the solutions of a search become one answer.
public enum Ensembling: String, Codable, Hashable, Sendable, CaseIterable {
    /// The first of the parallel solutions stands alone.
    case none
    /// The best of them, as the judge part sees it.
    case bestOfN = "best-of-n"
    /// The mean of their predictions.
    case average
    /// Predictions of any scored scripts, weighted by greedy selection; trains nothing.
    case weighted
    /// New scripts that combine the solutions (MLE-STAR algorithm 3).
    case agent
}

/// Where scores come from.
public enum EvaluationMode: String, Codable, Hashable, Sendable, CaseIterable {
    /// Labels that the coordinator keeps.
    case hidden
    /// The score line that each script prints, as in the paper.
    case selfReported = "self-reported"
}

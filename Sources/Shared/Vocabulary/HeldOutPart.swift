/// The two parts of the held-out rows.
public enum HeldOutPart: String, Codable, Hashable, Sendable, CaseIterable {
    /// Gives the score that the search sees.
    case search
    /// Is used once, to choose among finalists.
    case judge
}

/// The two parts of the held-out rows.
public enum HeldOutPart: String, Codable, Hashable, Sendable, CaseIterable {
    /// Gives the score that the search sees.
    case search
    /// Gives the score by which finalists are chosen, once; afterwards its rows have a say in an ensemble's final shares.
    case judge
}

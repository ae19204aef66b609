import Foundation
import Journal
public import Search

extension JournaledLab {
    /// The hints that were given since the last look.
    public func hints(_ observation: LookForHints) async throws -> [Hint] {
        try journal.hints(for: run, after: observation.after).map { record in
            Hint(
                number: record.number,
                content: try JSONDecoder().decode(Hint.Content.self, from: Data(record.content.utf8)))
        }
    }
}

extension Hint.Content {
    /// The word under which the journal keeps it.
    public var kind: String {
        switch self {
        case .card: "model-card"
        case .target: "target"
        case .plan: "plan"
        }
    }
}

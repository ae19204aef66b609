import Vocabulary

/// What a person adds to a search while it runs.
public struct Hint: Codable, Hashable, Sendable {
    /// What is wanted.
    public enum Content: Codable, Hashable, Sendable {
        /// A model to try and to merge.
        case card(ModelCard)
        /// What to refine, in words.
        case target(String)
        /// A plan to try first on the block that is refined next.
        case plan(String)
    }

    /// Counts the hints of all runs, in the order in which they were given.
    public let number: Int
    /// What is wanted.
    public let content: Content

    /// A hint.
    public init(number: Int, content: Content) {
        self.number = number
        self.content = content
    }
}

/// The hints that came after those that were seen before.
public struct LookForHints: Observation {
    /// The number of the last hint this solution has seen.
    public let after: Int

    /// An observation.
    public init(after: Int) { self.after = after }

    /// Passes the observation to whoever can see.
    public func made(by observer: any Observer) async throws -> [Hint] { try await observer.hints(self) }
}

extension Observer {
    /// Nobody gives hints.
    public func hints(_ observation: LookForHints) async throws -> [Hint] { [] }
}

/// The hints one solution has seen and not yet followed.
struct HintBox: Sendable {
    private var last = 0
    private var cards: [ModelCard] = []
    private var targets: [String] = []
    private var plans: [String] = []

    /// Looks for new hints; every look is a step of its own.
    mutating func look(in lab: any Lab, at path: StepPath) async throws {
        for hint in try await lab.observe(LookForHints(after: last), at: path) {
            last = max(last, hint.number)
            switch hint.content {
            case .card(let card): cards.append(card)
            case .target(let target): targets.append(target)
            case .plan(let plan): plans.append(plan)
            }
        }
    }

    /// The cards, which are followed with that.
    mutating func takeCards() -> [ModelCard] {
        defer { cards = [] }
        return cards
    }

    /// The oldest target.
    mutating func takeTarget() -> String? { targets.isEmpty ? nil : targets.removeFirst() }

    /// The plans, which are followed with that.
    mutating func takePlans() -> [String] {
        defer { plans = [] }
        return plans
    }
}

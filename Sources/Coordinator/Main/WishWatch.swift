import Dispatching
import Journal
import Laboratory
import Logging
import Vocabulary

/// Heeds what other processes want of a run while a sitting works on it: `mlestar pause`, `resume` and `stop`.
final class WishWatch: Sendable {
    private let run: RunID
    private let journal: Journal
    private let dispatcher: Dispatcher
    private let budget: Budget
    private let logger: Logger

    init(_ sitting: RunSitting) {
        run = sitting.run.id
        journal = sitting.journal
        dispatcher = sitting.dispatcher
        budget = sitting.budget
        logger = sitting.logger
    }

    /// Looks again and again until the task is cancelled.
    ///
    /// - Parameter first: what was heeded before.
    func run(from first: RunWish) async throws {
        var heeded = first
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(500))
            if Task.isCancelled { return }
            heeded = try look(heeded)
        }
    }

    /// Heeds what is wanted now if it is something else than before.
    func look(_ before: RunWish?) throws -> RunWish {
        let wish = try journal.wish(for: run)
        guard wish != before else { return wish }
        switch wish {
        case .go:
            budget.unpause()
            dispatcher.resume(run)
        case .pause:
            budget.pause()
            dispatcher.pause(run)
        case .finish:
            budget.finishNow()
            dispatcher.resume(run)
        }
        if before != nil || wish != .go {
            logger.info("heeded a wish", metadata: ["run": "\(run)", "wish": "\(wish)"])
        }
        try journal.heed(wish, of: run)
        return wish
    }

    /// The sitting is over: the dispatcher need not remember a pause.
    func end() { dispatcher.resume(run) }
}

import ArgumentParser
import Foundation
import Journal
import Vocabulary

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Lets a run begin nothing new until it is resumed.",
        discussion: """
            Scripts that train go on and count; no others are begun, no language model is asked, and the time of the pause is \
            not charged to the budget. A paused run stays paused when its coordinator is started again.
            """)

    @Argument(help: ArgumentHelp("The run's name, as `mlestar list` shows it.", valueName: "run"))
    var name: String

    @OptionGroup var state: StateOption

    func run() async throws {
        let desk = try WishDesk(name, in: try StateFolder(named: state.folder))
        if desk.record.wish == .finish {
            throw InputError("run \(name) is finishing: it hands in the best so far and cannot be paused any more")
        }
        switch try await desk.ask(.pause) {
        case .heeded(let record):
            let running = try desk.journal.progress(of: record.id).running
            print("run \(name) is paused; \(running) scripts train on; `mlestar resume \(name)` goes on")
        case .later:
            print("run \(name) is paused: `mlestar serve` begins nothing of it before `mlestar resume \(name)`")
        case .ended(let record): print("run \(name) \(WishDesk.ended(record)) before it could be paused")
        }
    }
}

struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Ends a run's search now and hands in the best so far.",
        discussion: "As ctrl-C does once in `mlestar run`. `mlestar resume RUN` goes on searching later.")

    @Argument(help: ArgumentHelp("The run's name, as `mlestar list` shows it.", valueName: "run"))
    var name: String

    @OptionGroup var state: StateOption

    func run() async throws {
        let desk = try WishDesk(name, in: try StateFolder(named: state.folder))
        switch try await desk.ask(.finish) {
        case .heeded(let record):
            print("run \(name) finishes with the best so far; its results will be in \(record.outPath)")
        case .later: print("nobody serves \(desk.folder.path): `mlestar serve` hands in the best so far of run \(name)")
        case .ended(let record): print("run \(name) \(WishDesk.ended(record)); its results are in \(record.outPath)")
        }
    }
}

/// Enters what is wanted of a run and waits until whoever works on it has heeded it.
struct WishDesk {
    /// What came of a wish.
    enum Answer {
        /// The run's coordinator acts on it.
        case heeded(RunRecord)
        /// Nobody works on the run; the next coordinator will act on it.
        case later
        /// The run came to its end first.
        case ended(RunRecord)
    }

    let folder: StateFolder
    let journal: Journal
    let record: RunRecord

    init(_ name: String, in folder: StateFolder) throws {
        self.folder = folder
        journal = try folder.journal()
        record = try journal.run(RunID(name))
    }

    /// How a run ended, in words.
    static func ended(_ record: RunRecord) -> String {
        switch record.state {
        case .finished: "has finished"
        case .failed: "has failed"
        default: "was stopped"
        }
    }

    /// - Throws: `InputError` when the run has ended, or nobody will ever work on it by himself, or nobody answers.
    func ask(_ wish: RunWish) async throws -> Answer {
        let again = "`mlestar resume \(record.id)` goes on with it"
        guard record.state == .queued || record.state == .running else {
            throw InputError("run \(record.id) \(Self.ended(record)); \(again)")
        }
        let isHeld = folder.isWorkedOn(record.id)
        guard isHeld || record.isServed else { throw InputError("nobody works on run \(record.id); \(again)") }
        guard try journal.wish(wish, for: record.id) else { return .ended(try journal.run(record.id)) }
        guard isHeld || folder.isServed else { return .later }
        return try await answer(to: wish)
    }

    private func answer(to wish: RunWish) async throws -> Answer {
        for _ in 0..<100 {
            let now = try journal.run(record.id)
            guard now.state == .queued || now.state == .running else { return .ended(now) }
            if now.isHeeded, now.wish == wish { return .heeded(now) }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw InputError(
            "whoever works on run \(record.id) did not answer within 10 s; what is wanted is noted and heeded as soon as it "
                + "can be: see `mlestar list`")
    }
}

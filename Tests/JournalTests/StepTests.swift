import GRDB
import TestKit
import Testing
import Vocabulary

@testable import Journal

@Suite("Steps in the journal", .timeLimit(.minutes(5)))
struct StepTests {
    private let folder: TemporaryFolder
    private let journal: Journal
    private let path = StepPath("solution-1/evaluate")

    init() throws {
        folder = try TemporaryFolder()
        journal = try Journal.withRun(in: folder)
    }

    @Test("a step has no answer until it is answered, and then always the same")
    func answers() throws {
        let before: String? = try journal.answer(at: path, of: Sample.run, kind: .ask, to: ["q": 1])
        #expect(before == nil)
        try journal.ask(path, of: Sample.run, kind: .ask, request: ["q": 1])
        let during: String? = try journal.answer(at: path, of: Sample.run, kind: .ask, to: ["q": 1])
        #expect(during == nil)
        try journal.answer(path, of: Sample.run, with: "yes")
        try journal.answer(path, of: Sample.run, with: "no")
        let after: String? = try journal.answer(at: path, of: Sample.run, kind: .ask, to: ["q": 1])
        #expect(after == "yes")
    }

    @Test("a path asked with another request is an error that names both")
    func mismatch() throws {
        try journal.ask(path, of: Sample.run, kind: .ask, request: ["q": 1])
        try journal.answer(path, of: Sample.run, with: "yes")
        let error = #expect(throws: JournalError.self) {
            let _: String? = try journal.answer(at: path, of: Sample.run, kind: .ask, to: ["q": 2])
        }
        #expect(error?.code == .stepMismatch)
        #expect(error?.description.contains(#"{"q":1}"#) == true && error?.description.contains(#"{"q":2}"#) == true)
        #expect(throws: JournalError.self) {
            let _: String? = try journal.answer(at: path, of: Sample.run, kind: .run, to: ["q": 1])
        }
    }

    @Test("a step asked again after a crash counts how often it was asked")
    func askedAgain() throws {
        try journal.ask(path, of: Sample.run, kind: .run, request: 1)
        try journal.ask(path, of: Sample.run, kind: .run, request: 1)
        #expect(try journal.steps(of: Sample.run).map(\.timesAsked) == [2])
    }

    @Test("steps come back in tree order, scores with them")
    func order() throws {
        for name in ["outer-10/a", "outer-2/a", "outer-1"] {
            try journal.ask(StepPath(name), of: Sample.run, kind: .note, request: name)
        }
        let score = try #require(Score(0.5, standardError: 0.1, rowCount: 3, evaluation: .hiddenUnprotected))
        let record = ScoreRecord(path: StepPath("outer-1"), part: "search", score: score)
        try journal.answer(StepPath("outer-1"), of: Sample.run, with: "x", scores: [record])
        #expect(try journal.steps(of: Sample.run).map(\.path.description) == ["outer-1", "outer-2/a", "outer-10/a"])
        #expect(try journal.scores(of: Sample.run) == [record])
    }

    @Test("runs keep their state, their budget and the time they used")
    func runs() throws {
        try journal.spend(.seconds(2), on: Sample.run)
        try journal.spend(.seconds(3), on: Sample.run)
        try journal.end(Sample.run, as: .interrupted, result: nil)
        #expect(try journal.run(Sample.run).state == .interrupted)
        let resumed = try journal.begin(Sample.run, budget: .seconds(100))
        #expect(resumed.state == .running && resumed.spent == .seconds(5) && resumed.budget == .seconds(100))
        try journal.end(Sample.run, as: .finished, result: "{}")
        #expect(try journal.run(Sample.run).finishedAt != nil)
        #expect(throws: JournalError.self) { try journal.run(RunID("unknown")) }
    }

    @Test("only submitted runs are served")
    func served() throws {
        try journal.enter(Sample.newRun(RunID("queued")), as: .queued)
        #expect(try journal.servedRuns().map(\.id) == [RunID("queued")])
    }

    @Test("a journal of a newer version is refused")
    func tooNew() throws {
        try journal.database.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999')") }
        let error = #expect(throws: JournalError.self) { try Journal(folder: folder.path) }
        #expect(error?.code == .tooNew)
    }

    @Test("a file that is no journal is refused with a sentence")
    func noJournal() throws {
        let other = try TemporaryFolder()
        try other.write(String(repeating: "not a database ", count: 100), to: "journal.sqlite")
        let error = #expect(throws: JournalError.self) { try Journal(folder: other.path) }
        #expect(error?.code == .unusable && error?.description.contains(other.path) == true)
    }
}

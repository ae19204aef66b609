import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Session

@Suite("The outbox", .timeLimit(.minutes(5)))
struct OutboxTests {
    private let folder: TemporaryFolder
    private let outcome = Outcome(
        job: JobID("r:a/b"), term: .first, ending: .exception("ValueError"), usage: .none, message: "m", log: "l",
        selfReported: 1.5, submission: nil, environment: ContentHash(String(repeating: "ab", count: 32)))

    init() throws { folder = try TemporaryFolder() }

    @Test("a kept outcome is there for the next process, a dropped one is not")
    func keepAndDrop() throws {
        var outbox = try Outbox(folder: folder.path)
        try outbox.keep(outcome)
        var next = try Outbox(folder: folder.path)
        #expect(next.pending == [outcome.attempt: outcome])
        next.drop(outcome.attempt)
        #expect(try Outbox(folder: folder.path).pending.isEmpty)
    }

    @Test("a file that cannot be read is put aside, and the others still count")
    func damaged() throws {
        var outbox = try Outbox(folder: folder.path)
        try outbox.keep(outcome)
        try folder.write("garbage", to: "broken-1.outcome")
        #expect(try Outbox(folder: folder.path).pending.count == 1)
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/broken-1.outcome.unreadable"))
    }
}

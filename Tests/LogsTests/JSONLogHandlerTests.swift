import Foundation
import Logging
import Synchronization
import TestKit
import Testing

@testable import Logs

@Suite("Log lines for programs", .timeLimit(.minutes(5)))
struct JSONLogHandlerTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    @Test("an event is one line of JSON with its metadata under their own names")
    func line() throws {
        let lines = Lines()
        var logger = Logger(label: "worker") { label in
            JSONLogHandler(label: label) { line in lines.all.withLock { $0.append(line) } }
        }
        logger[metadataKey: "worker"] = "w-1"
        logger.info("started\nat \"once\"", metadata: ["job": "r:a/b", "term": "2", "level": "x"])
        logger.debug("not wanted")
        let line = try #require(lines.all.withLock { $0.count == 1 ? $0[0] : nil })
        #expect(line.hasSuffix("}\n") && line.dropLast().contains("\n") == false)
        let fields = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(fields["worker"] == "w-1" && fields["job"] == "r:a/b" && fields["term"] == "2")
        #expect(fields["level"] == "info" && fields["level_"] == "x" && fields["logger"] == "worker")
        #expect(fields["message"] == "started\nat \"once\"")
        #expect(try #require(fields["time"]).contains("T"))
    }
}

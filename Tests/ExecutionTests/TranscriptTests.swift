import TestKit
import Testing

@testable import Execution

@Suite("What scripts print", .timeLimit(.minutes(5)))
struct TranscriptTests {
    @Test(
        "the last score line counts",
        arguments: [
            ("Final Validation Performance: 0.5", 0.5), ("epoch 1\nFinal Validation Performance: -1e-3\ndone", -0.001),
            ("Final Validation Performance: 1\nFinal Validation Performance: 2", 2),
            ("score: Final Validation Performance = .25 (AUC)", 0.25),
        ])
    func score(_ text: String, _ value: Double) { #expect(Transcript.score(in: text) == value) }

    @Test(
        "what is no score line is none",
        arguments: [
            "", "final validation performance: 0.5", "Final Validation Performance: nan",
            "Final Validation Performance: inf", "Final Validation Performance: 1.2.3",
            "Final Validation Performance: 1e999",
        ])
    func noScore(_ text: String) { #expect(Transcript.score(in: text) == nil) }

    @Test("a traceback gives the exception's type and the frames")
    func exception() throws {
        let text = """
            warning: something
            Traceback (most recent call last):
              File "solution.py", line 3, in <module>
                int("x")
            ValueError: invalid literal for int() with base 10: 'x'
            """
        let found = try #require(Traceback.exception(in: text))
        #expect(found.type == "ValueError")
        #expect(found.message.contains("line 3") && !found.message.contains("warning"))
    }

    @Test("a chained traceback is told by its last exception")
    func chained() throws {
        let text = """
            Traceback (most recent call last):
              File "a.py", line 1, in f
            KeyError: 'a'

            During handling of the above exception, another exception occurred:

            Traceback (most recent call last):
              File "a.py", line 2, in <module>
            my.module.Error
            """
        #expect(Traceback.exception(in: text)?.type == "my.module.Error")
    }

    @Test("a group of exceptions is told by itself, not by one of its members")
    func group() throws {
        let text = """
              + Exception Group Traceback (most recent call last):
              |   File "/job/solution.py", line 7, in <module>
              |     raise ExceptionGroup("g", found)
              | ExceptionGroup: g (1 sub-exception)
              +-+---------------- 1 ----------------
                | Traceback (most recent call last):
                |   File "/job/solution.py", line 3, in <module>
                |     int("x")
                | ValueError: invalid literal
                +------------------------------------
            """
        let found = try #require(Traceback.exception(in: text))
        #expect(found.type == "ExceptionGroup" && found.message.contains("line 7, in <module>"))
    }
}

/// The same, of streams that are longer than what is kept of them.
@Suite("What scripts print in the midst of much else", .timeLimit(.minutes(5)))
struct StreamSearchTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func stream(_ text: String) throws -> StreamSearch {
        try folder.write(text, to: "stream")
        return try #require(StreamSearch("\(folder.path)/stream"))
    }

    private let noise = String(repeating: "a line of noise\n", count: 150_000)

    @Test("the last score line with a number is found anywhere, also across the pieces that are read")
    func score() throws {
        for cut in [0, 1, 40] {
            let around = String(repeating: "x", count: (1 << 20) - cut)
            let text = "\(noise)\nFinal Validation Performance: 0.25\n\(around)"
            #expect(Transcript.score(in: try stream(text)) == 0.25)
        }
        let lines = "Final Validation Performance: 1\n\(noise)Final Validation Performance: nan\n"
        #expect(Transcript.score(in: try stream(lines)) == 1)
        #expect(Transcript.score(in: try stream(noise)) == nil)
        let endless = "Final Validation Performance: 1" + String(repeating: "0", count: 400)
        #expect(Transcript.score(in: try stream(endless)) == nil)
    }

    @Test("a traceback is found above much that was printed after it, and with a message of any length")
    func traceback() throws {
        let trace =
            "Traceback (most recent call last):\n  File \"/job/solution.py\", line 1, in <module>\nKeyError: 'a'\n"
        #expect(Traceback.last(in: try stream(noise + trace + noise))?.type == "KeyError")
        let long = try #require(Traceback.last(in: try stream("\(trace.dropLast())\(noise)")))
        #expect(long.type == "KeyError" && long.message.utf8.count < 3_000)
        let frames = String(repeating: "  File \"/job/solution.py\", line 2, in f\n    f()\n", count: 9_000)
        let deep = trace.replacing("KeyError: 'a'", with: frames + "RecursionError: deep")
        #expect(Traceback.last(in: try stream(deep))?.type == "RecursionError")
        #expect(Traceback.last(in: try stream(noise)) == nil)
    }
}

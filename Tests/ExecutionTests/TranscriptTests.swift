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
        let found = try #require(Transcript.exception(in: text))
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
        #expect(Transcript.exception(in: text)?.type == "my.module.Error")
    }
}

import Foundation
import Journal
import LanguageModels
import ModelAgents
import Search
import Testing
import Vocabulary

@Suite("Checks of answers", .timeLimit(.minutes(6)))
struct AnswerCheckTests {
    private let stage: Stage

    init() throws { stage = try Stage() }

    private func candidate(_ source: ScriptedSource, isHidden: Bool = true) async throws -> RoleReply<Script> {
        try await stage.agents(source, isHidden: isHidden).writeCandidate(WriteCandidate(card: Stage.card))
    }

    @Test("code is taken from its fence, whatever is said around it")
    func prose() async throws {
        let answer = "Sure! Here it is:\n\n\(Stage.fenced(Stage.script))\n\nIt predicts `price`. Good luck!"
        #expect(try await candidate(ScriptedSource(saying: answer)).answer?.text == Stage.script)
    }

    @Test("of several blocks the one marked python counts")
    func blocks() async throws {
        let answer =
            "```sh\npip install x and many more words than the script has, over and over\n```\n"
            + String(repeating: "words ", count: 100) + "\n" + Stage.fenced(Stage.script)
        #expect(try await candidate(ScriptedSource(saying: answer)).answer?.text == Stage.script)
    }

    @Test("a script without a fence counts when the whole answer is a program")
    func bare() async throws {
        let source = ScriptedSource(saying: Stage.script)
        #expect(try await candidate(source).answer?.text == Stage.script)
        let words = ScriptedSource(saying: "I", "I would rather not say.")
        let agents = stage.agents(words, at: StepPath("another"))
        #expect(try await agents.writeCandidate(WriteCandidate(card: Stage.card)).answer == nil)
        #expect(words.asked.count == 4)
    }

    @Test("a refused answer is asked for again with the reason and what was said")
    func reason() async throws {
        let source = ScriptedSource(saying: Stage.fenced("print('a"), Stage.fenced(Stage.script))
        #expect(try await candidate(source).answer != nil)
        let again = try #require(source.asked.last?.prompt.text)
        #expect(again.contains("does not compile: line 1: unterminated string literal"))
        #expect(again.contains("print('a"))
        let calls = try stage.journal.calls(of: stage.run)
        #expect(calls.map(\.attempt) == [1, 2])
        #expect(calls[0].defect?.contains("does not compile") == true && calls[1].defect == nil)
    }

    @Test("after the allowed tries the step fails by itself, with the last reason")
    func exhausted() async throws {
        let source = ScriptedSource([])
        let reply = try await candidate(source)
        #expect(
            reply
                == .invalid(
                    "no usable answer in 4 tries; the last one: there is no fenced block with a script in the answer"))
        #expect(source.asked.count == 4)
    }

    @Test(
        "a script must keep the rules of its evaluation",
        arguments: [
            ("import sys\nsys.exit(0)", true, "ends the interpreter in line 2"),
            ("print(1)\nquit()", true, "ends the interpreter in line 2"),
            ("print('Final Validation Performance: 1')", true, "does not write ./final/submission.csv"),
            ("open('final/submission.csv', 'w')", false, "does not print the line"),
        ])
    func rules(code: String, isHidden: Bool, reason: String) async throws {
        let source = ScriptedSource([.says(Stage.fenced(code))])
        _ = try await candidate(source, isHidden: isHidden)
        #expect(try stage.journal.calls(of: stage.run)[0].defect?.contains(reason) == true)
    }

    @Test("an answer that was cut off is refused even if its beginning would compile")
    func cutOff() async throws {
        let source = ScriptedSource([.isCutOff(Stage.fenced(Stage.script)), .says(Stage.fenced(Stage.script))])
        #expect(try await candidate(source).answer != nil)
        #expect(try stage.journal.calls(of: stage.run)[0].defect?.contains("cut off") == true)
    }

    @Test("what a script does that is hardly ever meant well is noted and does not stop it")
    func flags() async throws {
        let code = """
            import pandas as pd
            test = pd.read_csv("input/test.csv")
            features = ["rooms", "price"]
            scaler.fit(test[features])
            try:
                pass
            except ValueError:
                pass
            open("final/submission.csv", "w")
            """
        #expect(try await candidate(ScriptedSource(saying: Stage.fenced(code))).answer != nil)
        #expect(
            try stage.journal.calls(of: stage.run)[0].notes == [
                "line 3: the column to predict ('price') is listed as a feature",
                "line 4: 'fit' is given test rows ('test')", "line 7: an error is swallowed",
            ])
    }

    @Test("JSON is cut out from the first bracket to the last, and its keys are checked")
    func json() async throws {
        let card = #"{"model_name": "Ridge", "example_code": "```python\nRidge()\n```", "source_url": ""}"#
        let source = ScriptedSource(
            saying: "Models: [\(card)", #"[{"model_name": "Ridge"}]"#, "Here you are: [\(card)] — good luck")
        let agents = stage.agents(source)
        let cards = try await agents.retrieveModels(RetrieveModels(count: 2, solution: 1)).answer
        #expect(cards == [ModelCard(name: "Ridge", exampleCode: "Ridge()", source: "scripted, from memory")])
        let defects = try stage.journal.calls(of: stage.run).map(\.defect)
        try #require(defects.count == 3)
        #expect(defects[0]?.hasPrefix("the answer is not valid JSON") == true)
        #expect(defects[1] == "the key \"example_code\" is missing")
    }

    @Test("a block that is not in the script is asked for again")
    func verbatim() async throws {
        func target(_ block: String) -> String {
            #"{"code_block": "\#(block)", "plan": "Use the median of the prices."}"#
        }
        let source = ScriptedSource(saying: target("mean = 5"), target("mean = train['price'].mean()"))
        let script = Script("train = 1\nmean = train['price'].mean()\nprint(mean)")
        let reply = try await stage.agents(source).extractTarget(ExtractTarget(script: script, study: nil, refined: []))
        #expect(reply.answer?.block == "mean = train['price'].mean()")
        #expect(try stage.journal.calls(of: stage.run)[0].defect?.contains("does not occur in the script") == true)
    }

    @Test("a plan in nearly the words of an earlier one is refused")
    func plans() async throws {
        let earlier = "Replace the mean by the median of the prices, because a few homes are very dear."
        let source = ScriptedSource(
            saying: "Replace the mean by the median of the prices because a few homes are very dear!",
            "Fit a ridge regression on the number of rooms and the area.")
        let history = [RefinementTry(plan: earlier, improvement: 1, failure: nil, wall: .zero)]
        let reply = try await stage.agents(source).planRefinement(
            PlanRefinement(block: "mean = 1", history: history, count: 1))
        #expect(reply.answer == ["Fit a ridge regression on the number of rooms and the area."])
        #expect(source.asked.count == 2)
    }

    @Test("the data-usage checker says either that all is used or the whole script")
    func usage() async throws {
        let used = ScriptedSource(saying: #"Looks good. {"all_used": true}"#)
        let request = CheckDataUsage(script: Script("print(1)"))
        #expect(try await stage.agents(used).checkDataUsage(request).answer == .everythingUsed)
        let revised = ScriptedSource(saying: "Some is missing.\n" + Stage.fenced(Stage.script))
        #expect(
            try await stage.agents(revised, at: StepPath("b")).checkDataUsage(request).answer
                == .revised(Script(Stage.script)))
        let neither = ScriptedSource(saying: #"{"all_used": false}"#)
        #expect(try await stage.agents(neither, at: StepPath("c")).checkDataUsage(request).answer == nil)
    }

    @Test("the leakage detector answers one of two words and a block of the script")
    func leakage() async throws {
        let script = Script("a = 1\nscaler.fit(everything)\nb = 2")
        func answer(_ status: String, _ block: String) -> String {
            #"{"leakage_status": "\#(status)", "code_block": "\#(block)"}"#
        }
        let source = ScriptedSource(
            saying: answer("perhaps", "a = 1"), answer("Yes Data Leakage", "scaler.fit(all)"),
            answer("Yes Data Leakage", "scaler.fit(everything)"))
        let reply = try await stage.agents(source).detectLeakage(DetectLeakage(script: script))
        #expect(reply.answer == .leaks(block: "scaler.fit(everything)"))
    }

    @Test("a fixed block must fit into its script, and the script must compile with it")
    func fix() async throws {
        let script = Script("if True:\n    scaler.fit(everything)\nb = 2\n")
        let source = ScriptedSource(saying: Stage.fenced("scaler.fit(train"), Stage.fenced("scaler.fit(train)"))
        let request = FixLeakage(script: script, block: "scaler.fit(everything)")
        #expect(try await stage.agents(source).fixLeakage(request).answer == "scaler.fit(train)")
        #expect(source.asked.count == 2)
    }

    @Test("a block may be half a statement, if it was so before")
    func fragment() async throws {
        let source = ScriptedSource(saying: Stage.fenced("else:\n    a = 2"))
        let request = RefineBlock(block: "else:\n    a = 1", plan: "Two.")
        #expect(try await stage.agents(source).refineBlock(request).answer == "else:\n    a = 2")
    }

    @Test("whether rows are sampled is answered by a block or by a word")
    func subsampling() async throws {
        let script = Script("train = train.sample(30000)\nprint(1)")
        let request = LocateSubsampling(script: script)
        let block = ScriptedSource(saying: Stage.fenced("train = train.sample(30000)"))
        #expect(
            try await stage.agents(block).locateSubsampling(request).answer == .block("train = train.sample(30000)"))
        let none = ScriptedSource(saying: "None.")
        #expect(try await stage.agents(none, at: StepPath("b")).locateSubsampling(request).answer == Subsampling.none)
    }

    @Test("a short error report is handed on without asking anybody")
    func shortReport() async throws {
        let source = ScriptedSource([])
        let failure = Failure(ending: .exception("ValueError"), message: "ValueError: no")
        let reply = try await stage.agents(source).summarizeFailure(
            SummarizeFailure(script: Script("a"), failure: failure))
        #expect(reply == .valid("ValueError: no") && source.asked.isEmpty)
    }
}

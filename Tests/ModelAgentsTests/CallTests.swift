import Foundation
import Journal
import LanguageModels
import ModelAgents
import Search
import Testing
import Vocabulary

@Suite("Calls and what becomes of them", .timeLimit(.minutes(5)))
struct CallTests {
    private let stage: Stage
    private let request = WriteCandidate(card: Stage.card)

    init() throws { stage = try Stage() }

    @Test("every call is in the journal with its tokens, its price and its prompt")
    func entered() async throws {
        let source = ScriptedSource(saying: Stage.fenced(Stage.script))
        _ = try await stage.agents(source).writeCandidate(request)
        let call = try #require(try stage.journal.calls(of: stage.run).first)
        #expect(call.state == .answered && call.role == "candidate-coder" && call.model == "scripted")
        #expect(call.cost == CallCost(input: 100, output: 10, picodollars: 7))
        let stored = try #require(try stage.journal.blob(call.request))
        #expect(String(decoding: stored, as: UTF8.self).contains("Predict the price of a home"))
    }

    @Test("an answer that was paid for is not paid for again after a crash, nor are its refusals")
    func reused() async throws {
        let first = ScriptedSource(saying: "no code", Stage.fenced("also not"), Stage.fenced(Stage.script))
        let before = try await stage.agents(first).writeCandidate(request)
        let second = ScriptedSource([])
        #expect(try await stage.agents(second).writeCandidate(request) == before)
        #expect(second.asked.isEmpty)
        #expect(try stage.journal.calls(of: stage.run).count == 3)
    }

    @Test("a call under way when the process died is asked again, and counted as lost")
    func lost() async throws {
        let call = NewCall(path: StepPath("a"), role: "coder", attempt: 1, model: "m", request: [1])
        _ = try stage.journal.begin(call, of: stage.run)
        #expect(try stage.journal.answeredCall(like: call, of: stage.run) == nil)
        #expect(try stage.journal.markLostCalls(of: stage.run) == 1)
        #expect(try stage.journal.calls(of: stage.run).map(\.state) == [.lost])
    }

    @Test(
        "what no question can get past stops the run, to be resumed",
        arguments: [ModelError.Code.quota, .authentication, .unknownModel, .network])
    func pause(code: ModelError.Code) async throws {
        let source = ScriptedSource([.fails(code)])
        await #expect(throws: RunPause.self) { _ = try await stage.agents(source).writeCandidate(request) }
        #expect(try stage.journal.calls(of: stage.run).map(\.state) == [.failed])
    }

    @Test("a budget that is used up is a signal and no answer")
    func budget() async throws {
        let source = ScriptedSource([.fails(.budget)])
        await #expect(throws: Signal.outOfBudget) { _ = try await stage.agents(source).writeCandidate(request) }
    }

    @Test("a prompt that is too long is shortened once")
    func shortened() async throws {
        let source = ScriptedSource([.fails(.contextLength), .says(Stage.fenced(Stage.script))])
        #expect(try await stage.agents(source).writeCandidate(request).answer != nil)
        let hopeless = ScriptedSource([.fails(.contextLength), .fails(.contextLength)])
        let reply = try await stage.agents(hopeless, at: StepPath("b")).writeCandidate(request)
        #expect(reply == .invalid("the question is too long for the model, also when shortened"))
        #expect(hopeless.asked.count == 2)
    }

    @Test("a refusal of the provider costs this step alone")
    func refused() async throws {
        let source = ScriptedSource([.fails(.contentFilter)])
        let reply = try await stage.agents(source).writeCandidate(request)
        #expect(reply == .invalid("the model refused to answer: This is what happened."))
    }

    @Test("an answer that is none is asked for again")
    func malformed() async throws {
        let source = ScriptedSource([.fails(.malformedAnswer), .says(Stage.fenced(Stage.script))])
        #expect(try await stage.agents(source).writeCandidate(request).answer != nil)
    }
}

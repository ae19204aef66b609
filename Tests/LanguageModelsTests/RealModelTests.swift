import Foundation
import HTTP
import TestKit
import Testing

@testable import LanguageModels

private let realModelURL = ProcessInfo.processInfo.environment["MLESTAR_REAL_MODEL_URL"]

/// A real model behind a real server, started by `Benchmarks/real_model.sh`; never in CI.
@Suite(
    "A real model", .timeLimit(.minutes(10)), .serialized,
    .enabled(if: realModelURL != nil, "MLESTAR_REAL_MODEL_URL is not set: Benchmarks/real_model.sh does it"))
struct RealModelTests {
    private static func model(onText: (@Sendable (String) -> Void)? = nil) throws -> any LanguageModel {
        var settings = ModelSettings()
        settings.onText = onText
        let factory = LanguageModelFactory(
            keys: ModelKeys([:]), ledger: Ledger(prices: .builtIn), http: try HTTPClient(), settings: settings)
        return try factory.model(.model("smollm2", of: .compatible(baseURL: try #require(realModelURL))))
    }

    /// A line that the script collects.
    private static func record(_ name: String, _ values: [String: JSONValue]) {
        print("real-model \(JSONValue.object(values.merging(["case": .string(name)]) { _, new in new }).text)")
    }

    private static func milliseconds(_ span: Duration) -> JSONValue {
        .number((Double(span.components.seconds) * 1e3 + Double(span.components.attoseconds) / 1e15).rounded())
    }

    @Test("its answer comes in pieces, with tokens that the server counted")
    func streams() async throws {
        let heard = Heard()
        let model = try Self.model { heard.hear($0) }
        let answer = try await model.answer(
            ModelPrompt(system: "You are brief.", text: "Name three colours.", temperature: 0, maximumOutputTokens: 60))
        #expect(heard.pieces.count > 3)
        #expect(heard.pieces.joined().contains(answer.text.prefix(10)))
        #expect(answer.usage.input > 10 && answer.usage.output > 3)
        Self.record(
            "stream",
            [
                "pieces": .number(Double(heard.pieces.count)), "input": .number(Double(answer.usage.input)),
                "output": .number(Double(answer.usage.output)), "milliseconds": Self.milliseconds(answer.latency),
                "text": .string(answer.text),
            ])
    }

    @Test("a structured answer is JSON")
    func structured() async throws {
        let schema = AnswerSchema(
            name: "colours",
            schema: [
                "type": "object", "required": ["colours"],
                "properties": ["colours": ["type": "array", "items": ["type": "string"]]],
            ])
        let answer = try await Self.model().answer(
            ModelPrompt(text: "Name three colours, as JSON.", maximumOutputTokens: 200, schema: schema))
        Self.record("schema", ["text": .string(answer.text), "notes": .array(answer.notes.map { .string($0) })])
        #expect(JSONValue(parsing: answer.text) != nil || answer.stop == .maximumOutput)
    }

    @Test("an answer that is cut off says so")
    func cut() async throws {
        let answer = try await Self.model().answer(
            ModelPrompt(text: "Count from one to a thousand in words.", maximumOutputTokens: 8))
        #expect(answer.stop == .maximumOutput)
    }

    @Test("a call that is cancelled in the middle ends, and the server answers the next one")
    func cancels() async throws {
        let heard = Heard()
        let model = try Self.model { heard.hear($0) }
        let asking = Task {
            do throws(ModelError) {
                _ = try await model.answer(ModelPrompt(text: "Tell a very long story.", maximumOutputTokens: 2000))
                return ModelError.Code?.none
            } catch { return error.code }
        }
        while heard.pieces.isEmpty { await Task.yield() }
        let began = ContinuousClock.now
        asking.cancel()
        #expect(await asking.value == .cancelled)
        Self.record("cancel", ["milliseconds": Self.milliseconds(began.duration(to: .now))])
        #expect(try await Self.model().answer(ModelPrompt(text: "Say yes.", maximumOutputTokens: 10)).usage.input > 0)
    }

    @Test("a prompt longer than its context is said to be")
    func tooLong() async throws {
        let model = try Self.model()
        let text = String(repeating: "word and word ", count: 4000)
        let error = await #expect(throws: ModelError.self) { _ = try await model.answer(ModelPrompt(text: text)) }
        #expect(error?.code == .contextLength, "\(String(describing: error))")
    }
}

public import Foundation
public import Journal
public import LanguageModels
public import Search
public import Vocabulary

/// Which asking of which step a call is.
public struct CallPlace: Hashable, Sendable, Codable {
    /// The step.
    public let path: StepPath
    /// The part that is played.
    public let role: String
    /// Which asking of the step, from 1.
    public let attempt: Int

    /// A place.
    public init(path: StepPath, role: String, attempt: Int) {
        self.path = path
        self.role = role
        self.attempt = attempt
    }
}

/// Where answers come from: providers, or a recording.
public protocol CallSource: Sendable {
    /// The model that plays a role, as the user names it.
    func model(for role: Role) -> String
    /// Whether that model can search the web by itself.
    func searchesWeb(_ role: Role) -> Bool
    /// A prompt with what is set for the role: temperature, longest answer, effort.
    func prepared(_ prompt: ModelPrompt, for role: Role) -> ModelPrompt
    /// Answers a prompt.
    func answer(_ prompt: ModelPrompt, for role: Role, at place: CallPlace) async throws(ModelError) -> ModelAnswer
}

/// Whoever wants to see every answered call, such as a recording.
public protocol CallWitness: Sendable {
    /// A call was answered.
    func answered(_ place: CallPlace, model: String, request: Data, answer: Data) throws
}

/// Makes calls and enters each in the journal, before it is made and when it ends. A call that was answered in an
/// earlier sitting is answered from there: nothing is paid twice.
public struct CallDesk: Sendable {
    let run: RunID
    let journal: Journal
    let source: any CallSource
    let witness: (any CallWitness)?

    /// A desk for one run.
    public init(run: RunID, journal: Journal, source: any CallSource, witness: (any CallWitness)? = nil) {
        self.run = run
        self.journal = journal
        self.source = source
        self.witness = witness
    }

    /// An answer with the number of its call.
    struct Answered<Value: Sendable>: Sendable {
        let call: Int64
        let value: Value
    }

    /// Asks the model that plays a role.
    func ask(_ prompt: ModelPrompt, for role: Role, at place: CallPlace) async throws -> Answered<ModelAnswer> {
        let prompt = source.prepared(prompt, for: role)
        return try await call(place, model: source.model(for: role), request: prompt) {
            let answer = try await source.answer(prompt, for: role, at: place)
            let cost = CallCost(
                input: answer.usage.input, output: answer.usage.output, picodollars: answer.cost?.picodollars)
            return (answer, cost, answer.notes)
        }
    }

    /// Makes a call of any kind, unless its answer is known.
    func call<Request: Encodable & Sendable, Value: Codable & Sendable>(
        _ place: CallPlace, model: String, request: Request,
        _ effect: () async throws -> (Value, CallCost, notes: [String])
    ) async throws -> Answered<Value> {
        let bytes = try Self.encoder.encode(request)
        let entry = NewCall(
            path: place.path, role: place.role, attempt: place.attempt, model: model, request: Array(bytes))
        if let known = try journal.answeredCall(like: entry, of: run), let hash = known.answer,
            let stored = try journal.blob(hash)
        {
            return Answered(call: known.id, value: try JSONDecoder().decode(Value.self, from: Data(stored)))
        }
        let call = try journal.begin(entry, of: run)
        let began = ContinuousClock.now
        do {
            let (value, cost, notes) = try await effect()
            let answer = try Self.encoder.encode(value)
            try journal.answer(
                call: call, with: Array(answer), cost: cost, latency: began.duration(to: .now), notes: notes)
            try witness?.answered(place, model: model, request: bytes, answer: answer)
            return Answered(call: call, value: value)
        } catch let error as ModelError {
            try journal.fail(
                call: call, with: error.description, cost: CallCost(input: 0, output: 0, picodollars: nil),
                latency: began.duration(to: .now))
            throw error
        }
    }

    /// Enters what was found of an answer.
    func judge(_ call: Int64, defect: String?, notes: [String]) throws {
        try journal.judge(call: call, defect: defect, notes: notes)
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

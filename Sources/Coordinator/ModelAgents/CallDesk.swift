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
    /// The most a call can cost.
    func ceiling(of prompt: ModelPrompt, for role: Role) -> Ledger.Charge
    /// What was charged under a prompt's label, failed tries included.
    func charged(under label: String) -> Ledger.Entry
    /// Answers a prompt.
    func answer(_ prompt: ModelPrompt, for role: Role, at place: CallPlace) async throws(ModelError) -> ModelAnswer
    /// What a recording holds for a call of any kind; `nil` when it must be made.
    func recorded(_ place: CallPlace, request: Data) throws(ModelError) -> Data?
}

extension CallSource {
    /// Nothing is charged by a source that asks nobody.
    public func ceiling(of prompt: ModelPrompt, for role: Role) -> Ledger.Charge {
        Ledger.Charge(usage: TokenUsage(), cost: .zero)
    }
    /// Nothing.
    public func charged(under label: String) -> Ledger.Entry { Ledger.Entry() }
    /// Nothing.
    public func recorded(_ place: CallPlace, request: Data) throws(ModelError) -> Data? { nil }
}

/// How a call ended, as a recording keeps it.
public enum CallEnd: Sendable {
    /// The answer, as JSON.
    case answered(Data)
    /// No answer.
    case failed(ModelError)
}

/// Whoever wants to see every call, such as a recording.
public protocol CallWitness: Sendable {
    /// A call ended.
    func ended(_ place: CallPlace, model: String, request: Data, _ end: CallEnd) throws
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
        let ceiling = source.ceiling(of: prompt, for: role)
        return try await call(
            place, model: source.model(for: role), request: prompt,
            ceiling: CallCost(ceiling.usage, ceiling.cost),
            failing: {
                let entry = source.charged(under: prompt.label)
                return CallCost(entry.usage, entry.unpricedCalls > 0 ? nil : entry.cost)
            },
            {
                let answer = try await source.answer(prompt, for: role, at: place)
                return (answer, CallCost(answer.usage, answer.cost), answer.notes)
            })
    }

    /// Makes a call of any kind, unless its answer is known.
    func call<Request: Encodable & Sendable, Value: Codable & Sendable>(
        _ place: CallPlace, model: String, request: Request, ceiling: CallCost = .none,
        failing costOfFailure: () -> CallCost = { .none },
        _ effect: () async throws -> (Value, CallCost, notes: [String])
    ) async throws -> Answered<Value> {
        let bytes = try Self.encoder.encode(request)
        let entry = NewCall(
            path: place.path, role: place.role, attempt: place.attempt, model: model, request: Array(bytes),
            ceiling: ceiling)
        if let known = try journal.answeredCall(like: entry, of: run), let hash = known.answer,
            let stored = try journal.blob(hash)
        {
            return Answered(call: known.id, value: try JSONDecoder().decode(Value.self, from: Data(stored)))
        }
        let call = try journal.begin(entry, of: run)
        let began = ContinuousClock.now
        do {
            let (value, cost, notes): (Value, CallCost, [String])
            if let recorded = try source.recorded(place, request: bytes) {
                (value, cost, notes) = (try JSONDecoder().decode(Value.self, from: recorded), .none, [])
            } else {
                (value, cost, notes) = try await effect()
            }
            let answer = try Self.encoder.encode(value)
            try journal.answer(
                call: call, with: Array(answer), cost: cost, latency: began.duration(to: .now), notes: notes)
            try witness?.ended(place, model: model, request: bytes, .answered(answer))
            return Answered(call: call, value: value)
        } catch let error as ModelError {
            try journal.fail(
                call: call, with: error.description, cost: costOfFailure(), latency: began.duration(to: .now))
            if error.isAboutTheQuestion { try witness?.ended(place, model: model, request: bytes, .failed(error)) }
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

extension CallCost {
    init(_ usage: TokenUsage, _ cost: Money?) {
        self.init(input: usage.input, output: usage.output, picodollars: cost?.picodollars)
    }
}

extension ModelError {
    /// Whether the same question would fail again: part of what a recording must repeat.
    fileprivate var isAboutTheQuestion: Bool { !pausesRun && code != .budget && code != .cancelled }
}

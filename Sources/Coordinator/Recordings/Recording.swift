public import Foundation
public import Laboratory
public import LanguageModels
public import ModelAgents
public import Search
import Synchronization
public import Vocabulary

/// A recorded run, read back.
public struct Recording: Sendable {
    /// What was recorded.
    public let run: RecordedRun
    let calls: [CallPlace: RecordedCall]
    let jobs: [StepPath: RecordedJob]
    let path: String

    /// Reads a file; of two lines about the same call or job the last counts.
    ///
    /// - Throws: `RecordingError`, which names the line.
    public init(path: String) throws {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw RecordingError("\(path): cannot be read; name a file made by --record")
        }
        self.path = path
        var run: RecordedRun?
        var calls: [CallPlace: RecordedCall] = [:]
        var jobs: [StepPath: RecordedJob] = [:]
        let lines = content.split(separator: 0x0A)
        for (number, bytes) in lines.enumerated() {
            do {
                switch try JSONDecoder().decode(RecordedLine.self, from: bytes) {
                case .run(let line): run = line
                case .call(let line): calls[line.place] = line
                case .job(let line): jobs[line.path] = line
                }
            } catch {
                // A crash may leave the last line unfinished.
                if number == lines.count - 1, content.last != 0x0A { break }
                throw RecordingError("\(path), line \(number + 1): is no line of a recording")
            }
        }
        guard let run, run.format == RecordedRun.format else {
            throw RecordingError("\(path): is no recording of this version; make one with --record")
        }
        self.run = run
        self.calls = calls
        self.jobs = jobs
    }
}

/// Answers calls from a recording, by the step they are made for; nobody is asked and nothing is paid.
public final class ReplayedCalls: CallSource {
    private let recording: Recording
    private let differences = Mutex<[CallPlace]>([])
    private let endsRun: Bool
    private let warn: @Sendable (String) -> Void

    /// A source.
    ///
    /// - Parameters:
    ///   - endsRun: whether the search ends where the recording does; else a step without an answer fails by itself.
    ///   - warn: told of each prompt that differs from the recorded one.
    public init(_ recording: Recording, endsRun: Bool, warn: @escaping @Sendable (String) -> Void) {
        self.recording = recording
        self.endsRun = endsRun
        self.warn = warn
    }

    /// The calls whose request was not the recorded one, in the order in which they were made.
    public var different: [CallPlace] { differences.withLock { $0 } }

    /// The name shown beside the calls.
    public func model(for role: Role) -> String { "replay" }
    /// What the recorded prompts say is searched for is in their answers.
    public func searchesWeb(_ role: Role) -> Bool {
        recording.calls.values.contains { $0.place.role == role.rawValue && $0.request["webSearch"]?.bool == true }
    }
    /// The prompt with the settings it was recorded with.
    public func prepared(_ prompt: ModelPrompt, for role: Role) -> ModelPrompt { prompt }

    /// The recorded answer.
    public func recorded(_ place: CallPlace, request: Data) throws(ModelError) -> Data? {
        guard let call = recording.calls[place] else {
            throw error(
                endsRun ? .budget : .badRequest, "\(recording.path) holds no answer for \(place.role) at \(place.path)")
        }
        if Self.text(of: call.request) != Self.text(of: JSONValue(parsing: request) ?? .null) {
            differences.withLock { $0.append(place) }
            warn("the request of \(place.role) at \(place.path) differs from the recorded one")
        }
        if let failure = call.failure { throw error(failure.code, failure.message) }
        return call.answer.map { Data($0.bytes) }
    }

    /// What a request says, without how it was to be sent.
    private static func text(of request: JSONValue) -> [String?] {
        guard request.members != nil else { return [request.text] }
        return [request["system"]?.string, request["text"]?.string]
    }

    /// Never reached: everything is recorded.
    public func answer(
        _ prompt: ModelPrompt, for role: Role, at place: CallPlace
    ) async throws(ModelError) -> ModelAnswer {
        throw error(.badRequest, "a replay asks nobody")
    }

    private func error(_ code: ModelError.Code, _ message: String) -> ModelError {
        ModelError(code, provider: "replay", model: "replay", message: message)
    }
}

/// Answers jobs from a recording.
public struct ReplayedJobs: JobRunning {
    private let recording: Recording

    /// Jobs of a recording.
    public init(_ recording: Recording) { self.recording = recording }

    /// The recorded outcome.
    ///
    /// - Throws: `Signal.outOfBudget` where the recording ends.
    public func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        guard let known = recording.jobs[job.id.path] else {
            throw Signal.outOfBudget
        }
        return .success(
            known.outcome.with(
                submission: known.submission.map(Array.init), model: known.model.map(Array.init),
                probabilities: known.probabilities.map(Array.init), job: job.id))
    }
}

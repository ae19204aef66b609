import Foundation
import LanguageModels
import ModelAgents
public import Vocabulary

/// One line of a recording: what the run was, a call, or the outcome of a job.
enum RecordedLine: Sendable {
    case run(RecordedRun)
    case call(RecordedCall)
    case job(RecordedJob)
}

/// What was recorded: the first line of the file.
public struct RecordedRun: Codable, Sendable {
    /// The version of the format.
    public static let format = 1

    var format = Self.format
    /// The task's fingerprint.
    public let task: ContentHash
    /// The strategy's name and version.
    public let strategy: String
    /// What the run was told, as JSON.
    public let settings: String

    /// A run.
    public init(task: ContentHash, strategy: String, settings: String) {
        self.task = task
        self.strategy = strategy
        self.settings = settings
    }
}

/// A call with its request and what came back.
struct RecordedCall: Codable, Sendable {
    struct Failed: Codable, Sendable {
        let code: ModelError.Code
        let message: String
    }

    let place: CallPlace
    let model: String
    let request: JSONValue
    let answer: JSONValue?
    let failure: Failed?
}

/// A job's outcome under the path of its job.
struct RecordedJob: Codable, Sendable {
    let path: StepPath
    let outcome: Outcome
    /// The submission apart from the outcome: base64 is a quarter of a list of numbers.
    let submission: Data?
    /// What the script left in `./model`, apart from the outcome for the same reason.
    let model: Data?
    /// Its class probabilities beside labels, likewise; absent from recordings of earlier versions.
    let probabilities: Data?

    init(_ outcome: Outcome, path: StepPath) {
        self.path = path
        self.outcome = outcome.with(submission: nil, model: nil, probabilities: nil)
        submission = outcome.submission.map { Data($0) }
        model = outcome.model.map { Data($0) }
        probabilities = outcome.probabilities.map { Data($0) }
    }
}

extension RecordedLine: Codable {
    private enum Key: String, CodingKey { case run, call, job }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let run = try container.decodeIfPresent(RecordedRun.self, forKey: .run) {
            self = .run(run)
        } else if let call = try container.decodeIfPresent(RecordedCall.self, forKey: .call) {
            self = .call(call)
        } else {
            self = .job(try container.decode(RecordedJob.self, forKey: .job))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .run(let run): try container.encode(run, forKey: .run)
        case .call(let call): try container.encode(call, forKey: .call)
        case .job(let job): try container.encode(job, forKey: .job)
        }
    }
}

extension Outcome {
    /// The same outcome with other files of the script's, under another job where one is given; without the whole of what
    /// was printed, which no score depends on.
    func with(submission: [UInt8]?, model: [UInt8]?, probabilities: [UInt8]?, job: JobID? = nil) -> Outcome {
        Outcome(
            job: job ?? self.job, term: term, ending: ending, usage: usage, message: message, log: log,
            selfReported: selfReported, submission: submission, environment: environment, sandbox: sandbox,
            model: model, probabilities: probabilities)
    }
}

/// What is wrong with a recording.
public struct RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What, where, and what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}

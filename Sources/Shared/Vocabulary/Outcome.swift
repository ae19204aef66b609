/// How an attempt to run a script ended.
public enum Ending: Codable, Hashable, Sendable, CustomStringConvertible {
    /// Exit code 0 and a submission was written.
    case succeeded
    /// The script raised; the name of the exception's type, or the exit code when it printed no traceback.
    case exception(String)
    /// A module that is not in the worker's Python environment.
    case missingPackage(String)
    /// Exit code 0, but no score line where the score line is the score.
    case noScore
    /// The wall limit passed.
    case timeout
    /// The memory limit passed.
    case outOfMemory
    /// Ended by a signal that the worker did not send.
    case killed(signal: Int)
    /// More standard output than allowed.
    case outputLimit
    /// Exit code 0, but no `./final/submission.csv`.
    case missingSubmission
    /// The submission breaks the task's schema.
    case invalidSubmission
    /// The worker was told to stop, or stopped.
    case interrupted
    /// The worker could not give the script what the job names: data, folder or interpreter.
    case unavailable

    /// A few words for people.
    public var description: String {
        switch self {
        case .succeeded: "succeeded"
        case .exception(let type): "exception \(type)"
        case .missingPackage(let name): "missing package \(name)"
        case .noScore: "no score line"
        case .timeout: "time limit"
        case .outOfMemory: "memory limit"
        case .killed(let signal): "killed by signal \(signal)"
        case .outputLimit: "output limit"
        case .missingSubmission: "no submission"
        case .invalidSubmission: "invalid submission"
        case .interrupted: "interrupted"
        case .unavailable: "unavailable"
        }
    }

    /// Whether the ending says something about the script; otherwise the job is attempted again.
    public var isAnswer: Bool {
        switch self {
        case .interrupted, .unavailable: false
        case .succeeded, .exception, .missingPackage, .noScore, .timeout, .outOfMemory, .killed, .outputLimit,
            .missingSubmission, .invalidSubmission:
            true
        }
    }

    /// Whether the same script on the same data would end the same way, so that the outcome may be used again.
    public var isReproducible: Bool {
        switch self {
        case .succeeded, .exception: true
        case .missingPackage, .noScore, .timeout, .outOfMemory, .killed, .outputLimit, .missingSubmission,
            .invalidSubmission, .interrupted, .unavailable:
            false
        }
    }
}

/// What an attempt used.
public struct Usage: Codable, Hashable, Sendable {
    /// Wall-clock time.
    public let wall: Duration
    /// Processor time of the whole process tree.
    public let cpu: Duration
    /// Largest resident memory of the whole process tree seen, in bytes.
    public let peakMemoryBytes: Int

    /// Usage.
    public init(wall: Duration, cpu: Duration, peakMemoryBytes: Int) {
        self.wall = wall
        self.cpu = cpu
        self.peakMemoryBytes = peakMemoryBytes
    }

    /// Nothing used: the attempt never started.
    public static let none = Usage(wall: .zero, cpu: .zero, peakMemoryBytes: 0)
}

/// What a worker hands back for one attempt of a job.
public struct Outcome: Codable, Hashable, Sendable {
    /// The job.
    public let job: JobID
    /// The attempt's lease.
    public let term: LeaseTerm
    /// How it ended.
    public let ending: Ending
    /// What it used.
    public let usage: Usage
    /// A sentence, or the last frames of the traceback; at most 4 000 bytes.
    public let message: String
    /// Beginning and end of standard output and standard error, at most 64 KiB.
    public let log: String
    /// The number of the last score line the script printed.
    public let selfReported: Double?
    /// The bytes of `./final/submission.csv`, if it was written.
    public let submission: [UInt8]?
    /// What the Python environment consisted of.
    public let environment: ContentHash

    /// The largest message, in bytes; longer ones lose their beginning.
    public static let messageLimit = 4_000
    /// The largest log, in bytes; longer ones lose their beginning.
    public static let logLimit = 64 << 10

    /// An outcome; message and log are cut to their limits.
    public init(
        job: JobID, term: LeaseTerm, ending: Ending, usage: Usage, message: String, log: String,
        selfReported: Double?, submission: [UInt8]?, environment: ContentHash
    ) {
        self.job = job
        self.term = term
        self.ending = ending
        self.usage = usage
        self.message = message.cut(toBytes: Self.messageLimit)
        self.log = log.cut(toBytes: Self.logLimit)
        self.selfReported = selfReported
        self.submission = submission
        self.environment = environment
    }
}

extension String {
    /// The end of the text that fits into a number of bytes, whole characters.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var kept = 0
        var start = endIndex
        while start > startIndex {
            let before = index(before: start)
            kept += self[before..<start].utf8.count
            if kept > limit { break }
            start = before
        }
        return String(self[start...])
    }
}

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
    /// More written to disk than allowed.
    case diskLimit
    /// The submission breaks the task's schema, or is no plain file of a sensible size; the message says how.
    case invalidSubmission
    /// Ended because its intermediate scores fell behind those of other scripts.
    case stoppedEarly
    /// The worker was told to stop, or stopped.
    case interrupted
    /// The worker could not give the script what the job names: data, folder or interpreter.
    case unavailable
    /// The worker could not set up its sandbox.
    case sandboxUnavailable
    /// Worker after worker was lost while it ran; it is not run again.
    case quarantined

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
        case .diskLimit: "disk limit"
        case .invalidSubmission: "invalid submission"
        case .stoppedEarly: "stopped early"
        case .interrupted: "interrupted"
        case .unavailable: "unavailable"
        case .sandboxUnavailable: "sandbox unavailable"
        case .quarantined: "quarantined"
        }
    }

    /// Whether the ending says something about the script; otherwise the job is attempted again.
    public var isAnswer: Bool {
        switch self {
        case .interrupted, .unavailable, .sandboxUnavailable: false
        case .succeeded, .exception, .missingPackage, .noScore, .timeout, .outOfMemory, .killed, .outputLimit,
            .diskLimit, .missingSubmission, .invalidSubmission, .stoppedEarly, .quarantined:
            true
        }
    }

    /// Whether the same script on the same data would end the same way, so that the outcome may be used again.
    public var isReproducible: Bool {
        switch self {
        case .succeeded, .exception: true
        case .missingPackage, .noScore, .timeout, .outOfMemory, .killed, .outputLimit, .diskLimit, .missingSubmission,
            .invalidSubmission, .stoppedEarly, .interrupted, .unavailable, .sandboxUnavailable, .quarantined:
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
    /// Largest memory on graphics processors seen, in bytes; 0 where there was none.
    public let peakGPUMemoryBytes: Int

    /// Usage.
    public init(wall: Duration, cpu: Duration, peakMemoryBytes: Int, peakGPUMemoryBytes: Int = 0) {
        self.wall = wall
        self.cpu = cpu
        self.peakMemoryBytes = peakMemoryBytes
        self.peakGPUMemoryBytes = peakGPUMemoryBytes
    }

    /// Nothing used: the attempt never started.
    public static let none = Usage(wall: .zero, cpu: .zero, peakMemoryBytes: 0)
}

/// What kept a script from the rest of the machine, strongest first.
public enum Sandbox: String, Codable, Hashable, Sendable, CaseIterable, Comparable {
    /// Namespaces made by bubblewrap, a filter of system calls.
    case bubblewrap
    /// Landlock and a filter of system calls in the worker's own namespaces: weaker.
    case landlock
    /// Nothing.
    case none

    /// Weaker sandboxes are smaller.
    public static func < (left: Sandbox, right: Sandbox) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .bubblewrap: 2
        case .landlock: 1
        case .none: 0
        }
    }
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
    /// The bytes of `./final/probabilities.csv`, if it was written: class probabilities beside a submission of labels.
    public let probabilities: [UInt8]?
    /// What the Python environment consisted of.
    public let environment: ContentHash
    /// What the script ran in.
    public let sandbox: Sandbox
    /// Everything it printed, gzipped, where `log` holds only the ends.
    public let wholeLog: [UInt8]?
    /// What it left in `./model`, a gzipped tar archive, where that is kept.
    public let model: [UInt8]?
    /// What an attempt that was interrupted left in `./checkpoint`, packed for the next one.
    public let checkpoint: [UInt8]?

    /// The largest message, in bytes; longer ones lose their beginning.
    public static let messageLimit = 4_000
    /// The largest log, in bytes; longer ones lose their beginning.
    public static let logLimit = 64 << 10
    /// The largest model that is handed in, packed, in bytes; scripts that left a larger one train again.
    public static let modelLimit = 48 << 20
    /// The largest checkpoint that is handed in, packed, in bytes: 64 MiB of files, and their names.
    public static let checkpointLimit = 72 << 20

    /// The largest file of class probabilities that is handed in, in bytes; without it labels are all there is.
    public static let probabilitiesLimit = 32 << 20

    /// An outcome; message and log are cut to their limits.
    public init(
        job: JobID, term: LeaseTerm, ending: Ending, usage: Usage, message: String, log: String,
        selfReported: Double?, submission: [UInt8]?, environment: ContentHash, sandbox: Sandbox = .none,
        wholeLog: [UInt8]? = nil, model: [UInt8]? = nil, checkpoint: [UInt8]? = nil, probabilities: [UInt8]? = nil
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
        self.sandbox = sandbox
        self.wholeLog = wholeLog
        self.model = model
        self.checkpoint = checkpoint
        self.probabilities = probabilities
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

import Foundation
import Vocabulary

/// An outcome while it is put together.
struct Draft {
    let job: JobID
    let term: LeaseTerm
    let environment: ContentHash
    let sandbox: Sandbox
    var usage = Usage.none
    var log = ""
    var wholeLog: [UInt8]?
    var model: [UInt8]?
    var selfReported: Double?
    var submission: SubmissionFile = .missing
    var probabilities: SubmissionFile = .missing
    var checkpoint: [UInt8]?
    /// What a message says at its end.
    private var remark = ""
    /// What the script would have imported and its environment has not got.
    private var missingPackage: String?

    /// The large parts of an outcome together, in bytes: less than the wire takes in one message.
    private static let largest = 240 << 20

    init(job: Job, term: LeaseTerm, environment: ContentHash, sandbox: Sandbox) {
        self.job = job.id
        self.term = term
        self.environment = environment
        self.sandbox = sandbox
    }

    func ended(_ ending: Ending, message: String) -> Outcome {
        var room = Self.largest
        /// What still fits into one message to the coordinator.
        func fitting(_ bytes: [UInt8]?) -> [UInt8]? {
            guard let bytes, bytes.count <= room else { return nil }
            room -= bytes.count
            return bytes
        }
        var handedIn: [UInt8]?
        if ending == .succeeded, case .bytes(let content) = submission { handedIn = fitting(content) }
        var shares: [UInt8]?
        if handedIn != nil, case .bytes(let content) = probabilities { shares = fitting(content) }
        let keptModel = ending == .succeeded ? fitting(model) : nil
        return Outcome(
            job: job, term: term, ending: ending, usage: usage, message: message + remark, log: log,
            selfReported: selfReported, submission: handedIn, environment: environment, sandbox: sandbox,
            wholeLog: fitting(wholeLog), model: keptModel,
            checkpoint: ending == .interrupted ? fitting(checkpoint) : nil, probabilities: shares)
    }

    /// The outcome of an attempt that the launcher has seen to its end.
    ///
    /// - Parameter python: whose packages the script had.
    func concluded(_ ending: LaunchEnding, of job: Job, in folder: JobFolder, _ python: PythonEnvironment) async
        -> Outcome
    {
        let transcript = Transcript(folder: folder)
        var draft = self
        draft.usage = ending.usage
        if !ending.is_all_gone {
            draft.remark =
                " (processes of the script could not be ended: its folder and its graphics processors are not used again "
                + "before the worker is started anew)"
        }
        draft.log = transcript.log
        draft.wholeLog = FileManager.default.contents(atPath: folder.wholeLog).map(Array.init)
        draft.selfReported = transcript.selfReported
        draft.submission = folder.submission(largest: JobRunner.largestSubmission)
        draft.probabilities = folder.probabilities(largest: Outcome.probabilitiesLimit)
        draft.model = FileManager.default.contents(atPath: folder.model).map(Array.init)
        if ending.reason == "cancelled" { draft.checkpoint = CheckpointFiles.packed(folder.checkpoint) }
        for name in transcript.exception?.missingModules ?? [] {
            guard await python.lacks(name) else { continue }
            draft.missingPackage = name
            break
        }
        return draft.ended(ending, transcript, of: job)
    }

    private func ended(_ ending: LaunchEnding, _ transcript: Transcript, of job: Job) -> Outcome {
        switch ending.reason {
        case "setup":
            ended(.sandboxUnavailable, message: "the worker could not set up the script's sandbox: \(ending.detail)")
        case "timeout": ended(.timeout, message: "the script ran into its limit of \(ending.detail)")
        case "memory": ended(.outOfMemory, message: "the script, or a process of its, ran into the memory limit")
        case "output": ended(.outputLimit, message: "the script printed more than allowed")
        case "disk": ended(.diskLimit, message: "the script wrote more to disk than allowed: \(ending.detail)")
        case "processes": ended(.killed(signal: 9), message: "the script started more processes than allowed")
        case "hopeless": ended(.stoppedEarly, message: "its intermediate scores fell behind: \(ending.detail)")
        case "cancelled": ended(.interrupted, message: "the worker stopped the script")
        default: endedByItself(ending, transcript, owing: job.deliverable)
        }
    }

    private func endedByItself(_ ending: LaunchEnding, _ transcript: Transcript, owing deliverable: Deliverable)
        -> Outcome
    {
        if ending.exit_code == 0 { return endedWell(owing: deliverable) }
        if let signal = ending.signal {
            return ended(.killed(signal: signal), message: "the script was ended by signal \(signal)")
        }
        return ended(transcript, exitCode: ending.exit_code ?? -1)
    }

    /// The ending of a script that left with exit code 0.
    private func endedWell(owing deliverable: Deliverable) -> Outcome {
        switch (deliverable, submission) {
        case (.submission, .missing):
            ended(.missingSubmission, message: "the script ended well but wrote no final/submission.csv")
        case (.submission, .unusable(let reason)): ended(.invalidSubmission, message: reason)
        case (.scoreLine, _) where selfReported == nil:
            ended(.noScore, message: "the script ended well but printed no line 'Final Validation Performance: NUMBER'")
        default: ended(.succeeded, message: "")
        }
    }

    /// The ending of a script that left with an exit code other than 0.
    private func ended(_ transcript: Transcript, exitCode: Int) -> Outcome {
        guard let exception = transcript.exception else {
            return ended(.exception("exit code \(exitCode)"), message: String(log.suffix(2_000)))
        }
        let (type, message) = (exception.type, exception.message)
        if let missingPackage { return ended(.missingPackage(missingPackage), message: message) }
        // As Python says it when the kernel has no more to give, or a file grows beyond its limit.
        if Self.isOutOfMemory(type) { return ended(.outOfMemory, message: message) }
        if type == "OSError", message.contains("[Errno 28]") || message.contains("[Errno 27]") {
            return ended(.diskLimit, message: message)
        }
        return ended(.exception(type), message: message)
    }

    /// Whether an exception is that of Python, or of a library known to say it so; a script's own may be named alike.
    private static func isOutOfMemory(_ type: String) -> Bool {
        type == "MemoryError" || type == "pyarrow.lib.ArrowMemoryError"
            || type.hasPrefix("numpy.") && type.hasSuffix("._ArrayMemoryError")
            || (type.hasPrefix("torch.") || type.hasPrefix("cupy")) && type.hasSuffix(".OutOfMemoryError")
    }
}

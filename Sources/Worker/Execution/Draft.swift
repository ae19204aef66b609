import Vocabulary

/// An outcome while it is put together.
struct Draft {
    let job: JobID
    let term: LeaseTerm
    let environment: ContentHash
    var usage = Usage.none
    var log = ""
    var selfReported: Double?
    var submission: [UInt8]?

    init(job: JobID, term: LeaseTerm, environment: ContentHash) {
        self.job = job
        self.term = term
        self.environment = environment
    }

    func ended(_ ending: Ending, message: String) -> Outcome {
        Outcome(
            job: job, term: term, ending: ending, usage: usage, message: message, log: log,
            selfReported: selfReported, submission: ending == .succeeded ? submission : nil, environment: environment)
    }

    /// The ending of a script that left with exit code 0.
    func endedWell(owing deliverable: Deliverable) -> Outcome {
        switch deliverable {
        case .submission where submission == nil:
            ended(.missingSubmission, message: "the script ended well but wrote no final/submission.csv")
        case .scoreLine where selfReported == nil:
            ended(.noScore, message: "the script ended well but printed no line 'Final Validation Performance: NUMBER'")
        case .submission, .scoreLine: ended(.succeeded, message: "")
        }
    }

    /// The ending of a script that left with an exit code other than 0.
    func ended(_ transcript: Transcript, exitCode: Int) -> Outcome {
        guard let (type, message) = transcript.exception else {
            return ended(.exception("exit code \(exitCode)"), message: String(log.suffix(2_000)))
        }
        if type == "ModuleNotFoundError", let name = message.firstMatch(of: #/No module named '([^']+)'/#) {
            return ended(.missingPackage(String(name.1)), message: message)
        }
        return ended(.exception(type), message: message)
    }
}

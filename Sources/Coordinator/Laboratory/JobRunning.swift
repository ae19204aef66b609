public import Vocabulary

/// Whatever runs jobs: the dispatcher, or a stand-in.
public protocol JobRunning: Sendable {
    /// Runs a job to its outcome; a cancelled caller withdraws it.
    ///
    /// - Returns: the outcome, or the story of a job that no worker could run.
    func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned>
}

/// A job that was given up.
public struct JobAbandoned: Error, Sendable {
    /// What happened to it.
    public let story: [String]
    /// Whether its script, or an equal one, took its workers down and is not run again.
    public let isQuarantined: Bool

    /// A job's end.
    public init(story: [String], isQuarantined: Bool = false) {
        self.story = story
        self.isQuarantined = isQuarantined
    }
}

/// Whoever wants to see every outcome, such as a recording.
public protocol OutcomeWitness: Sendable {
    /// A job ended, or the outcome of an equal one stands for its own.
    func ended(_ outcome: Outcome, of job: JobID) throws
}

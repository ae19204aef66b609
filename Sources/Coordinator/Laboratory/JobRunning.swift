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

    /// A job's end.
    public init(story: [String]) { self.story = story }
}

/// Whoever wants to see every outcome, such as a recording.
public protocol OutcomeWitness: Sendable {
    /// A job ended, or the outcome of an equal one stands for its own.
    func ended(_ outcome: Outcome, of job: JobID) throws
}

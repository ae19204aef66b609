/// One try of a job: which job and under which lease.
public struct Attempt: Hashable, Codable, Sendable {
    /// The job.
    public let job: JobID
    /// The lease's number.
    public let term: LeaseTerm

    /// An attempt.
    public init(job: JobID, term: LeaseTerm) {
        self.job = job
        self.term = term
    }
}

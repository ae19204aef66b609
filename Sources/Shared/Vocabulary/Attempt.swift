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

/// What an interrupted attempt left in `./checkpoint`, for the next one.
public struct Checkpoint: Hashable, Sendable {
    /// The attempt that left it.
    public let term: LeaseTerm
    /// Its files, packed.
    public let files: [UInt8]

    /// A checkpoint.
    public init(term: LeaseTerm, files: [UInt8]) {
        self.term = term
        self.files = files
    }
}

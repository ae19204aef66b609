import Vocabulary

/// Whose output is asked for next, and whose is awaited: some at a time, all in their turn.
struct TailBook {
    /// How many jobs' outputs are asked for at once.
    private static let atOnce = 16

    /// Jobs whose worker has not told since it was asked.
    private var awaited: Set<JobID> = []
    /// Where among the jobs that somebody looks at the next ones are.
    private var next = 0

    /// The jobs to ask about now, of all that somebody looks at.
    mutating func turn(of wanted: [JobID]) -> [JobID] {
        let first = next < wanted.count ? next : 0
        let turn = Array(wanted[first...].prefix(Self.atOnce))
        next = first + turn.count
        awaited = Set(turn)
        return turn
    }

    /// Whether a job's output was asked for; one answer to each request counts.
    mutating func take(_ job: JobID) -> Bool { awaited.remove(job) != nil }
}

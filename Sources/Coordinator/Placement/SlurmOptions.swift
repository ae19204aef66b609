public import Vocabulary

/// What each worker job of a Slurm fleet is given.
public struct SlurmOptions: Hashable, Sendable {
    /// The fleet's name: names its jobs, so that they are found again.
    public var name: String
    /// Where workers find the coordinator.
    public var coordinator: String
    /// Slots of each worker.
    public var slots = 1
    /// `--partition`.
    public var partition: String?
    /// `--time`, in Slurm's words.
    public var time: String?
    /// `--gres`, such as `gpu:1`.
    public var gres: String?
    /// `--cpus-per-task`.
    public var cores: Int?
    /// `--mem`, in Slurm's words.
    public var memory: String?
    /// The worker program, as the cluster's machines see it.
    public var worker: String
    /// The worker's key file, as the cluster's machines see it.
    public var key: String?
    /// How long a worker goes on without a coordinator, in seconds.
    public var orphanSeconds = 600
    /// Further arguments of the worker.
    public var workerArguments: [String] = []
    /// Further arguments of `sbatch`.
    public var sbatchArguments: [String] = []
    /// Folder for the jobs' logs.
    public var logs: String

    /// Options.
    public init(name: String, coordinator: String, worker: String, logs: String) {
        self.name = name
        self.coordinator = coordinator
        self.worker = worker
        self.logs = logs
    }

    /// The name of the fleet's jobs.
    public var jobName: String { "mlestar-\(name)" }

    /// Tells this fleet's jobs from others of the same name.
    public var comment: String { "mlestar fleet \(name) for \(coordinator)" }

    /// What the worker that a job is is told to be called; one with a key puts the key's name before it.
    public static func worker(of job: Int) -> WorkerID { WorkerID("slurm-\(job)") }

    /// The job that a worker is, by its name; `nil` for a worker of nobody's cluster.
    public static func job(of worker: WorkerID) -> Int? {
        let parts = worker.rawValue.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.dropLast().last == "slurm" else { return nil }
        return parts.last.flatMap { Int($0) }
    }

    /// Arguments of `sbatch`.
    ///
    /// A minute before the time limit the worker is told to end, as it is when the job is requeued: it hands back what it
    /// runs, and the search goes on elsewhere.
    public var submission: [String] {
        let optional: [(String, String?)] = [
            ("partition", partition), ("time", time), ("gres", gres), ("cpus-per-task", cores.map(String.init)),
            ("mem", memory),
        ]
        return [
            "--parsable", "--job-name=\(jobName)", "--comment=\(comment)", "--requeue", "--signal=B:TERM@60",
            "--open-mode=append", "--output=\(logs)/slurm-%j.log", "--ntasks=1",
        ] + optional.compactMap { name, value in value.map { "--\(name)=\($0)" } } + sbatchArguments + [
            "--wrap=\(command)"
        ]
    }

    /// What the batch step does: it becomes the worker, so that signals for the step reach it. The worker's name is the
    /// job's, also after it was requeued: it finds what it could not hand in.
    var command: String {
        var words = [
            worker, "--coordinator", coordinator, "--slots", "\(slots)", "--orphan-timeout", "\(orphanSeconds)",
            "--transient",
        ]
        if let cores { words += ["--cores", "\(max(1, cores / slots))"] }
        if let key { words += ["--key", key] }
        words += workerArguments
        let quoted = words.map(Self.quote).joined(separator: " ")
        return "exec \(quoted) --name \"slurm-$SLURM_JOB_ID\""
    }

    /// A word that the shell leaves as it is.
    public static func quote(_ word: String) -> String {
        "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

/// The text of a Python program, one self-contained file.
public struct Script: Hashable, Codable, Sendable {
    /// The program's source.
    public let text: String

    /// A script.
    public init(_ text: String) { self.text = text }

    /// Reads the single value it is encoded as.
    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    /// Writes a single value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// What a script is run for.
public enum JobKind: String, Codable, Hashable, Sendable, CaseIterable {
    /// The first script of a model card.
    case candidateEvaluation = "candidate-evaluation"
    /// A variant of a script with one part changed, to see how much that part matters.
    case ablation
    /// A merge or a refinement on one of the parallel solutions.
    case parallelSolution = "parallel-solution"
    /// A script that combines solutions.
    case ensemble
    /// The winner on all training rows.
    case submission

    /// Whether what the script leaves in `./model` is handed back.
    public var keepsModel: Bool { self == .submission }
}

/// The files a job's script finds under `./input`, read-only.
public struct Mount: Codable, Hashable, Sendable {
    /// The hash of the mount's manifest: file names, sizes and contents.
    public let manifest: ContentHash
    /// Where the files are on a file system that coordinator and worker share.
    public let path: String

    /// A mount.
    public init(manifest: ContentHash, path: String) {
        self.manifest = manifest
        self.path = path
    }
}

/// What a script must leave to have succeeded.
public enum Deliverable: String, Codable, Hashable, Sendable {
    /// `./final/submission.csv`.
    case submission
    /// The score line on standard output, where the score line is the score.
    case scoreLine = "score-line"
}

/// What an attempt may use at most.
public struct Limits: Codable, Hashable, Sendable {
    /// Wall-clock time.
    public let wall: Duration
    /// Resident memory of the whole process tree, in bytes.
    public let memoryBytes: Int
    /// Standard output and standard error together, in bytes.
    public let outputBytes: Int

    /// Limits.
    public init(wall: Duration, memoryBytes: Int, outputBytes: Int) {
        self.wall = wall
        self.memoryBytes = memoryBytes
        self.outputBytes = outputBytes
    }
}

/// When an attempt may be ended because its intermediate scores fall behind: the median rule. A script is ended when the
/// best of its first k reports is worse than the median of what other scripts had reached with k reports.
public struct EarlyStop: Codable, Hashable, Sendable {
    /// Which scores are better.
    public let direction: Direction
    /// How many other scripts must have got that far.
    public let others: Int
    /// How many reports a script has for itself before the rule looks at it.
    public let warmUp: Int

    /// A rule.
    public init(direction: Direction, others: Int = 4, warmUp: Int = 2) {
        self.direction = direction
        self.others = others
        self.warmUp = warmUp
    }
}

/// One request to run a script on a worker.
public struct Job: Codable, Hashable, Sendable {
    /// The request's name, the same after a restart.
    public let id: JobID
    /// What the script is run for.
    public let kind: JobKind
    /// The program.
    public let script: Script
    /// What it finds under `./input`.
    public let mount: Mount
    /// What it must leave.
    public let deliverable: Deliverable
    /// Handed to the script as `MLESTAR_SEED`.
    public let seed: Int
    /// Cores the script may use where its worker says nothing else.
    public let cores: Int
    /// What it may use at most.
    public let limits: Limits
    /// When it may be ended early; `nil` for never.
    public let earlyStop: EarlyStop?
    /// What it asks of a worker beyond a free slot.
    public let needs: Needs

    /// A job.
    public init(
        id: JobID, kind: JobKind, script: Script, mount: Mount, deliverable: Deliverable = .submission, seed: Int,
        cores: Int, limits: Limits, earlyStop: EarlyStop? = nil, needs: Needs = Needs()
    ) {
        self.id = id
        self.kind = kind
        self.script = script
        self.mount = mount
        self.deliverable = deliverable
        self.seed = seed
        self.cores = cores
        self.limits = limits
        self.earlyStop = earlyStop
        self.needs = needs
    }

    /// The job as a worker's slot runs it: where it asks for no number of cores it gets the slot's.
    public func inSlot(ofCores cores: Int) -> Job {
        Job(
            id: id, kind: kind, script: script, mount: mount, deliverable: deliverable, seed: seed,
            cores: needs.cores == 0 ? cores : self.cores, limits: limits, earlyStop: earlyStop, needs: needs)
    }

    /// The same script on the same data, to be run beside this job.
    public var backup: Job {
        Job(
            id: id.backup, kind: kind, script: script, mount: mount, deliverable: deliverable, seed: seed, cores: cores,
            limits: limits, earlyStop: earlyStop, needs: needs)
    }

    /// What runs on what, in a canonical form: what one job's script did to its workers, an equal one would do again.
    public var program: CanonicalForm {
        var form = CanonicalForm("program/1")
        form.append("script", script.text)
        form.append("mount", mount.manifest.rawValue)
        return form
    }

    /// What decides the outcome, in a canonical form: two jobs with equal content may share one outcome.
    ///
    /// The wall limit, the job's name and what it is run for are not part of it.
    public func content(environment: ContentHash) -> CanonicalForm {
        var form = CanonicalForm("job/1")
        form.append("script", script.text)
        form.append("mount", mount.manifest.rawValue)
        form.append("deliverable", deliverable.rawValue)
        form.append("environment", environment.rawValue)
        form.append("seed", String(seed))
        form.append("cores", String(cores))
        form.append("memory", String(limits.memoryBytes))
        if needs.gpus > 0 { form.append("gpus", String(needs.gpus)) }
        return form
    }
}

/// Bytes that stand for a value in exactly one way, to be hashed: a title, then name and text of each field in the
/// order they were appended, every text preceded by its length in bytes.
public struct CanonicalForm: Hashable, Sendable {
    /// The form so far.
    public private(set) var bytes: [UInt8] = []

    /// An empty form; the title names the layout and its version.
    public init(_ title: String) { write(title) }

    /// Adds a field.
    public mutating func append(_ name: String, _ text: String) {
        write(name)
        write(text)
    }

    private mutating func write(_ text: String) {
        bytes += Array("\(text.utf8.count):".utf8)
        bytes += Array(text.utf8)
    }
}

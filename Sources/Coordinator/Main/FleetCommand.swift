import ArgumentParser
import Blobs
import Configuration
import Foundation
import Journal
import Logging
import Logs
import Machine
import Placement
import Vocabulary

struct FleetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet", abstract: "Places workers on a cluster, as many as the search can fill.",
        subcommands: [SlurmFleetCommand.self])
}

struct SlurmFleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slurm", abstract: "Places workers as jobs of Slurm, until ctrl-C.",
        discussion: """
            Runs beside `mlestar serve`, on a machine that has sbatch. Reads from the state folder how many jobs the search \
            has to do, hands so many worker jobs to Slurm, and asks workers to end that have had nothing to do for --idle. \
            On ctrl-C the workers go on; the same command takes them up again, and ends them all with --drain. \
            Arguments after `--` are handed to sbatch: mlestar fleet slurm … -- --account=lab --qos=low
            """)

    @Option(help: "Where workers find the coordinator, such as tcp://head.cluster:5555.")
    var coordinator: String

    @Option(name: .customLong("min"), help: "Workers that are kept even when nothing is to do.")
    var minimum = 0

    @Option(name: .customLong("max"), help: "Workers at most.")
    var maximum: Int

    @Option(help: "Jobs that each worker runs at once.")
    var slots = 1

    @Option(help: "Partition.")
    var partition: String?

    @Option(help: "Time limit of each worker job, as Slurm writes it, such as 4:00:00.")
    var time: String?

    @Option(help: "Generic resources of each worker job, such as gpu:1.")
    var gres: String?

    @Option(help: "Cores of each worker job.")
    var cpus: Int?

    @Option(help: "Memory of each worker job, as Slurm writes it, such as 16G.")
    var mem: String?

    @Option(help: "The program mlestar-worker as the cluster's machines see it (default: the one beside mlestar).")
    var worker: String?

    @Option(help: "The worker's key file as the cluster's machines see it, made by `mlestar keys new`.")
    var key: String?

    @Option(
        name: .customLong("worker-argument"), parsing: .unconditionalSingleValue,
        help: "A further argument of mlestar-worker; may be repeated.")
    var workerArguments: [String] = []

    @Option(help: "Name of the fleet, where one coordinator has several.")
    var name: String?

    @Option(help: "How long workers with nothing to do are kept, such as 60s.", transform: RunOptions.time)
    var idle: Duration = .seconds(60)

    @Option(help: "How often to look at the queues.", transform: RunOptions.time)
    var interval: Duration = .seconds(5)

    @Option(name: .customLong("slurm-bin"), help: "Folder of sbatch, squeue and scancel (default: the path).")
    var programs: String?

    @Option(
        name: .customLong("log-format"), help: "text or json: one JSON object a line.", transform: LogFormat.read)
    var logFormat = LogFormat.text

    @Flag(help: "Ask all workers of this fleet to end, and leave.")
    var drain = false

    @Flag(name: .customLong("dry-run"), help: "Print how a worker would be placed, and leave.")
    var isDryRun = false

    @OptionGroup var state: StateOption

    @Argument(parsing: .postTerminator, help: "Further arguments of sbatch, after --.")
    var sbatchArguments: [String] = []

    func validate() throws {
        guard let endpoint = Endpoint(coordinator) else {
            throw ValidationError("--coordinator \(Endpoint.form), not '\(coordinator)'")
        }
        guard !coordinator.contains("*"), !coordinator.contains("//0.0.0.0") else {
            throw ValidationError("--coordinator must name the coordinator's machine, not '\(coordinator)'")
        }
        // To end the workers that are there takes no key.
        if !drain, let obstacle = endpoint.obstacle(hasKey: key != nil) { throw ValidationError(obstacle) }
        guard (0...10_000).contains(minimum), (1...10_000).contains(maximum), minimum <= maximum else {
            throw ValidationError("--min must be 0 or more, --max 1 to 10000 and not below --min")
        }
        guard (1...1024).contains(slots) else { throw ValidationError("--slots must be 1 to 1024, not \(slots)") }
        if let cpus, cpus < 1 { throw ValidationError("--cpus must be 1 or more, not \(cpus)") }
        if let name, name.wholeMatch(of: #/[A-Za-z0-9._-]{1,40}/#) == nil {
            throw ValidationError("--name must be 1 to 40 letters, digits, dots, dashes or underscores, not '\(name)'")
        }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let logger = logFormat.logger("fleet")
        let options = try options()
        if isDryRun { return print((["sbatch"] + options.submission.map(SlurmOptions.quote)).joined(separator: " ")) }
        let source = try StateLoad(named: state.folder)
        let keeper = FleetKeeper(
            cluster: Slurm(options, programs: programs),
            bounds: FleetBounds(minimum: minimum, maximum: maximum, slots: slots, idleTime: idle), logger: logger
        ) { try source.load() }
        if drain { return print("\(try await keeper.drain()) worker jobs were asked to end") }
        guard let lock = FolderLock(path: "\(options.logs)/lock") else {
            throw InputError("another process keeps the fleet \(options.name); give this one its own --name")
        }
        defer { lock.release() }
        logger.info("keeping a fleet", metadata: ["name": "\(options.name)", "logs": "\(options.logs)"])
        let interval = interval
        try await untilStopped { try await keeper.run(lookingEvery: interval) }
        logger.info("ended; worker jobs go on, the same command takes them up again or ends them with --drain")
    }

    private func untilStopped(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let watch = SignalWatch { _ in stop.yield() }
        defer { watch.end() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { _ = await stops.first { true } }
            _ = try await group.next()
            group.cancelAll()
        }
    }

    private func options() throws -> SlurmOptions {
        let name = name ?? String(Hashing.hash(coordinator.utf8).short.prefix(6))
        let logs = "\(HomeFolder.path())/fleet/\(name)"
        try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
        var options = SlurmOptions(
            name: name, coordinator: coordinator, worker: try worker ?? WorkerProgram.path(), logs: logs)
        options.slots = slots
        options.partition = partition
        options.time = time
        options.gres = gres
        options.cores = cpus
        options.memory = mem
        options.key = key.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        options.workerArguments = workerArguments
        options.sbatchArguments = sbatchArguments
        return options
    }
}

/// Reads from a state folder what the searches have to do that somebody works on.
private struct StateLoad: Sendable {
    private let folder: StateFolder
    private let journal: Journal

    init(named name: String?) throws {
        folder = try StateFolder(named: name)
        guard FileManager.default.fileExists(atPath: "\(folder.path)/journal.sqlite") else {
            throw InputError(
                "\(folder.path) holds no journal: start `mlestar serve` first, and name its state folder with --state")
        }
        journal = try folder.journal()
    }

    func load() throws -> FleetLoad {
        let live = try journal.allRuns().filter { run in
            guard run.state == .running else { return false }
            return folder.isWorkedOn(run.id)
        }
        let work = try journal.openWork(of: live.map(\.id))
        return FleetLoad(queued: work.queued, held: work.held)
    }
}

public import Vocabulary

/// How many workers may be placed, and for how long one may have nothing to do.
public struct FleetBounds: Hashable, Sendable {
    /// Worker jobs that are there even when nothing is to do.
    public var minimum: Int
    /// Worker jobs that are there at most.
    public var maximum: Int
    /// Slots of each worker.
    public var slots: Int
    /// How long more workers than can be filled are kept: a search pauses between its steps.
    public var idleTime: Duration

    /// Bounds.
    public init(minimum: Int, maximum: Int, slots: Int, idleTime: Duration) {
        self.minimum = minimum
        self.maximum = maximum
        self.slots = slots
        self.idleTime = idleTime
    }
}

/// What the coordinator's search has to do.
public struct FleetLoad: Hashable, Sendable {
    /// Jobs waiting for a slot.
    public var queued: Int
    /// Jobs under a lease, by the worker that holds them.
    public var held: [WorkerID: Int]

    /// A load.
    public init(queued: Int = 0, held: [WorkerID: Int] = [:]) {
        self.queued = queued
        self.held = held
    }
}

/// A job of the cluster's that is, or was, a worker of this fleet.
public struct PlacedJob: Hashable, Sendable {
    /// Where it stands.
    public enum State: Hashable, Sendable {
        /// In the cluster's queue.
        case waiting
        /// Its worker is there, or starts.
        case running
        /// On its way out.
        case ending
        /// Gone; `failed` when the cluster says that it did not end well.
        case ended(failed: Bool)
    }

    /// The cluster's number for it; larger is later.
    public let id: Int
    /// Where it stands.
    public var state: State
    /// How long it has run.
    public var ran: Duration

    /// A job.
    public init(id: Int, state: State, ran: Duration = .zero) {
        self.id = id
        self.state = state
        self.ran = ran
    }
}

/// What to do about the number of workers.
public struct FleetDecision: Hashable, Sendable {
    /// Worker jobs to hand to the cluster.
    public var additions = 0
    /// Jobs that wait and are not needed any more.
    public var withdrawals: [Int] = []
    /// Workers that have nothing to do and are not needed any more: they are asked to end.
    public var dismissals: [Int] = []
    /// What a person should know.
    public var remark: String?

    /// Nothing to do.
    public init() {}
}

/// How many workers a fleet should have: as many as the search can fill, no more.
///
/// A value without clock or processes: `decide` takes what is there and the time and says what to do.
public struct FleetPlan: Sendable {
    /// A worker that ends badly sooner than this has not worked at all.
    static let quickEnd = Duration.seconds(60)
    /// The longest pause after workers that failed at once.
    static let longestPause = Duration.seconds(300)
    /// How long a job that was told to end may be there before it is told again.
    static let patience = Duration.seconds(60)
    /// Jobs handed to the cluster in one go.
    static let largestAddition = 50

    let bounds: FleetBounds
    private let job: @Sendable (WorkerID) -> Int?
    /// What could be filled lately, newest last.
    private var wishes: [(at: Instant, count: Int)] = []
    private var began: Instant?
    private var failed: Set<Int> = []
    private var failuresInRow = 0
    private var pausedUntil: Instant?
    /// Jobs that were told to end, and how they stood then; the cluster may show them so for a while.
    private var told: [Int: (state: PlacedJob.State, at: Instant)] = [:]

    /// A plan.
    ///
    /// - Parameter job: the job of the cluster's that a worker is, if it is one.
    public init(bounds: FleetBounds, job: @escaping @Sendable (WorkerID) -> Int?) {
        self.bounds = bounds
        self.job = job
    }

    /// Decides on what is there at a moment.
    public mutating func decide(_ load: FleetLoad, _ jobs: [PlacedJob], at now: Instant) -> FleetDecision {
        began = began ?? now
        var decision = FleetDecision()
        forgetTold(jobs, at: now)
        let live = jobs.filter { ($0.state == .waiting || $0.state == .running) && told[$0.id] == nil }
        decision.remark = noteFailures(jobs, at: now)
        let wanted = wantedWorkers(load, jobs)
        let kept = keptWorkers(wanted, at: now)
        if wanted > live.count, pausedUntil.map({ $0 <= now }) ?? true {
            decision.additions = min(wanted - live.count, Self.largestAddition)
        } else if kept < live.count {
            dismiss(live.count - kept, of: live, load, &decision)
            for job in live where (decision.withdrawals + decision.dismissals).contains(job.id) {
                told[job.id] = (job.state, now)
            }
        }
        return decision
    }

    /// Forgets that a job was told to end when it is gone, when it began before it could be taken back, and when it is there
    /// long after: the word may not have reached it.
    private mutating func forgetTold(_ jobs: [PlacedJob], at now: Instant) {
        let states = Dictionary(jobs.map { ($0.id, $0.state) }, uniquingKeysWith: { first, _ in first })
        told = told.filter { states[$0.key] == $0.value.state && now - $0.value.at < Self.patience }
    }

    /// Workers whose slots the search could fill now. What others' workers run does not fill ours.
    private func wantedWorkers(_ load: FleetLoad, _ jobs: [PlacedJob]) -> Int {
        let ours = Set(jobs.map(\.id))
        let fillable = load.queued + held(load).filter { ours.contains($0.key) }.values.reduce(0, +)
        let workers = (fillable + bounds.slots - 1) / bounds.slots
        return min(max(workers, bounds.minimum), bounds.maximum)
    }

    /// What the cluster's jobs hold of the search's.
    private func held(_ load: FleetLoad) -> [Int: Int] {
        Dictionary(load.held.compactMap { worker, count in job(worker).map { ($0, count) } }, uniquingKeysWith: +)
    }

    /// The most that could be filled at any time since `idleTime`; everything that is there until that long has passed.
    private mutating func keptWorkers(_ wanted: Int, at now: Instant) -> Int {
        wishes.append((now, wanted))
        wishes.removeAll { now - $0.at > bounds.idleTime }
        guard let began, now - began >= bounds.idleTime else { return .max }
        return wishes.map(\.count).max() ?? wanted
    }

    /// Takes back what waits before what runs, the latest first; a worker that holds a job is never asked to end.
    private mutating func dismiss(
        _ count: Int, of live: [PlacedJob], _ load: FleetLoad, _ decision: inout FleetDecision
    ) {
        let latest = live.sorted { $0.id > $1.id }
        decision.withdrawals = Array(latest.filter { $0.state == .waiting }.map(\.id).prefix(count))
        let held = held(load)
        let idle = latest.filter { $0.state == .running && held[$0.id, default: 0] == 0 }
        decision.dismissals = Array(idle.map(\.id).prefix(count - decision.withdrawals.count))
    }

    /// Workers that fail at once would be replaced for ever: each such failure doubles a pause, one that works ends it.
    private mutating func noteFailures(_ jobs: [PlacedJob], at now: Instant) -> String? {
        if jobs.contains(where: { $0.state == .running && $0.ran >= Self.quickEnd }) {
            failuresInRow = 0
            pausedUntil = nil
        }
        let fresh = jobs.filter { job in
            guard job.state == .ended(failed: true), job.ran < Self.quickEnd else { return false }
            return failed.insert(job.id).inserted
        }
        failed.formIntersection(jobs.map(\.id))
        guard let last = fresh.map(\.id).max() else { return nil }
        failuresInRow += 1
        let pause = min(Duration.seconds(10) * (1 << min(failuresInRow - 1, 5)), Self.longestPause)
        pausedUntil = now + pause
        return "worker job \(last) ended at once; the next one is placed in \(pause.components.seconds) s"
    }
}

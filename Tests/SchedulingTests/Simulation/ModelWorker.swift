import Scheduling
import Vocabulary

/// A worker as the coordinator meets it: keeps training when nobody answers, and keeps every outcome until it is
/// acknowledged.
struct ModelWorker {
    /// What the script's end tells.
    enum Ending { case answer, interrupted, unavailable }

    let place: WorkerID
    let resources: Resources
    /// A planted defect: a revocation also drops what is finished.
    var dropsFinishedOnRevocation = false
    private(set) var process = 0
    private(set) var isAlive = false
    private var isWelcome = false
    private(set) var isDraining = false
    private(set) var running: Set<Attempt> = []
    /// Outcomes on disk that are not acknowledged.
    private(set) var finished: [Attempt: Ending] = [:]
    /// Every answer that was ever on a disk which was not lost since.
    private(set) var answers: Set<Attempt> = []

    init(place: WorkerID, resources: Resources) {
        self.place = place
        self.resources = resources
    }

    var incarnation: Incarnation { Incarnation("\(place)-\(process)") }
    var isIdle: Bool { running.isEmpty && finished.isEmpty }

    private var held: [Attempt] {
        running.union(finished.keys).sorted { ($0.job, $0.term) < ($1.job, $1.term) }
    }

    /// A new process, which finds the outcomes on disk.
    mutating func start() {
        process += 1
        (isAlive, isWelcome, isDraining) = (true, false, false)
    }

    /// The process ends without a word; with its disk go the outcomes.
    mutating func crash(losesDisk: Bool) {
        isAlive = false
        running = []
        guard losesDisk else { return }
        answers.subtract(finished.keys)
        finished = [:]
    }

    /// What is said at a heartbeat, with every outcome that waits for its acknowledgement.
    func says() -> [Event] {
        let hello = WorkerHello(worker: place, incarnation: incarnation, resources: resources, held: held)
        let first: Event = isWelcome ? .workerHeard(incarnation, held: held) : .workerJoined(hello)
        return [first] + finished.sorted { ($0.key.job, $0.key.term) < ($1.key.job, $1.key.term) }.map(report)
    }

    /// What it says to an assignment it does not take because it is leaving; `nil` when there is nothing to decline.
    func declines(_ attempt: Attempt) -> [Event]? {
        guard isDraining, !running.contains(attempt), finished[attempt] == nil else { return nil }
        return [.workerDraining(incarnation), report(attempt, .interrupted)]
    }

    /// Takes an effect's message in.
    ///
    /// - Returns: whether a script was started.
    mutating func hear(_ effect: Effect) -> Bool {
        switch effect {
        case .welcome: isWelcome = true
        case .askForHello: isWelcome = false
        case .assign(_, let attempt):
            // Delivery is at least once; an attempt is started once.
            guard !isDraining, finished[attempt] == nil else { return false }
            return running.insert(attempt).inserted
        case .revoke(_, let attempt):
            running.remove(attempt)
            if dropsFinishedOnRevocation { finished[attempt] = nil }
        case .acknowledge(_, let attempt): finished[attempt] = nil
        case .settle, .recordLate, .attemptLost, .attemptAdopted, .abandon, .ignore: break
        }
        return false
    }

    /// The script of an attempt ended.
    ///
    /// - Returns: the report; `nil` when the attempt was revoked or is of another process.
    mutating func finish(_ attempt: Attempt, _ ending: Ending) -> Event? {
        guard running.remove(attempt) != nil else { return nil }
        finished[attempt] = ending
        if ending == .answer { answers.insert(attempt) }
        return report(attempt, ending)
    }

    /// The user wants the worker to end: its scripts are stopped.
    mutating func drain() -> [Event] {
        isDraining = true
        let stopped = running.sorted { $0.job < $1.job }
        return [.workerDraining(incarnation)] + stopped.compactMap { finish($0, .interrupted) }
    }

    private func report(_ attempt: Attempt, _ ending: Ending) -> Event {
        .outcomeArrived(
            incarnation, attempt, isAnswer: ending == .answer, countsAsAttempt: ending != .interrupted)
    }
}

import Scheduling
import Vocabulary

/// What a coordinator has recorded, and the rules its effects must keep: a second, simpler account of every job.
struct ModelJournal {
    enum State { case unfinished, settled, withdrawn, abandoned }

    struct Entry {
        let order: Int
        let needs: Needs
        var state = State.unfinished
        var losses = 0
        /// The lease in force.
        var lease: (holder: Incarnation, term: LeaseTerm)?
        /// The last term given and who got it; `nil` for the holder once the attempt has ended.
        var lastTerm: LeaseTerm?
        var lastHolder: Incarnation?
        var settledBy: [LeaseTerm] = []
        var late: Set<LeaseTerm> = []
        var assignments = 0
    }

    let policy: LeasePolicy
    private(set) var entries: [JobID: Entry] = [:]
    /// The unfinished ones among them.
    private var unfinished: Set<JobID> = []
    /// What the processes have that said hello to the present coordinator.
    private var resources: [Incarnation: Resources] = [:]
    private var draining: Set<Incarnation> = []
    private var paused: Set<RunID> = []
    private var places: [Incarnation: WorkerID] = [:]
    private var nextOrder = 0

    init(policy: LeasePolicy) { self.policy = policy }

    // MARK: What the search does

    /// Enters a job, or one that was withdrawn and is wanted again.
    mutating func submit(_ job: JobID, _ needs: Needs = Needs()) -> Ticket {
        let known = entries[job]
        var entry = Entry(order: nextOrder, needs: needs)
        nextOrder += 1
        entry.lastTerm = known?.lastTerm
        entry.late = known?.late ?? []
        entry.settledBy = known?.settledBy ?? []
        entry.assignments = known?.assignments ?? 0
        entries[job] = entry
        unfinished.insert(job)
        return Ticket(job: job, earlierTerms: known?.lastTerm?.rawValue ?? 0, needs: needs)
    }

    /// Nobody wants the job any more.
    mutating func withdraw(_ job: JobID) { finish(job, as: .withdrawn) }

    /// The run's jobs are not to be given out, now and after a restart.
    mutating func pause(_ run: RunID) { paused.insert(run) }

    /// They are again.
    mutating func resume(_ run: RunID) { paused.remove(run) }

    // MARK: What the coordinator does

    /// Records one event's effects, in order.
    ///
    /// - Returns: the rules they break, in words.
    mutating func record(_ effects: [Effect], of event: Event) -> [String] {
        note(event)
        var broken = answered(event, effects)
        for effect in effects { broken += record(effect) }
        return broken.map { "\($0), after \(event) → \(effects)" }
    }

    /// The scheduler a coordinator starts with: nothing is known but what was recorded.
    mutating func recoveredScheduler(at now: Instant) -> Scheduler {
        (resources, draining, places) = ([:], [], [:])
        var scheduler = Scheduler(policy: policy)
        for run in paused { _ = scheduler.handle(.runPaused(run), at: now) }
        for (job, entry) in entries.sorted(by: { $0.value.order < $1.value.order }) {
            entries[job]?.lease = nil
            guard entry.state == .unfinished else { continue }
            if let holder = entry.lastHolder, let term = entry.lastTerm { entries[job]?.lease = (holder, term) }
            scheduler.recover(
                Ticket(job: job, needs: entry.needs), leasedTo: entry.lastHolder, term: entry.lastTerm,
                losses: entry.losses, at: now)
        }
        return scheduler
    }

    /// Forgets the workers the scheduler has forgotten: a draining one that returns says so again, or refuses.
    mutating func forgetWorkers(unknownTo scheduler: Scheduler) {
        let known = Set(scheduler.workerStates.map(\.incarnation))
        for incarnation in resources.keys where !known.contains(incarnation) { forget(incarnation) }
        draining.formIntersection(known)
    }

    /// Where the scheduler's account of the leases differs from this one.
    func differences(from scheduler: Scheduler) -> [String] {
        let leases = scheduler.leases
        var differences: [String] = []
        for job in unfinished {
            let (theirs, ours) = (leases[job], entries[job]?.lease)
            if theirs?.incarnation != ours?.holder || theirs?.term != ours?.term {
                differences.append("\(job) is leased otherwise than recorded")
            }
        }
        let known = scheduler.queuedCount + leases.count
        if known != unfinished.count {
            differences.append("\(known) jobs are known, \(unfinished.count) are unfinished")
        }
        return differences
    }

    /// What is wrong when all is over.
    func leftOver() -> [String] {
        entries.sorted { $0.key < $1.key }.compactMap { job, entry in
            switch entry.state {
            case .unfinished: "\(job) never ended"
            case .settled where entry.settledBy.count != 1: "\(job) was settled \(entry.settledBy.count) times"
            case .abandoned where entry.losses != policy.attemptLimit:
                "\(job) was given up after \(entry.losses) losses"
            case .settled, .abandoned, .withdrawn: nil
            }
        }
    }

    // MARK: Rules

    private mutating func note(_ event: Event) {
        switch event {
        case .workerJoined(let hello):
            for (other, place) in places where place == hello.worker && other != hello.incarnation { forget(other) }
            resources[hello.incarnation] = hello.resources
            places[hello.incarnation] = hello.worker
        case .workerDraining(let incarnation): draining.insert(incarnation)
        case .workerDeparted(let incarnation), .workerLeft(let incarnation): forget(incarnation)
        case .jobSubmitted, .jobWithdrawn, .workerHeard, .workerHasData, .outcomeArrived, .timePassed, .runPaused,
            .runResumed:
            break
        }
    }

    private mutating func forget(_ incarnation: Incarnation) {
        resources[incarnation] = nil
        places[incarnation] = nil
        draining.remove(incarnation)
    }

    /// Every outcome is recorded once and acknowledged once; an answer settles an unfinished job.
    private func answered(_ event: Event, _ effects: [Effect]) -> [String] {
        if case .workerLeft = event, effects.contains(where: \.isCountedLoss) {
            return ["a goodbye counts against a job"]
        }
        guard case .outcomeArrived(let sender, let attempt, let isAnswer, _) = event else { return [] }
        var broken: [String] = []
        let settles = effects.contains(.settle(sender, attempt))
        if settles == effects.contains(.recordLate(sender, attempt)) {
            broken.append("an outcome is recorded as settling or as late, and as one of them")
        }
        if effects.filter({ $0 == .acknowledge(sender, attempt) }).count != 1 {
            broken.append("an outcome is acknowledged once")
        }
        let isUnfinished = entries[attempt.job]?.state == .unfinished
        if settles != (isAnswer && isUnfinished) {
            broken.append("an answer settles its job if, and only if, the job is unfinished")
        }
        return broken
    }

    private mutating func record(_ effect: Effect) -> [String] {
        switch effect {
        case .assign(let holder, let attempt): assign(attempt, to: holder)
        case .revoke(let holder, let attempt): revoke(attempt, from: holder)
        case .settle(_, let attempt): settle(attempt)
        case .recordLate(_, let attempt): recordLate(attempt)
        case .acknowledge(_, let attempt): acknowledge(attempt)
        case .attemptLost(let attempt, let reason): lose(attempt, reason)
        case .attemptAdopted(let holder, let attempt): adopt(attempt, by: holder)
        case .abandon(let job, let story): abandon(job, story)
        case .welcome, .askForHello, .ignore: []
        }
    }

    private mutating func assign(_ attempt: Attempt, to holder: Incarnation) -> [String] {
        guard var entry = entries[attempt.job] else { return ["an unknown job is assigned"] }
        var broken: [String] = []
        if entry.state != .unfinished { broken.append("a finished job is assigned") }
        if entry.lease != nil { broken.append("a leased job is assigned") }
        if attempt.term.rawValue != (entry.lastTerm?.rawValue ?? 0) + 1 {
            broken.append("a term is skipped or repeated")
        }
        let held = unfinished.compactMap { entries[$0] }.filter { $0.lease?.holder == holder }.map(\.needs)
        broken += overfilled(resources[holder] ?? Resources(slots: 0), by: held, and: entry.needs)
        if draining.contains(holder) { broken.append("a draining worker is given a job") }
        if paused.contains(attempt.job.run) { broken.append("a job of a paused run is assigned") }
        entry.lease = (holder, attempt.term)
        (entry.lastTerm, entry.lastHolder) = (attempt.term, holder)
        entry.assignments += 1
        entries[attempt.job] = entry
        return broken
    }

    /// What a worker does not have enough of for one more job. What it took up again may be more than it ought to have.
    private func overfilled(_ worker: Resources, by held: [Needs], and new: Needs) -> [String] {
        let jobs = held + [new]
        var broken: [String] = []
        if jobs.count > worker.slots { broken.append("a worker is given more than its slots") }
        let cores = jobs.reduce(0) { $0 + ($1.cores == 0 ? worker.coresPerSlot : $1.cores) }
        if cores > worker.cores { broken.append("a worker is given more than its cores") }
        let memory = jobs.reduce(0) { $0 + $1.memoryBytes }
        if new.memoryBytes > 0, memory > worker.memoryBytes { broken.append("a worker is given more than its memory") }
        // Processors suffice if, for every size, there are as many of it or more as are asked for.
        for size in Set(jobs.map(\.gpuMemoryBytes)) where new.gpus > 0 {
            let wanted = jobs.filter { $0.gpuMemoryBytes >= size }.reduce(0) { $0 + $1.gpus }
            if wanted > worker.gpus.count(where: { $0.memoryBytes >= size }) {
                broken.append("a worker is given more than its processors")
            }
        }
        if !new.environment.isEmpty, !worker.environments.contains(new.environment) {
            broken.append("a worker is given a job for another environment")
        }
        return broken
    }

    /// Answers that are recorded nowhere.
    func thrownAway(of answers: Set<Attempt>) -> [String] {
        answers.filter { answer in
            guard let entry = entries[answer.job] else { return true }
            return !entry.late.contains(answer.term) && !entry.settledBy.contains(answer.term)
        }.map { "the finished outcome of \($0.job), term \($0.term), was thrown away" }.sorted()
    }

    private func revoke(_ attempt: Attempt, from holder: Incarnation) -> [String] {
        guard let entry = entries[attempt.job], entry.state == .unfinished, let lease = entry.lease else { return [] }
        return lease == (holder, attempt.term) ? ["the attempt in force is revoked"] : []
    }

    private mutating func settle(_ attempt: Attempt) -> [String] {
        guard let entry = entries[attempt.job] else { return ["an unknown job is settled"] }
        entries[attempt.job]?.settledBy.append(attempt.term)
        guard entry.state == .unfinished else { return ["a finished job is settled"] }
        if entry.lease?.term == attempt.term { entries[attempt.job]?.lease = nil }
        finish(attempt.job, as: .settled)
        return []
    }

    private mutating func recordLate(_ attempt: Attempt) -> [String] {
        entries[attempt.job]?.late.insert(attempt.term)
        return []
    }

    private func acknowledge(_ attempt: Attempt) -> [String] {
        guard let entry = entries[attempt.job] else { return [] }
        let isSafe = entry.late.contains(attempt.term) || entry.settledBy.contains(attempt.term)
        return isSafe ? [] : ["an outcome is acknowledged before it is recorded"]
    }

    private mutating func lose(_ attempt: Attempt, _ reason: LossReason) -> [String] {
        guard let lease = entries[attempt.job]?.lease, lease.term == attempt.term else {
            return ["an attempt is lost that is not in force"]
        }
        entries[attempt.job]?.lease = nil
        if entries[attempt.job]?.lastTerm == attempt.term { entries[attempt.job]?.lastHolder = nil }
        entries[attempt.job]?.losses += reason.counts ? 1 : 0
        return []
    }

    private mutating func adopt(_ attempt: Attempt, by holder: Incarnation) -> [String] {
        guard let entry = entries[attempt.job], entry.state == .unfinished else {
            return ["an attempt of a finished job is taken up again"]
        }
        if let lease = entry.lease, lease.term != attempt.term { return ["a leased job is taken up again"] }
        entries[attempt.job]?.lease = (holder, attempt.term)
        if attempt.term >= entry.lastTerm ?? .first {
            entries[attempt.job]?.lastTerm = attempt.term
            entries[attempt.job]?.lastHolder = holder
        }
        return []
    }

    private mutating func abandon(_ job: JobID, _ story: [String]) -> [String] {
        guard let entry = entries[job], entry.state == .unfinished else { return ["a finished job is given up"] }
        finish(job, as: .abandoned)
        if entry.losses != policy.attemptLimit { return ["a job is given up after \(entry.losses) losses"] }
        return story.isEmpty ? ["a job is given up without its story"] : []
    }

    private mutating func finish(_ job: JobID, as state: State) {
        entries[job]?.state = state
        unfinished.remove(job)
        entries[job]?.lastHolder = nil
        // The lease itself stays until the effects of the batch that ended it have been looked at.
        if state != .settled { entries[job]?.lease = nil }
    }
}

extension Effect {
    /// Whether it takes a job nearer to being given up.
    fileprivate var isCountedLoss: Bool {
        if case .attemptLost(_, let reason) = self { reason.counts } else { false }
    }
}

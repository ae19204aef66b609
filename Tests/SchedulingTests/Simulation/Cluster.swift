import Scheduling
import Vocabulary

/// A whole cluster on virtual time: one coordinator that remembers only what it recorded, workers, and a network that
/// loses, delays, repeats and reorders. Everything follows from the seed.
struct Cluster {
    enum Occurrence {
        case submit(JobID, Needs)
        case withdraw(JobID)
        case resume(RunID)
        /// Somebody looks at the clock and at what may go wrong.
        case tick
        case arrival(place: Int, Event)
        case delivery(place: Int, Incarnation, Effect)
        case beat(place: Int, Incarnation)
        case scriptEnd(place: Int, Incarnation, Attempt)
        case workerStart(place: Int)
        case coordinatorStart
        /// A machine burns down.
        case end(place: Int)
    }

    static let stormLength = 480_000
    static let patience = 3_600_000
    private static let runs = (1...3).map { RunID("run\($0)") }

    private var dice: Dice
    private var weather: Weather
    private let defect: PlantedDefect?
    private var agenda = Agenda()
    private var now = 0
    private var scheduler: Scheduler?
    private var coordinatorBegan = 0
    /// How fast the clocks go: the coordinator's and each worker's.
    private var coordinatorPace = 1.0
    private var paces: [Double] = []
    /// Places that never come back.
    private var ended: Set<Int> = []
    private(set) var journal: ModelJournal
    private var workers: [ModelWorker] = []
    private var cutUntil: [Int] = []
    private var isStorm = true
    /// Broken rules, each with the moment.
    private(set) var complaints: [String] = []
    /// Events the coordinator took in, and everything that happened.
    private(set) var eventCount = 0
    private(set) var occurrenceCount = 0
    private(set) var coordinatorStarts = 0

    init(seed: UInt64, weather: Weather? = nil, defect: PlantedDefect? = nil) {
        dice = Dice(seed: seed)
        self.weather = weather ?? Weather.storm(&dice)
        self.defect = defect
        journal = ModelJournal(
            policy: LeasePolicy(
                leaseLength: .seconds(30), assignmentGrace: .seconds(10), attemptLimit: dice.pick(2...6)))
        for place in 0..<dice.pick(1...5) {
            var worker = ModelWorker(place: WorkerID("place\(place)"), resources: .some(&dice))
            worker.dropsFinishedOnRevocation = defect == .finishedDroppedOnRevocation
            workers.append(worker)
            cutUntil.append(0)
            paces.append(self.weather.pace(&dice))
            agenda.add(.workerStart(place: place), at: dice.pick(0...20_000))
            if place > 0, dice.chance(self.weather.fires) {
                agenda.add(.end(place: place), at: dice.pick(0...Self.stormLength))
            }
        }
        for number in 0..<dice.pick(10...100) { plan(number) }
        agenda.add(.coordinatorStart, at: 0)
        agenda.add(.tick, at: 1)
    }

    /// When a job is submitted, and withdrawn if it is. The first place, which always comes back, can run any job.
    private mutating func plan(_ number: Int) {
        let job = JobID("run\(dice.pick(1...3)):job\(number)")
        let moment = dice.pick(0...Self.stormLength)
        let needs = Needs.some(&dice, within: workers[0].resources)
        agenda.add(.submit(job, needs), at: moment)
        guard dice.chance(weather.withdrawals) else { return }
        let withdrawn = moment + dice.pick(1...30_000)
        agenda.add(.withdraw(job), at: withdrawn)
        if dice.chance(0.3) { agenda.add(.submit(job, needs), at: withdrawn + dice.pick(1...60_000)) }
    }

    /// Lets everything happen until all is done, or a rule is broken.
    mutating func run() {
        while complaints.isEmpty, let (moment, occurrence) = agenda.next() {
            now = moment
            occurrenceCount += 1
            if isStorm, now > Self.stormLength { heal() }
            happen(occurrence)
            if case .tick = occurrence, !isStorm, isOver { break }
            if now > Self.patience {
                complaints.append("it did not end though nothing went wrong for \(Self.patience - Self.stormLength) ms")
            }
        }
        complaints += journal.leftOver()
        for (place, worker) in workers.enumerated() where complaints.isEmpty && !ended.contains(place) {
            complaints += journal.thrownAway(of: worker.answers)
        }
        complaints = complaints.map { "at \(now) ms: \($0)" }
    }

    private var isOver: Bool {
        now > Self.stormLength && workers.indices.allSatisfy { ended.contains($0) || workers[$0].isIdle }
            && journal.entries.values.allSatisfy { $0.state != .unfinished }
    }

    private mutating func heal() {
        isStorm = false
        weather = .calm
        for place in workers.indices {
            cutUntil[place] = 0
            if !workers[place].isAlive, !ended.contains(place) { agenda.add(.workerStart(place: place), at: now) }
        }
        if scheduler == nil { agenda.add(.coordinatorStart, at: now) }
        for run in Self.runs { resume(run) }
    }

    private mutating func happen(_ occurrence: Occurrence) {
        switch occurrence {
        case .submit(let job, let needs): submit(job, needs)
        case .withdraw(let job): withdraw(job)
        case .resume(let run): resume(run)
        case .tick: tick()
        case .arrival(let place, let event) where cutUntil[place] <= now: coordinate(event)
        case .delivery(let place, let incarnation, let effect) where cutUntil[place] <= now:
            deliver(effect, to: incarnation, at: place)
        case .arrival, .delivery: break
        case .beat(let place, let incarnation): beat(incarnation, at: place)
        case .scriptEnd(let place, let incarnation, let attempt): endScript(attempt, of: incarnation, at: place)
        case .workerStart(let place): startWorker(at: place)
        case .coordinatorStart: startCoordinator()
        case .end(let place):
            ended.insert(place)
            workers[place].crash(losesDisk: true)
        }
    }

    // MARK: Coordinator

    private mutating func coordinate(_ event: Event) {
        guard scheduler != nil else { return }
        eventCount += 1
        let moment = Instant(.milliseconds(Int(Double(now - coordinatorBegan) * coordinatorPace)))
        let told = scheduler.flatMap { defect?.spoil(event, for: $0) } ?? event
        var effects = scheduler?.handle(told, at: moment) ?? []
        if let defect {
            effects = defect.spoil(effects)
            if var broken = scheduler {
                defect.spoil(&broken, after: event)
                scheduler = broken
            }
        }
        complaints += scheduler?.validate() ?? []
        complaints += journal.record(effects, of: event)
        // Most heartbeats change nothing: the two accounts are compared after whatever does.
        if !effects.isEmpty, let scheduler, complaints.isEmpty {
            if effects != [.ignore(.nothingDue)] { complaints += journal.differences(from: scheduler) }
            journal.forgetWorkers(unknownTo: scheduler)
        }
        guard !dice.chance(weather.crashAfterCommit) else { return crashCoordinator() }
        for effect in effects { send(effect) }
    }

    private mutating func submit(_ job: JobID, _ needs: Needs) {
        guard scheduler != nil else { return agenda.add(.submit(job, needs), at: now + 1_000) }
        guard journal.entries[job].map({ $0.state == .withdrawn }) ?? true else { return }
        coordinate(.jobSubmitted(journal.submit(job, needs)))
    }

    private mutating func withdraw(_ job: JobID) {
        guard scheduler != nil else { return agenda.add(.withdraw(job), at: now + 1_000) }
        guard journal.entries[job]?.state == .unfinished else { return }
        journal.withdraw(job)
        coordinate(.jobWithdrawn(job))
    }

    /// A pause is remembered whether or not a coordinator is there.
    private mutating func pause(_ run: RunID) {
        guard isStorm else { return }
        journal.pause(run)
        coordinate(.runPaused(run))
        agenda.add(.resume(run), at: now + dice.pick(1_000...60_000))
    }

    private mutating func resume(_ run: RunID) {
        journal.resume(run)
        coordinate(.runResumed(run))
    }

    private mutating func startCoordinator() {
        guard scheduler == nil else { return }
        coordinatorBegan = now
        coordinatorPace = weather.pace(&dice)
        coordinatorStarts += 1
        scheduler = journal.recoveredScheduler(at: Instant(.zero))
    }

    private mutating func crashCoordinator() {
        scheduler = nil
        agenda.add(.coordinatorStart, at: now + dice.pick(100...50_000))
    }

    // MARK: Network

    private mutating func send(_ effect: Effect) {
        switch effect {
        case .assign(let to, _), .revoke(let to, _), .acknowledge(let to, _), .welcome(let to), .askForHello(let to):
            guard let place = workers.firstIndex(where: { $0.incarnation == to }) else { return }
            transmit(.delivery(place: place, to, effect), place: place)
        case .settle, .recordLate, .attemptLost, .attemptAdopted, .abandon, .ignore: break
        }
    }

    private mutating func transmit(_ occurrence: Occurrence, place: Int) {
        guard cutUntil[place] <= now, !dice.chance(weather.loss) else { return }
        for _ in 0..<(dice.chance(weather.duplication) ? 2 : 1) {
            let delay = dice.chance(weather.delay) ? dice.pick(1...weather.longestDelay) : dice.pick(1...200)
            agenda.add(occurrence, at: now + delay)
        }
    }

    // MARK: Workers

    private mutating func startWorker(at place: Int) {
        guard !workers[place].isAlive, !ended.contains(place) else { return }
        workers[place].start()
        agenda.add(.beat(place: place, workers[place].incarnation), at: now)
    }

    private mutating func beat(_ incarnation: Incarnation, at place: Int) {
        guard workers[place].isAlive, workers[place].incarnation == incarnation else { return }
        for event in workers[place].says() { transmit(.arrival(place: place, event), place: place) }
        guard workers[place].isDraining, workers[place].isIdle else {
            return agenda.add(.beat(place: place, incarnation), at: now + Int(2_000 / paces[place]))
        }
        transmit(.arrival(place: place, .workerLeft(incarnation)), place: place)
        stopWorker(at: place, losesDisk: false)
    }

    private mutating func deliver(_ effect: Effect, to incarnation: Incarnation, at place: Int) {
        guard workers[place].isAlive, workers[place].incarnation == incarnation else { return }
        if case .assign(_, let attempt) = effect, let words = workers[place].declines(attempt) {
            for event in words { transmit(.arrival(place: place, event), place: place) }
            return
        }
        guard workers[place].hear(effect), case .assign(_, let attempt) = effect else { return }
        let length = dice.pick(100...weather.longestScript)
        agenda.add(.scriptEnd(place: place, incarnation, attempt), at: now + length)
    }

    private mutating func endScript(_ attempt: Attempt, of incarnation: Incarnation, at place: Int) {
        guard workers[place].isAlive, workers[place].incarnation == incarnation else { return }
        let ending: ModelWorker.Ending =
            dice.chance(weather.interruptions)
            ? .interrupted : dice.chance(weather.unavailability) ? .unavailable : .answer
        guard let report = workers[place].finish(attempt, ending) else { return }
        transmit(.arrival(place: place, report), place: place)
    }

    private mutating func stopWorker(at place: Int, losesDisk: Bool) {
        workers[place].crash(losesDisk: losesDisk)
        agenda.add(.workerStart(place: place), at: now + dice.pick(100...40_000))
    }

    // MARK: Time and trouble

    private mutating func tick() {
        agenda.add(.tick, at: now + 1_000)
        coordinate(.timePassed)
        guard isStorm else { return }
        if dice.chance(weather.coordinatorCrashesPerMinute / 60), scheduler != nil { crashCoordinator() }
        for run in Self.runs where dice.chance(weather.pausesPerMinute / 60) { pause(run) }
        for place in workers.indices {
            if dice.chance(weather.partitionsPerMinute / 60) {
                cutUntil[place] = now + dice.pick(1_000...weather.longestPartition)
            }
            guard workers[place].isAlive else { continue }
            if dice.chance(weather.workerCrashesPerMinute / 60) {
                // Whoever started the process may see its end.
                if dice.chance(0.3) {
                    transmit(.arrival(place: place, .workerDeparted(workers[place].incarnation)), place: place)
                }
                stopWorker(at: place, losesDisk: dice.chance(weather.diskLoss))
            } else if dice.chance(weather.drainsPerMinute / 60), !workers[place].isDraining {
                for event in workers[place].drain() { transmit(.arrival(place: place, event), place: place) }
            }
        }
    }
}

import Foundation
import Journal
import Logging
import Scheduling
import Synchronization
import Vocabulary
import Wire
import ZeroMQ

/// The dispatcher's thread: everything it owns and one turn after the other.
struct DispatchLoop {
    private let dispatcher: Dispatcher
    // Order matters: the socket closes before its context ends.
    private let socket: ZeroMQSocket
    private let porter: Porter?
    private var doorkeeper: Doorkeeper
    private var desk = DataDesk()
    let endpoint: String
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant
    private var scheduler: Scheduler
    private var jobs: [JobID: Job] = [:]
    private var waiters: [JobID: [CheckedContinuation<JobResult, any Error>]] = [:]
    /// Outcomes of this turn that the scheduler has not decided on yet.
    private var arrived: [Attempt: Outcome] = [:]
    private var nextLook: Instant
    private var counts = DispatchCounts()
    /// When jobs that no worker had yet were submitted.
    private var submittedAt: [JobID: Instant] = [:]
    private var isClosing = false
    /// Until when dismissed workers are waited for.
    private var farewellEnds: Instant?
    private var obstacles = ObstacleBook()
    private var mayBeQuarantined: Bool
    private var drains = DrainBook()
    private var tails = TailBook()
    /// Scripts that were put in quarantine in the last turn.
    private var condemned: [(run: RunID, program: CanonicalForm, story: [String])] = []

    init(_ dispatcher: Dispatcher) throws {
        self.dispatcher = dispatcher
        began = clock.now
        scheduler = Scheduler(policy: dispatcher.settings.leases)
        nextLook = Instant(.zero)
        mayBeQuarantined = try dispatcher.journal.hasQuarantine()
        let door = try OpenDoor(dispatcher.settings, logger: dispatcher.logger)
        (socket, porter, endpoint) = (door.socket, door.porter, door.endpoint)
        doorkeeper = Doorkeeper(
            door.ring, limits: dispatcher.settings.limits, logger: dispatcher.logger, at: Instant(.zero))
    }

    mutating func run() throws {
        defer {
            for waiting in waiters.values.joined() { waiting.resume(throwing: CancellationError()) }
            // In this order: a monitor without its reader would hold the library up.
            socket.stopMonitor()
            porter?.stop()
        }
        while isServing {
            var turn = Turn()
            let turnBegan = now
            abandonCondemned(&turn)
            try takeOrders(&turn)
            dismissRevoked(&turn)
            try takeMessages(&turn)
            if now >= nextLook {
                nextLook = now + .milliseconds(500)
                turn.hasChanges = true  // what is only counted is told now and then
                handle(.timePassed, &turn)
                if !isClosing { lookForObstacles(&turn) }
                try askForTails(&turn)
                let known = Set(scheduler.workerStates.map(\.incarnation))
                doorkeeper.forget(allBut: known)
                desk.forget(allBut: known)
                drains.forget(allBut: known)
            }
            try dispatcher.journal.record(turn.records)
            try carryOut(turn)
            try serveData()
            if !turn.records.isEmpty { counts.turns.add((now - turnBegan).seconds) }
            if turn.hasChanges { publish() }
            let pause = desk.hasWork(at: now) ? Duration.zero : .milliseconds(500)
            if isServing { try socket.wait(for: pause, orUntil: dispatcher.wakeup) }
        }
    }

    /// Until it is closed, and then while workers have not heard yet that they are to end.
    private var isServing: Bool {
        guard isClosing else { return true }
        return farewellEnds.map { now < $0 && !scheduler.workerStates.isEmpty } ?? false
    }

    /// What one turn of the loop leads to: records first, then everything that leaves the process.
    private struct Turn {
        var records: [JobRecord] = []
        var messages: [(Incarnation, CoordinatorMessage)] = []
        var answers: [(JobID, JobResult)] = []
        /// Jobs given up.
        var abandoned: [JobID: Job] = [:]
        /// What the journal knows of jobs that are asked for in this turn.
        var past: [JobID: JobPast] = [:]
        /// Terms given in this turn, which the journal does not know yet.
        var terms: [JobID: LeaseTerm] = [:]
        /// Whether there is anything new to publish.
        var hasChanges = false
    }

    private var now: Instant { Instant(began.duration(to: clock.now)) }

    private mutating func takeOrders(_ turn: inout Turn) throws {
        let orders = dispatcher.mailbox.withLock { mailbox in
            defer { mailbox.orders = [] }
            return mailbox.orders
        }
        var left = orders[...]
        // Whoever waits for what was not followed is told when the dispatcher has ended.
        defer { if !left.isEmpty { dispatcher.mailbox.withLock { $0.orders.insert(contentsOf: left, at: 0) } } }
        turn.past = try dispatcher.journal.past(
            of: orders.compactMap { if case .run(let job, _) = $0 { job.id } else { nil } })
        while let order = left.popFirst() { try follow(order, &turn) }
    }

    private mutating func follow(_ order: Dispatcher.Order, _ turn: inout Turn) throws {
        switch order {
        case .run(let job, let continuation):
            waiters[job.id, default: []].append(continuation)
            try submit(job, &turn)
        case .withdraw(let job):
            // Race: the outcome may have come before; then nobody waits and nothing is withdrawn.
            if waiters[job] != nil { withdraw(job, &turn) }
        case .withdrawUnwanted(let run, let sparesSubmissions):
            let unwanted = jobs.values.filter { job in
                job.id.run == run && waiters[job.id] == nil && !(sparesSubmissions && job.kind == .submission)
            }
            for job in unwanted.map(\.id).sorted() { withdraw(job, &turn) }
        case .departed(let worker): depart(worker, &turn)
        case .recover(let unfinished): try recover(unfinished, &turn)
        case .know(let manifest, let found): desk.know(manifest, found)
        case .pause(let run): handle(.runPaused(run), &turn)
        case .resume(let run): handle(.runResumed(run), &turn)
        case .drain(let worker, let handsBack, let continuation):
            continuation.resume(returning: drain(worker, handsBack: handsBack, &turn))
        case .close(let dismissWorkers): close(dismissWorkers, &turn)
        }
    }

    private mutating func submit(_ job: Job, _ turn: inout Turn) throws {
        // A job taken up from the journal is known already; its caller waits for the attempt under way.
        guard jobs[job.id] == nil else { return }
        if let outcome = turn.past[job.id]?.settled {
            turn.answers.append((job.id, .outcome(outcome)))
            return
        }
        if mayBeQuarantined, let culprit = try dispatcher.journal.quarantine(of: job) {
            turn.answers.append((job.id, .abandoned(story: culprit.story, isQuarantined: true)))
            return
        }
        let earlierTerms = max(
            turn.past[job.id]?.lastTerm?.rawValue ?? 0, turn.terms[job.id]?.rawValue ?? 0)
        jobs[job.id] = job
        submittedAt[job.id] = now
        turn.records.append(.submitted(job))
        handle(.jobSubmitted(Ticket(job, earlierTerms: earlierTerms)), &turn)
    }

    /// Tells, in the log and the journal, which jobs no worker that is there can run.
    private mutating func lookForObstacles(_ turn: inout Turn) {
        for (run, reason) in obstacles.update(scheduler.obstacles()) {
            turn.hasChanges = true
            turn.records.append(.waits(run, reason: reason))
            guard let reason else { continue }
            dispatcher.logger.warning("\(reason)", metadata: ["run": "\(run)"])
        }
    }

    private mutating func withdraw(_ job: JobID, _ turn: inout Turn) {
        for continuation in waiters.removeValue(forKey: job) ?? [] {
            continuation.resume(throwing: CancellationError())
        }
        turn.records.append(.withdrawn(job))
        handle(.jobWithdrawn(job), &turn)
        jobs[job] = nil
        submittedAt[job] = nil
    }

    private mutating func depart(_ worker: WorkerID, _ turn: inout Turn) {
        for state in scheduler.workerStates where state.worker == worker {
            handle(.workerDeparted(state.incarnation), &turn)
        }
        // Leases taken over from the journal name processes that may never have said hello to this coordinator.
        let prefix = "\(worker)-"
        let absent = Set(scheduler.leases.values.map(\.incarnation)).filter { $0.rawValue.hasPrefix(prefix) }
        for incarnation in absent.sorted() { handle(.workerDeparted(incarnation), &turn) }
    }

    private mutating func recover(_ unfinished: [UnfinishedJob], _ turn: inout Turn) throws {
        for entry in unfinished where jobs[entry.job.id] == nil {
            if entry.holder == nil, mayBeQuarantined, try dispatcher.journal.quarantine(of: entry.job) != nil {
                // Whoever asks for it is told why.
                turn.records.append(.withdrawn(entry.job.id))
                continue
            }
            jobs[entry.job.id] = entry.job
            let ticket = Ticket(entry.job, earlierTerms: entry.lastTerm?.rawValue ?? 0)
            obstacles.doubt(entry.job.id.run)
            scheduler.recover(
                ticket, leasedTo: entry.holder, term: entry.heldTerm, losses: entry.losses,
                interruptions: entry.interruptions, at: now)
        }
    }

    private mutating func close(_ dismissWorkers: Bool, _ turn: inout Turn) {
        isClosing = true
        turn.records += obstacles.runs.map { .waits($0, reason: nil) }
        farewellEnds = dismissWorkers ? farewellEnds ?? now + dispatcher.settings.farewell : nil
        guard dismissWorkers else { return }
        for incarnation in scheduler.workerStates.map(\.incarnation) { dismiss(incarnation, &turn) }
    }

    /// Tells a worker to end; it is told again until it says goodbye.
    private mutating func dismiss(_ incarnation: Incarnation, _ turn: inout Turn) {
        handle(.workerDraining(incarnation), &turn)
        turn.messages.append((incarnation, .shutdown))
    }

    /// Asks the workers of jobs that somebody looks at what these have printed.
    private mutating func askForTails(_ turn: inout Turn) throws {
        for job in tails.turn(of: try dispatcher.journal.wantedTails().filter { scheduler.lease(of: $0) != nil }) {
            guard let lease = scheduler.lease(of: job) else { continue }
            turn.messages.append((lease.incarnation, .logRequest(Attempt(job: job, term: lease.term))))
        }
    }

    private mutating func take(_ tail: LogTail, from sender: Incarnation, _ turn: inout Turn) {
        guard scheduler.holds(tail.attempt, by: sender), tails.take(tail.attempt.job) else { return }
        turn.records.append(.printed(tail))
    }

    private mutating func drain(_ worker: WorkerID?, handsBack: Bool, _ turn: inout Turn) -> DrainAnswer {
        let states = scheduler.workerStates
        let named = states.filter { worker == nil || $0.worker == worker }
        guard !named.isEmpty else { return .absent(there: states.map(\.worker)) }
        for incarnation in named.map(\.incarnation) where drains.begin(incarnation, handsBack: handsBack) {
            handle(.workerDraining(incarnation), &turn)
            turn.messages.append((incarnation, .drain(handsBack: handsBack)))
        }
        guard named.allSatisfy({ drains.isHeard($0.incarnation) }) else { return .asked }
        return .heeded(named.map { WorkerLoad(worker: $0.worker, slots: $0.slots, running: $0.running) })
    }

    /// How much is taken in one turn: under a flood too, what has arrived is committed and answered.
    private static let messagesPerTurn = 2_000
    private static let bytesPerTurn = 64 << 20

    private mutating func takeMessages(_ turn: inout Turn) throws {
        var bytes = 0
        for _ in 0..<Self.messagesPerTurn where bytes < Self.bytesPerTurn {
            guard let message = try socket.receiveMessage() else { return }
            bytes += message.frames.reduce(0) { $0 + $1.count }
            switch doorkeeper.look(at: message, now: now) {
            case .read(let sender): take(message, from: sender, &turn)
            case .refuse(let sender, let reason): turn.messages.append((sender, .refused(reason: reason)))
            case .drop: break
            }
        }
    }

    /// Workers whose keys were revoked meanwhile: their jobs go elsewhere at once.
    private mutating func dismissRevoked(_ turn: inout Turn) {
        for incarnation in doorkeeper.newlyRevoked() {
            dispatcher.logger.warning("a worker's key was revoked", metadata: ["incarnation": "\(incarnation)"])
            handle(.workerDeparted(incarnation), &turn)
            turn.messages.append((incarnation, .refused(reason: "the worker's key was revoked")))
        }
    }

    private mutating func take(_ message: ReceivedMessage, from sender: Incarnation, _ turn: inout Turn) {
        counts.bytesReceived += message.frames[1].count
        do {
            switch try WorkerMessage(decoding: message.frames[1]) {
            case .hello(let capabilities, let held):
                if let objection = doorkeeper.objection(to: capabilities, from: sender, key: message.user) {
                    doorkeeper.note(objection, message, at: now)
                    turn.messages.append((sender, .refused(reason: objection)))
                } else {
                    welcome(capabilities, held: held, from: sender, key: message.user, &turn)
                }
            case .heartbeat(let held, let data):
                handle(.workerHeard(sender, held: held), &turn)
                if let data, scheduler.worker(of: sender) != nil { handle(.workerHasData(sender, data), &turn) }
                turn.messages.append((sender, .heartbeatAnswer))
                if isClosing { dismiss(sender, &turn) }
                if let handsBack = drains.unheard(sender) {
                    turn.messages.append((sender, .drain(handsBack: handsBack)))
                }
            case .outcome(let outcome):
                let isOpen = jobs[outcome.job] != nil
                let isHeld = scheduler.holds(Attempt(job: outcome.job, term: outcome.term), by: sender)
                take(outcome, from: sender, &turn)
                // What was asked for does not count.
                if isHeld || (isOpen && jobs[outcome.job] == nil) {
                    doorkeeper.giveBack(sender, bytes: message.frames[1].count)
                }
            case .draining:
                drains.hear(sender)
                handle(.workerDraining(sender), &turn)
            case .goodbye: handle(.workerLeft(sender), &turn)
            case .logTail(let tail): take(tail, from: sender, &turn)
            case .dataRequest(let request): take(request, from: sender, message)
            }
        } catch {
            doorkeeper.note("\(error)", message, at: now)
            // A worker that has joined is not sent home for one bad message.
            let isKnown = scheduler.worker(of: sender) != nil
            if !isKnown { turn.messages.append((sender, .refused(reason: "\(error)"))) }
        }
    }

    /// Data is given only to who holds a job that reads it, and only that data.
    private mutating func take(_ request: DataRequest, from sender: Incarnation, _ message: ReceivedMessage) {
        guard let job = jobs[request.attempt.job], job.mount.manifest == request.manifest,
            scheduler.holds(request.attempt, by: sender)
        else {
            // Race: the attempt may have been revoked while the request was on its way.
            doorkeeper.note("it asks for the data of a job that it does not hold", message, at: now)
            return
        }
        let taken = desk.take(request, from: sender)
        if taken.confirms { doorkeeper.giveBack(sender, bytes: message.frames[1].count) }
        if taken.needsLook { dispatcher.lookAtFiles(of: job.mount) }
    }

    /// Sends some of the data that is waited for; the rest in the next turns.
    private mutating func serveData() throws {
        for _ in 0..<DataDesk.piecesPerTurn {
            guard let (incarnation, answer) = desk.next(at: now) else { return }
            if case .chunk(let chunk) = answer { counts.bytesSent += chunk.contentBytes }
            let isSent =
                switch answer {
                case .chunk(let chunk): try socket.send(to: Array(incarnation.rawValue.utf8), chunk.frame)
                case .refusal(let refusal): try send(.dataRefusal(refusal), to: incarnation)
                }
            if !isSent { desk.forgetWants(of: incarnation) }
        }
    }

    private mutating func send(_ message: CoordinatorMessage, to incarnation: Incarnation) throws -> Bool {
        let bytes = try message.encoded()
        counts.bytesSent += bytes.count
        return try socket.send([Array(incarnation.rawValue.utf8), bytes])
    }

    private mutating func welcome(
        _ capabilities: Capabilities, held: [Attempt], from sender: Incarnation, key: String?, _ turn: inout Turn
    ) {
        if isClosing {
            turn.messages.append((sender, .shutdown))
            return
        }
        dispatcher.logger.info(
            "worker joined",
            metadata: [
                "worker": "\(capabilities.worker)", "host": "\(capabilities.host)", "slots": "\(capabilities.slots)",
                "holds": "\(held.count)", "sandbox": "\(capabilities.sandbox.rawValue)",
                "gpus": "\(capabilities.gpus.map(\.id).joined(separator: ","))",
            ])
        let hello = WorkerHello(
            worker: capabilities.worker, incarnation: sender, resources: capabilities.resources, held: held,
            data: capabilities.data)
        // The packages of a process do not change: a hello said again writes nothing.
        if !doorkeeper.knows(sender) {
            do {
                try dispatcher.journal.keep(packages: capabilities.packages, of: capabilities.environment)
            } catch {
                dispatcher.logger.warning("could not note a worker's packages", metadata: ["why": "\(error)"])
            }
        }
        doorkeeper.welcome(sender, key: key, at: now)
        desk.greet(sender)
        handle(.workerJoined(hello), &turn)
    }

    private mutating func take(_ outcome: Outcome, from sender: Incarnation, _ turn: inout Turn) {
        let attempt = Attempt(job: outcome.job, term: outcome.term)
        arrived[attempt] = outcome
        handle(
            .outcomeArrived(
                sender, attempt, isAnswer: outcome.ending.isAnswer,
                countsAsAttempt: outcome.ending != .interrupted), &turn)
        arrived[attempt] = nil
    }

    private mutating func handle(_ event: Event, _ turn: inout Turn) {
        let effects = scheduler.handle(event, at: now)
        switch event {
        case .workerHeard where effects.isEmpty: break
        case .timePassed where effects == [.ignore(.nothingDue)]: break
        default: turn.hasChanges = true
        }
        for effect in effects { translate(effect, &turn) }
    }

    private mutating func translate(_ effect: Effect, _ turn: inout Turn) {
        switch effect {
        case .assign(let incarnation, let attempt):
            guard let job = jobs[attempt.job] else { preconditionFailure("a scheduled job has no content") }
            let worker = scheduler.worker(of: incarnation) ?? WorkerID("?")
            turn.records.append(.assigned(attempt, worker: worker, incarnation: incarnation))
            turn.terms[attempt.job] = attempt.term
            counts.assigned += 1
            if let since = submittedAt.removeValue(forKey: attempt.job) { counts.waiting.add((now - since).seconds) }
            turn.messages.append((incarnation, .assignment(job, attempt.term)))
        case .revoke(let incarnation, let attempt): turn.messages.append((incarnation, .revocation(attempt)))
        case .settle(_, let attempt):
            guard let outcome = arrived[attempt] else { preconditionFailure("a settled job has no outcome") }
            counts.settled += 1
            submittedAt[attempt.job] = nil
            turn.records.append(.settled(outcome, of: jobs[attempt.job]))
            turn.answers.append((attempt.job, .outcome(outcome)))
            jobs[attempt.job] = nil
        case .recordLate(_, let attempt):
            counts.late += 1
            if let outcome = arrived[attempt] { turn.records.append(.late(outcome)) }
        case .acknowledge(let incarnation, let attempt):
            turn.messages.append((incarnation, .acknowledgement(attempt)))
        case .attemptLost(let attempt, let reason):
            counts.lost[reason.rawValue, default: 0] += 1
            dispatcher.logger.warning(
                "attempt lost",
                metadata: [
                    "run": "\(attempt.job.run)", "job": "\(attempt.job)", "term": "\(attempt.term)",
                    "why": "\(reason.rawValue)",
                ])
            turn.records.append(.lost(attempt, reason: reason.rawValue, counts: reason.counts))
        case .attemptAdopted(let incarnation, let attempt):
            turn.records.append(.adopted(attempt, incarnation: incarnation))
        case .abandon(let job, let story):
            turn.records.append(.abandoned(job, story: story))
            turn.answers.append((job, .abandoned(story: story, isQuarantined: false)))
            turn.abandoned[job] = jobs[job]
            jobs[job] = nil
        case .welcome(let incarnation):
            turn.messages.append((incarnation, .welcome(heartbeat: dispatcher.settings.heartbeat)))
        case .askForHello(let incarnation): turn.messages.append((incarnation, .askForHello))
        case .ignore: break
        }
    }

    private mutating func carryOut(_ turn: Turn) throws {
        for case (let incarnation, var message) in turn.messages {
            // Only now, because what an interrupted attempt left may have arrived in this very turn.
            if case .assignment(let job, let term, nil) = message, term > .first {
                message = .assignment(job, term, dispatcher.checkpoint(of: job))
            }
            // A peer that is gone misses the message: it says hello again, or its lease ends.
            _ = try send(message, to: incarnation)
        }
        for case (let job, var result) in turn.answers {
            if case .abandoned(let story, false) = result, let content = turn.abandoned[job],
                try dispatcher.journal.quarantine(of: content) != nil
            {
                result = .abandoned(story: story, isQuarantined: true)
                mayBeQuarantined = true
                condemned.append((job.run, content.program, story))
                dispatcher.logger.error(
                    "a script took its workers down and is not run again", metadata: ["job": "\(job)"])
            }
            for continuation in waiters.removeValue(forKey: job) ?? [] { continuation.resume(returning: result) }
        }
    }

    /// Gives up what waits of scripts that took their workers down.
    private mutating func abandonCondemned(_ turn: inout Turn) {
        for script in condemned {
            let equal = jobs.values.filter { job in
                job.id.run == script.run && job.program == script.program && scheduler.lease(of: job.id) == nil
            }
            for job in equal.map(\.id).sorted() {
                turn.records.append(.withdrawn(job))
                turn.answers.append((job, .abandoned(story: script.story, isQuarantined: true)))
                handle(.jobWithdrawn(job), &turn)
                jobs[job] = nil
                submittedAt[job] = nil
            }
        }
        condemned = []
    }

    private mutating func publish() {
        counts.refusals = doorkeeper.refusedCount + (porter?.refusedCount ?? 0)
        let workers = scheduler.workerStates
        let loads = workers.map { WorkerLoad(worker: $0.worker, slots: $0.slots, running: $0.running) }
        dispatcher.publish(
            DispatchSnapshot(
                running: scheduler.leases.keys.reduce(into: [:]) { $0[$1] = jobs[$1]?.kind },
                queued: scheduler.queuedCount, paused: scheduler.pausedCount, workers: workers.map(\.worker),
                slots: workers.reduce(0) { $0 + $1.slots }, obstacles: obstacles.reasons,
                loads: loads, counts: counts))
    }
}

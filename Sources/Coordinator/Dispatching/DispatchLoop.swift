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

    init(_ dispatcher: Dispatcher) throws {
        self.dispatcher = dispatcher
        began = clock.now
        scheduler = Scheduler(policy: dispatcher.settings.leases)
        nextLook = Instant(.zero)
        socket = try ZeroMQSocket(.router, in: try ZeroMQContext())
        try socket.setMaximumMessage(bytes: Int64(maximumFrameBytes))
        do {
            try socket.bind(dispatcher.settings.endpoint)
        } catch {
            throw DispatchError(
                "cannot listen at \(dispatcher.settings.endpoint) (\(error)); another coordinator may be using it: "
                    + "choose another endpoint with --bind")
        }
        endpoint = try socket.lastEndpoint()
    }

    mutating func run() throws {
        defer { for waiting in waiters.values.joined() { waiting.resume(throwing: CancellationError()) } }
        while !isClosing {
            var turn = Turn()
            let turnBegan = now
            try takeOrders(&turn)
            while let frames = try socket.receive() { take(frames, &turn) }
            if now >= nextLook {
                nextLook = now + .milliseconds(500)
                handle(.timePassed, &turn)
            }
            try dispatcher.journal.record(turn.records)
            try carryOut(turn)
            if !turn.records.isEmpty { counts.turns.add((now - turnBegan).seconds) }
            publish()
            if !isClosing { try socket.wait(for: .milliseconds(500), orUntil: dispatcher.wakeup) }
        }
    }

    /// What one turn of the loop leads to: records first, then everything that leaves the process.
    private struct Turn {
        var records: [JobRecord] = []
        var messages: [(Incarnation, CoordinatorMessage)] = []
        var answers: [(JobID, JobResult)] = []
    }

    private var now: Instant { Instant(began.duration(to: clock.now)) }

    private mutating func takeOrders(_ turn: inout Turn) throws {
        let orders = dispatcher.mailbox.withLock { mailbox in
            defer { mailbox.orders = [] }
            return mailbox.orders
        }
        for order in orders {
            switch order {
            case .run(let job, let continuation):
                waiters[job.id, default: []].append(continuation)
                try submit(job, &turn)
            case .withdraw(let job): withdraw(job, &turn)
            case .departed(let worker): depart(worker, &turn)
            case .recover(let unfinished): recover(unfinished)
            case .close(let dismissWorkers): close(dismissWorkers, &turn)
            }
        }
    }

    private mutating func submit(_ job: Job, _ turn: inout Turn) throws {
        // A job taken up from the journal is known already; its caller waits for the attempt under way.
        guard jobs[job.id] == nil else { return }
        if let outcome = try dispatcher.journal.settlingOutcome(of: job.id) {
            turn.answers.append((job.id, .outcome(outcome)))
            return
        }
        let earlierTerms = try dispatcher.journal.lastTerm(of: job.id)?.rawValue ?? 0
        jobs[job.id] = job
        submittedAt[job.id] = now
        turn.records.append(.submitted(job))
        handle(.jobSubmitted(Ticket(job: job.id, earlierTerms: earlierTerms)), &turn)
    }

    private mutating func withdraw(_ job: JobID, _ turn: inout Turn) {
        // Race: the outcome may have come before the withdrawal; then nobody waits and nothing is withdrawn.
        guard let waiting = waiters.removeValue(forKey: job) else { return }
        for continuation in waiting { continuation.resume(throwing: CancellationError()) }
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

    private mutating func recover(_ unfinished: [UnfinishedJob]) {
        for entry in unfinished where jobs[entry.job.id] == nil {
            jobs[entry.job.id] = entry.job
            let ticket = Ticket(job: entry.job.id, earlierTerms: entry.lastTerm?.rawValue ?? 0)
            scheduler.recover(ticket, leasedTo: entry.holder, term: entry.heldTerm, losses: entry.losses, at: now)
        }
    }

    private mutating func close(_ dismissWorkers: Bool, _ turn: inout Turn) {
        isClosing = true
        guard dismissWorkers else { return }
        turn.messages += scheduler.workerStates.map { ($0.incarnation, .shutdown) }
    }

    private mutating func take(_ frames: [[UInt8]], _ turn: inout Turn) {
        guard frames.count == 2, let name = String(validating: frames[0], as: UTF8.self), !name.isEmpty else { return }
        let sender = Incarnation(name)
        counts.bytesReceived += frames[1].count
        do {
            switch try WorkerMessage(decoding: frames[1]) {
            case .hello(let capabilities, let held): welcome(capabilities, held: held, from: sender, &turn)
            case .heartbeat(let held):
                handle(.workerHeard(sender, held: held), &turn)
                turn.messages.append((sender, .heartbeatAnswer))
            case .outcome(let outcome): take(outcome, from: sender, &turn)
            case .draining: handle(.workerDraining(sender), &turn)
            case .goodbye: handle(.workerDeparted(sender), &turn)
            }
        } catch {
            counts.refusals += 1
            dispatcher.logger.warning("refused a message", metadata: ["from": "\(sender)", "reason": "\(error)"])
            // A worker that has joined is not sent home for one bad message.
            let isKnown = scheduler.workerStates.contains { $0.incarnation == sender }
            if !isKnown { turn.messages.append((sender, .refused(reason: "\(error)"))) }
        }
    }

    private mutating func welcome(
        _ capabilities: Capabilities, held: [Attempt], from sender: Incarnation, _ turn: inout Turn
    ) {
        guard capabilities.incarnation == sender else {
            turn.messages.append((sender, .refused(reason: "the hello names another incarnation than the connection")))
            return
        }
        dispatcher.logger.info(
            "worker joined",
            metadata: [
                "worker": "\(capabilities.worker)", "host": "\(capabilities.host)", "slots": "\(capabilities.slots)",
                "holds": "\(held.count)", "sandbox": "\(capabilities.sandbox.rawValue)",
            ])
        let hello = WorkerHello(
            worker: capabilities.worker, incarnation: sender, slots: capabilities.slots, held: held)
        do {
            try dispatcher.journal.keep(packages: capabilities.packages, of: capabilities.environment)
        } catch {
            dispatcher.logger.warning("could not note a worker's packages", metadata: ["why": "\(error)"])
        }
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
        for effect in scheduler.handle(event, at: now) { translate(effect, &turn) }
    }

    private mutating func translate(_ effect: Effect, _ turn: inout Turn) {
        switch effect {
        case .assign(let incarnation, let attempt):
            guard let job = jobs[attempt.job] else { preconditionFailure("a scheduled job has no content") }
            let worker = scheduler.workerStates.first { $0.incarnation == incarnation }?.worker
            counts.assigned += 1
            if let since = submittedAt.removeValue(forKey: attempt.job) { counts.waiting.add((now - since).seconds) }
            turn.records.append(.assigned(attempt, worker: worker ?? WorkerID("?"), incarnation: incarnation))
            turn.messages.append((incarnation, .assignment(job, attempt.term)))
        case .revoke(let incarnation, let attempt): turn.messages.append((incarnation, .revocation(attempt)))
        case .settle(_, let attempt):
            guard let outcome = arrived[attempt] else { preconditionFailure("a settled job has no outcome") }
            counts.settled += 1
            submittedAt[attempt.job] = nil
            turn.records.append(.settled(outcome))
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
            turn.records.append(.lost(attempt, reason: reason.rawValue, counts: reason != .interrupted))
        case .attemptAdopted(let incarnation, let attempt):
            turn.records.append(.adopted(attempt, incarnation: incarnation))
        case .abandon(let job, let story):
            turn.records.append(.abandoned(job, story: story))
            turn.answers.append((job, .abandoned(story: story)))
            jobs[job] = nil
        case .welcome(let incarnation):
            turn.messages.append((incarnation, .welcome(heartbeat: dispatcher.settings.heartbeat)))
        case .askForHello(let incarnation): turn.messages.append((incarnation, .askForHello))
        case .ignore: break
        }
    }

    private mutating func carryOut(_ turn: Turn) throws {
        for (incarnation, message) in turn.messages {
            // A peer that is gone misses the message: it says hello again, or its lease ends.
            let bytes = try message.encoded()
            counts.bytesSent += bytes.count
            _ = try socket.send([Array(incarnation.rawValue.utf8), bytes])
        }
        for (job, result) in turn.answers {
            for continuation in waiters.removeValue(forKey: job) ?? [] { continuation.resume(returning: result) }
        }
    }

    private func publish() {
        let workers = scheduler.workerStates
        let loads = workers.map { WorkerLoad(worker: $0.worker, slots: $0.slots, running: $0.running) }
        dispatcher.publish(
            DispatchSnapshot(
                running: scheduler.leases.keys.reduce(into: [:]) { $0[$1] = jobs[$1]?.kind },
                queued: scheduler.queuedCount, workers: workers.map(\.worker),
                slots: workers.reduce(0) { $0 + $1.slots }, loads: loads, counts: counts))
    }
}

import Vocabulary

@testable import Scheduling

/// A defect planted in the simulated cluster: in what the scheduler is told, in the scheduler, in what it says, or in a
/// worker.
enum PlantedDefect: String, CaseIterable {
    case acknowledgementForgotten
    case lateOutcomeNotRecorded
    case settledTwice
    case lateOutcomeSettles
    case answerFiledAsLate
    case assignedTwice
    case firstTermAgain
    case assignedToStranger
    case revokedWhatIsInForce
    case lossNotRecorded
    case adoptionNotRecorded
    case abandonmentForgotten
    case abandonedTooEarly
    case strangersNotAskedForHello
    case termIgnored
    case leasesNeverEnd
    case needsIgnored
    case environmentIgnored
    case slotTooMany
    case processorTooMany
    case notQueuedAgainOnDeparture
    case keptFreeForEver
    case finishedDroppedOnRevocation
    case pauseIgnored
    case pausedForEver
    case keptFreeForPausedRun
    case goodbyeCounts

    /// What the simulation says when it finds the defect.
    var complaint: String {
        switch self {
        case .acknowledgementForgotten: "an outcome is acknowledged once"
        case .lateOutcomeNotRecorded: "an outcome is acknowledged before it is recorded"
        case .settledTwice, .lateOutcomeSettles: "a finished job is settled"
        case .answerFiledAsLate: "an answer settles its job if, and only if, the job is unfinished"
        case .assignedTwice: "a leased job is assigned"
        case .firstTermAgain: "a term is skipped or repeated"
        case .assignedToStranger, .slotTooMany: "a worker is given more than its slots"
        case .revokedWhatIsInForce: "the attempt in force is revoked"
        case .lossNotRecorded, .adoptionNotRecorded: "is leased otherwise than recorded"
        case .abandonmentForgotten: "jobs are known"
        case .abandonedTooEarly: "a job is given up after"
        case .strangersNotAskedForHello, .leasesNeverEnd, .pausedForEver: "it did not end though nothing went wrong"
        case .termIgnored: "an outcome is recorded as settling or as late"
        case .needsIgnored, .processorTooMany: "a worker is given more than its processors"
        case .environmentIgnored: "a worker is given a job for another environment"
        case .notQueuedAgainOnDeparture: "waits but is not in the queue"
        case .keptFreeForEver: "is kept free for nobody"
        case .finishedDroppedOnRevocation: "was thrown away"
        case .pauseIgnored: "a job of a paused run is assigned"
        case .keptFreeForPausedRun: "is kept free for a paused run"
        case .goodbyeCounts: "a goodbye counts against a job"
        }
    }

    /// The effects with the defect in them.
    func spoil(_ effects: [Effect]) -> [Effect] { effects.flatMap(spoil) }

    private func spoil(_ effect: Effect) -> [Effect] {
        switch (self, effect) {
        case (.acknowledgementForgotten, .acknowledge), (.lateOutcomeNotRecorded, .recordLate),
            (.lossNotRecorded, .attemptLost), (.adoptionNotRecorded, .attemptAdopted),
            (.abandonmentForgotten, .abandon), (.strangersNotAskedForHello, .askForHello):
            []
        case (.settledTwice, .settle), (.assignedTwice, .assign): [effect, effect]
        case (.lateOutcomeSettles, .recordLate(let sender, let attempt)): [.settle(sender, attempt)]
        case (.answerFiledAsLate, .settle(let sender, let attempt)): [.recordLate(sender, attempt)]
        case (.firstTermAgain, .assign(let holder, let attempt)):
            [.assign(holder, Attempt(job: attempt.job, term: .first))]
        case (.assignedToStranger, .assign(_, let attempt)): [.assign(Incarnation("nowhere-1"), attempt)]
        case (.revokedWhatIsInForce, .assign(let holder, let attempt)): [effect, .revoke(holder, attempt)]
        case (.abandonedTooEarly, .attemptLost(let attempt, _)): [effect, .abandon(attempt.job, story: ["early"])]
        default: [effect]
        }
    }

    /// What the scheduler is told instead of an event.
    func spoil(_ event: Event, for scheduler: Scheduler) -> Event {
        switch (self, event) {
        case (.termIgnored, .outcomeArrived(let sender, let attempt, let isAnswer, let counts)):
            guard let lease = scheduler.leases[attempt.job] else { return event }
            let taken = Attempt(job: attempt.job, term: lease.term)
            return .outcomeArrived(sender, taken, isAnswer: isAnswer, countsAsAttempt: counts)
        // Any event that changes nothing stands for the look at the leases.
        case (.leasesNeverEnd, .timePassed), (.pauseIgnored, .runPaused), (.pausedForEver, .runResumed):
            return .workerDraining(Incarnation("nowhere-1"))
        case (.goodbyeCounts, .workerLeft(let incarnation)): return .workerDeparted(incarnation)
        case (.needsIgnored, .jobSubmitted(let ticket)):
            return .jobSubmitted(Ticket(job: ticket.job, earlierTerms: ticket.earlierTerms))
        case (.environmentIgnored, .jobSubmitted(let ticket)):
            var needs = ticket.needs
            needs.environment = ""
            return .jobSubmitted(Ticket(job: ticket.job, earlierTerms: ticket.earlierTerms, needs: needs))
        case (.slotTooMany, .workerJoined(let hello)):
            return .workerJoined(hello.with { $0.slots += 1 })
        case (.processorTooMany, .workerJoined(let hello)):
            return .workerJoined(hello.with { $0.gpus.append(GraphicsProcessor(id: "extra", memoryBytes: 20)) })
        default: return event
        }
    }

    /// What becomes of the scheduler after an event.
    func spoil(_ scheduler: inout Scheduler, after event: Event) {
        switch (self, event) {
        case (.notQueuedAgainOnDeparture, .workerDeparted), (.notQueuedAgainOnDeparture, .workerLeft),
            (.notQueuedAgainOnDeparture, .workerJoined):
            for run in scheduler.runs.keys { scheduler.runs[run]?.waiting = [:] }
        case (.keptFreeForPausedRun, .runPaused(let run)):
            let kept = Scheduler.JobClass(run: run, needs: Needs())
            for name in scheduler.workers.keys { scheduler.workers[name]?.reservation = kept }
        case (.keptFreeForEver, _):
            let nobody = Scheduler.JobClass(run: RunID("nobody"), needs: Needs())
            for name in scheduler.workers.keys { scheduler.workers[name]?.reservation = nobody }
        default: break
        }
    }
}

extension WorkerHello {
    /// The hello of a worker that thinks it has something else.
    fileprivate func with(_ change: (inout Resources) -> Void) -> WorkerHello {
        var changed = resources
        change(&changed)
        return WorkerHello(worker: worker, incarnation: incarnation, resources: changed, held: held, data: data)
    }
}

import Scheduling
import Testing
import Vocabulary

/// A scheduler under test: every event is followed by a look at all invariants.
struct Rehearsal {
    var scheduler: Scheduler

    /// A scheduler with leases of 30 s, a grace of 10 s and 3 attempts a job.
    init() {
        scheduler = Scheduler(
            policy: LeasePolicy(leaseLength: .seconds(30), assignmentGrace: .seconds(10), attemptLimit: 3))
    }

    /// A scheduler that knows workers, which joined at 0 s in the order of their names.
    init(workers: KeyValuePairs<String, Int>) {
        self.init()
        for (name, slots) in workers { _ = at(0, .workerJoined(.of(name, slots: slots))) }
    }

    /// Takes an event in at a second and hands back the effects.
    mutating func at(
        _ second: Int, _ event: Event, sourceLocation: SourceLocation = #_sourceLocation
    ) -> [Effect] {
        let effects = scheduler.handle(event, at: .second(second))
        #expect(scheduler.validate() == [], sourceLocation: sourceLocation)
        return effects
    }
}

extension Instant {
    /// So many seconds after the clock's start.
    static func second(_ count: Int) -> Instant { Instant(.seconds(count)) }
}

extension Attempt {
    /// An attempt of a job by the job's name.
    static func of(_ job: JobID, _ term: Int) -> Attempt { Attempt(job: job, term: LeaseTerm(rawValue: term)) }
}

extension WorkerHello {
    /// The hello of a worker's process, by default its first.
    static func of(_ worker: String, process: Int = 1, slots: Int = 1, held: [Attempt] = []) -> WorkerHello {
        .of(worker, process: process, Resources(slots: slots), held: held)
    }

    /// The hello of a worker's process with resources of its own.
    static func of(
        _ worker: String, process: Int = 1, _ resources: Resources, held: [Attempt] = [], data: Set<ContentHash> = []
    ) -> WorkerHello {
        WorkerHello(
            worker: WorkerID(worker), incarnation: .of(worker, process), resources: resources, held: held, data: data)
    }
}

extension Incarnation {
    /// A worker's process by its number.
    static func of(_ worker: String, _ process: Int = 1) -> Incarnation { Incarnation("\(worker)-\(process)") }
}

extension Event {
    /// A job without priority or past is submitted.
    static func submitted(_ job: JobID, priority: Int = 0, needs: Needs = Needs()) -> Event {
        .jobSubmitted(Ticket(job: job, priority: priority, needs: needs))
    }

    /// An outcome that says something about the script.
    static func answered(_ incarnation: Incarnation, _ attempt: Attempt) -> Event {
        .outcomeArrived(incarnation, attempt, isAnswer: true, countsAsAttempt: true)
    }

    /// The worker was told to stop the script.
    static func interrupted(_ incarnation: Incarnation, _ attempt: Attempt) -> Event {
        .outcomeArrived(incarnation, attempt, isAnswer: false, countsAsAttempt: false)
    }

    /// The worker could not start the script.
    static func unavailable(_ incarnation: Incarnation, _ attempt: Attempt) -> Event {
        .outcomeArrived(incarnation, attempt, isAnswer: false, countsAsAttempt: true)
    }
}

/// Jobs and worker processes by short names, for suites.
protocol Cast {}

extension Cast {
    var a: JobID { JobID("run:a") }
    var b: JobID { JobID("run:b") }
    var c: JobID { JobID("run:c") }
    var d: JobID { JobID("run:d") }
    var north: Incarnation { .of("north") }
    var south: Incarnation { .of("south") }
}

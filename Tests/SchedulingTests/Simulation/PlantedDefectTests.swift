import Scheduling
import Testing
import Vocabulary

/// A defect put between the scheduler and the rest of the simulated coordinator.
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

    /// What the simulation says when it finds the defect.
    var complaint: String {
        switch self {
        case .acknowledgementForgotten: "an outcome is acknowledged once"
        case .lateOutcomeNotRecorded: "an outcome is acknowledged before it is recorded"
        case .settledTwice, .lateOutcomeSettles: "a finished job is settled"
        case .answerFiledAsLate: "an answer settles its job if, and only if, the job is unfinished"
        case .assignedTwice: "a leased job is assigned"
        case .firstTermAgain: "a term is skipped or repeated"
        case .assignedToStranger: "a worker is given more than its slots"
        case .revokedWhatIsInForce: "the attempt in force is revoked"
        case .lossNotRecorded, .adoptionNotRecorded: "is leased otherwise than recorded"
        case .abandonmentForgotten: "jobs are known"
        case .abandonedTooEarly: "a job is given up after"
        case .strangersNotAskedForHello: "it did not end though nothing went wrong"
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
}

@Suite("What the simulation would find", .timeLimit(.minutes(5)))
struct PlantedDefectTests {
    @Test("a planted defect is found within a few storms", arguments: PlantedDefect.allCases)
    func found(defect: PlantedDefect) {
        let firstFind = (1...12).first { seed in
            var cluster = Cluster(seed: UInt64(seed)) { defect.spoil($0) }
            cluster.run()
            return cluster.complaints.contains { $0.contains(defect.complaint) }
        }
        #expect(firstFind != nil)
    }

    @Test("a job that never ends is found")
    func neverEnds() {
        var journal = ModelJournal(policy: LeasePolicy())
        _ = journal.submit(JobID("run:a"))
        #expect(journal.leftOver() == ["run:a never ended"])
    }

    @Test("a lease the scheduler does not know of is found")
    func unknownLease() {
        var journal = ModelJournal(policy: LeasePolicy())
        var scheduler = Scheduler()
        let hello = WorkerHello.of("north")
        _ = journal.record(scheduler.handle(.workerJoined(hello), at: .second(0)), of: .workerJoined(hello))
        let submitted = Event.jobSubmitted(journal.submit(JobID("run:a")))
        #expect(journal.record(scheduler.handle(submitted, at: .second(0)), of: submitted) == [])
        #expect(journal.differences(from: scheduler) == [])
        #expect(
            journal.differences(from: Scheduler()) == [
                "run:a is leased otherwise than recorded", "0 jobs are known, 1 are unfinished",
            ])
    }
}

import Scheduling
import Testing
import Vocabulary

@Suite("Outcomes", .timeLimit(.minutes(5)))
struct OutcomeTests: Cast {
    /// North was silent for a lease; its job runs on south under term 2.
    private func reassigned() -> Rehearsal {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(20, .workerJoined(.of("south")))
        _ = rehearsal.at(30, .timePassed)
        return rehearsal
    }

    @Test("the outcome of the lease in force settles the job and frees the slot")
    func settled() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(0, .submitted(b))
        #expect(
            rehearsal.at(5, .answered(north, .of(a, 1))) == [
                .settle(north, .of(a, 1)), .acknowledge(north, .of(a, 1)), .assign(north, .of(b, 1)),
            ])
    }

    @Test("an outcome under an older lease settles the unfinished job and ends the newer attempt")
    func olderTermSettles() {
        var rehearsal = reassigned()
        #expect(
            rehearsal.at(35, .answered(north, .of(a, 1))) == [
                .settle(north, .of(a, 1)), .acknowledge(north, .of(a, 1)), .attemptLost(.of(a, 2), .interrupted),
                .revoke(south, .of(a, 2)),
            ])
        #expect(rehearsal.at(36, .submitted(b)) == [.assign(south, .of(b, 1))])
    }

    @Test("an outcome under an older lease settles a job that waits in the queue, which is then never assigned")
    func olderTermSettlesQueued() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(30, .timePassed)
        #expect(
            rehearsal.at(35, .answered(north, .of(a, 1))) == [
                .settle(north, .of(a, 1)), .acknowledge(north, .of(a, 1)),
            ])
        #expect(rehearsal.at(36, .workerJoined(.of("north"))) == [.welcome(north)])
    }

    @Test("an outcome that comes after the job is settled is recorded as late and acknowledged")
    func late() {
        var rehearsal = reassigned()
        _ = rehearsal.at(33, .answered(south, .of(a, 2)))
        #expect(
            rehearsal.at(35, .answered(north, .of(a, 1))) == [
                .recordLate(north, .of(a, 1)), .acknowledge(north, .of(a, 1)),
            ])
    }

    @Test("an outcome sent again changes nothing and is acknowledged again")
    func duplicate() {
        var rehearsal = reassigned()
        _ = rehearsal.at(33, .answered(south, .of(a, 2)))
        let before = rehearsal.scheduler.workerStates.map(\.running)
        for second in 34...36 {
            #expect(
                rehearsal.at(second, .answered(south, .of(a, 2))) == [
                    .recordLate(south, .of(a, 2)), .acknowledge(south, .of(a, 2)),
                ])
        }
        #expect(rehearsal.scheduler.workerStates.map(\.running) == before)
    }

    @Test("an outcome of a sender that never said hello settles the job")
    func unknownSender() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .submitted(a))
        #expect(
            rehearsal.at(1, .answered(north, .of(a, 1))) == [
                .settle(north, .of(a, 1)), .acknowledge(north, .of(a, 1)),
            ])
    }

    @Test("an interrupted attempt sends the job back to the queue and does not count against the limit")
    func interrupted() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        for term in 1...10 {
            #expect(
                rehearsal.at(term, .interrupted(north, .of(a, term))) == [
                    .recordLate(north, .of(a, term)), .acknowledge(north, .of(a, term)),
                    .attemptLost(.of(a, term), .interrupted), .assign(north, .of(a, term + 1)),
                ])
        }
    }

    @Test("an attempt the worker could not start counts against the limit and says why")
    func unavailable() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        for term in 1...2 {
            #expect(
                rehearsal.at(term, .unavailable(north, .of(a, term))) == [
                    .recordLate(north, .of(a, term)), .acknowledge(north, .of(a, term)),
                    .attemptLost(.of(a, term), .unavailable), .assign(north, .of(a, term + 1)),
                ])
        }
        let story = [
            "submitted", "term 1 to north-1", "term 1 at north-1: unavailable", "term 2 to north-1",
            "term 2 at north-1: unavailable", "term 3 to north-1", "term 3 at north-1: unavailable",
        ]
        #expect(
            rehearsal.at(3, .unavailable(north, .of(a, 3))) == [
                .recordLate(north, .of(a, 3)), .acknowledge(north, .of(a, 3)),
                .attemptLost(.of(a, 3), .unavailable), .abandon(a, story: story),
            ])
    }

    @Test("an interrupted attempt of an older lease does not end the newer attempt")
    func interruptedOlderTerm() {
        var rehearsal = reassigned()
        #expect(
            rehearsal.at(35, .interrupted(north, .of(a, 1))) == [
                .recordLate(north, .of(a, 1)), .acknowledge(north, .of(a, 1)),
            ])
        #expect(rehearsal.scheduler.leases[a]?.incarnation == south)
    }

    @Test("a job that its workers hand back again and again is given up in the end")
    func interruptedForEver() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        let reasons = (1...23).map { term in
            rehearsal.at(term, .interrupted(north, .of(a, term))).compactMap { effect -> LossReason? in
                if case .attemptLost(_, let reason) = effect { reason } else { nil }
            }
        }
        #expect(reasons.prefix(20).allSatisfy { $0 == [.interrupted] })
        #expect(reasons.suffix(3).allSatisfy { $0 == [.interruptedTooOften] })
        #expect(rehearsal.scheduler.story(of: a).isEmpty, "it was given up")
    }

    @Test("a restart does not forget how often a job was handed back")
    func interruptedBeforeRestart() {
        var rehearsal = Rehearsal()
        rehearsal.scheduler.recover(
            Ticket(job: a, earlierTerms: 20), leasedTo: nil, term: nil, losses: 0, interruptions: 20, at: Instant(.zero)
        )
        #expect(rehearsal.at(0, .workerJoined(.of("north"))).contains(.assign(north, .of(a, 21))))
        let effects = rehearsal.at(1, .interrupted(north, .of(a, 21)))
        #expect(effects.contains(.attemptLost(.of(a, 21), .interruptedTooOften)))
    }

    @Test("a term that was never given is revoked, and the next one follows those that were")
    func inventedTerm() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .submitted(a))
        let invented = Attempt.of(a, 4_000_000_000)
        let effects = rehearsal.at(1, .workerJoined(.of("north", held: [invented])))
        #expect(effects.contains(.revoke(north, invented)))
        #expect(effects.contains(.assign(north, .of(a, 1))))
    }

    @Test("the outcome of an abandoned job is recorded as late and acknowledged")
    func abandonedJob() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        for process in 2...4 { _ = rehearsal.at(process, .workerJoined(.of("north", process: process))) }
        #expect(
            rehearsal.at(9, .answered(.of("north", 3), .of(a, 3))) == [
                .recordLate(.of("north", 3), .of(a, 3)), .acknowledge(.of("north", 3), .of(a, 3)),
            ])
    }

    @Test("an outcome handed in by the next process of the worker is not lost as well as settled")
    func handedInByNextProcess() {
        var rehearsal = Rehearsal()
        let gone = Incarnation.of("north", 1)
        rehearsal.scheduler.recover(Ticket(job: a), leasedTo: gone, term: .first, losses: 0, at: .second(0))
        let next = Incarnation.of("north", 2)
        #expect(
            rehearsal.at(1, .answered(next, .of(a, 1))) == [.settle(next, .of(a, 1)), .acknowledge(next, .of(a, 1))])
    }
}

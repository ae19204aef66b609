import Scheduling
import Testing
import Vocabulary

@Suite("Recovery from the journal", .timeLimit(.minutes(5)))
struct RecoveryTests: Cast {
    /// A job that north held under term 2 after one loss, and one that waited.
    private func recovered(losses: Int = 1) -> Rehearsal {
        var rehearsal = Rehearsal()
        let second = LeaseTerm(rawValue: 2)
        rehearsal.scheduler.recover(Ticket(job: a), leasedTo: north, term: second, losses: losses, at: .second(100))
        rehearsal.scheduler.recover(Ticket(job: b), leasedTo: nil, term: .first, losses: 0, at: .second(100))
        #expect(rehearsal.scheduler.validate() == [])
        return rehearsal
    }

    @Test("a job that was leased waits for its worker while others go out")
    func waitsForWorker() {
        var rehearsal = recovered()
        #expect(rehearsal.scheduler.queuedCount == 1)
        #expect(
            rehearsal.at(101, .workerJoined(.of("south", slots: 2))) == [.welcome(south), .assign(south, .of(b, 2))])
        #expect(rehearsal.at(129, .timePassed) == [.ignore(.nothingDue)])
    }

    @Test("a worker that returns with its attempt goes on under the old term")
    func readopted() {
        var rehearsal = recovered()
        #expect(rehearsal.at(101, .workerHeard(north, held: [.of(a, 2)])) == [.askForHello(north)])
        #expect(rehearsal.at(102, .workerJoined(.of("north", held: [.of(a, 2)]))) == [.welcome(north)])
        #expect(rehearsal.scheduler.leases[a]?.expiresAt == .second(132))
        #expect(
            rehearsal.at(110, .answered(north, .of(a, 2))) == [
                .settle(north, .of(a, 2)), .acknowledge(north, .of(a, 2)), .assign(north, .of(b, 2)),
            ])
    }

    @Test("a worker that returns without its attempt is given the job again at once")
    func returnsWithoutAttempt() {
        var rehearsal = recovered()
        #expect(
            rehearsal.at(102, .workerJoined(.of("north"))) == [
                .welcome(north), .attemptLost(.of(a, 2), .notHeld), .assign(north, .of(a, 3)),
            ])
    }

    @Test("a worker that does not return within a lease loses the job")
    func doesNotReturn() {
        var rehearsal = recovered()
        _ = rehearsal.at(101, .workerJoined(.of("south", slots: 2)))
        #expect(
            rehearsal.at(130, .timePassed) == [.attemptLost(.of(a, 2), .leaseExpired), .assign(south, .of(a, 3))])
    }

    @Test("a worker that is known to have ended loses the job at once, though it never said hello")
    func departs() {
        var rehearsal = recovered()
        #expect(rehearsal.at(101, .workerDeparted(north)) == [.attemptLost(.of(a, 2), .workerDeparted)])
        #expect(
            rehearsal.at(102, .workerJoined(.of("south", slots: 2))) == [
                .welcome(south), .assign(south, .of(a, 3)), .assign(south, .of(b, 2)),
            ])
    }

    @Test("the next process of the worker goes on with what the one before it had finished")
    func nextProcessHoldsOutcome() {
        var rehearsal = recovered()
        let next = Incarnation.of("north", 2)
        #expect(
            rehearsal.at(101, .workerJoined(.of("north", process: 2, held: [.of(a, 2)]))) == [
                .welcome(next), .attemptAdopted(next, .of(a, 2)),
            ])
        #expect(
            rehearsal.at(120, .answered(next, .of(a, 2))) == [
                .settle(next, .of(a, 2)), .acknowledge(next, .of(a, 2)), .assign(next, .of(b, 2)),
            ])
    }

    @Test("losses from before the restart count against the limit")
    func lossesCarryOver() {
        var rehearsal = recovered(losses: 2)
        let story = ["recovered from the journal", "term 2 at north-1: worker departed"]
        #expect(
            rehearsal.at(101, .workerDeparted(north)) == [
                .attemptLost(.of(a, 2), .workerDeparted), .abandon(a, story: story),
            ])
    }

    @Test("a job that is at the limit already has one more attempt", arguments: [3, 9])
    func atTheLimit(losses: Int) {
        var rehearsal = recovered(losses: losses)
        #expect(rehearsal.at(101, .timePassed) == [.ignore(.nothingDue)])
        #expect(rehearsal.at(102, .workerDeparted(north)).count == 2)
        #expect(rehearsal.scheduler.queuedCount == 1)
    }

    @Test("an outcome of before the restart settles the job whoever hands it in")
    func outcomeOfBefore() {
        var rehearsal = recovered()
        #expect(
            rehearsal.at(101, .answered(south, .of(b, 1))) == [
                .settle(south, .of(b, 1)), .acknowledge(south, .of(b, 1)),
            ])
    }
}

import Scheduling
import Testing
import Vocabulary

@Suite("Leases", .timeLimit(.minutes(5)))
struct LeaseTests: Cast {
    @Test("a heartbeat renews the leases of the jobs it names, and of no others")
    func renewal() {
        var rehearsal = Rehearsal(workers: ["north": 2])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(5, .submitted(b))
        #expect(rehearsal.at(12, .workerHeard(north, held: [.of(a, 1)])) == [])
        #expect(rehearsal.scheduler.leases[a]?.expiresAt == .second(42))
        #expect(rehearsal.scheduler.leases[b]?.expiresAt == .second(35))
        #expect(rehearsal.at(34, .timePassed) == [.ignore(.nothingDue)])
    }

    @Test("a lease without heartbeats ends on its last moment and the job is given elsewhere under the next term")
    func expiry() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(20, .workerJoined(.of("south")))
        #expect(rehearsal.at(29, .timePassed) == [.ignore(.nothingDue)])
        #expect(
            rehearsal.at(30, .timePassed) == [.attemptLost(.of(a, 1), .leaseExpired), .assign(south, .of(a, 2))])
        #expect(
            rehearsal.scheduler.story(of: a) == [
                "submitted", "term 1 to north-1", "term 1 at north-1: lease expired", "term 2 to south-1",
            ])
    }

    @Test("a lost job goes back to its old place in the queue")
    func oldPlace() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(1, .submitted(b))
        _ = rehearsal.at(2, .submitted(c, priority: 1))
        #expect(rehearsal.at(40, .timePassed) == [.attemptLost(.of(a, 1), .leaseExpired)])
        #expect(
            rehearsal.at(41, .workerJoined(.of("south", slots: 3))) == [
                .welcome(south), .assign(south, .of(c, 1)), .assign(south, .of(a, 2)), .assign(south, .of(b, 1)),
            ])
    }

    @Test("leases that end together are lost in the order of submission")
    func expiryOrder() {
        var rehearsal = Rehearsal(workers: ["north": 3])
        for job in [c, a, b] { _ = rehearsal.at(0, .submitted(job)) }
        #expect(
            rehearsal.at(30, .timePassed) == [
                .attemptLost(.of(c, 1), .leaseExpired), .attemptLost(.of(a, 1), .leaseExpired),
                .attemptLost(.of(b, 1), .leaseExpired),
            ])
    }

    @Test("a worker that was silent for a lease is given nothing, even while it still holds a lease")
    func silentWorkerHoldingLease() {
        var rehearsal = Rehearsal(workers: ["north": 2])
        _ = rehearsal.at(25, .submitted(a))
        #expect(rehearsal.at(30, .timePassed) == [.ignore(.nothingDue)])
        #expect(rehearsal.at(31, .submitted(b)) == [])
        #expect(rehearsal.at(55, .timePassed) == [.attemptLost(.of(a, 1), .leaseExpired)])
        #expect(rehearsal.scheduler.workerStates.isEmpty)
        #expect(
            rehearsal.at(56, .workerJoined(.of("south", slots: 2))) == [
                .welcome(south), .assign(south, .of(a, 2)), .assign(south, .of(b, 1)),
            ])
    }

    @Test("a worker that was silent for a lease and holds nothing is forgotten and asked for its hello")
    func silentWorker() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        #expect(rehearsal.at(29, .timePassed) == [.ignore(.nothingDue)])
        #expect(rehearsal.scheduler.workerStates.count == 1)
        _ = rehearsal.at(30, .timePassed)
        #expect(rehearsal.scheduler.workerStates.isEmpty)
        #expect(rehearsal.at(31, .workerHeard(north, held: [])) == [.askForHello(north)])
    }

    @Test("a heartbeat that lacks a job just assigned has crossed the assignment on the way")
    func missingWithinGrace() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(1, .submitted(a))
        #expect(rehearsal.at(10, .workerHeard(north, held: [])) == [])
        #expect(rehearsal.scheduler.leases[a]?.expiresAt == .second(31))
    }

    @Test("a heartbeat that still lacks the job after the grace tells that the assignment was lost")
    func missingAfterGrace() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(1, .submitted(a))
        #expect(
            rehearsal.at(11, .workerHeard(north, held: [])) == [
                .attemptLost(.of(a, 1), .notHeld), .assign(north, .of(a, 2)),
            ])
    }

    @Test("an expired lease is taken up again under its old term when the worker returns first")
    func adoptionAfterExpiry() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(30, .timePassed)
        #expect(rehearsal.at(40, .workerHeard(north, held: [.of(a, 1)])) == [.askForHello(north)])
        #expect(
            rehearsal.at(41, .workerJoined(.of("north", held: [.of(a, 1)]))) == [
                .welcome(north), .attemptAdopted(north, .of(a, 1)),
            ])
        #expect(rehearsal.scheduler.leases[a]?.term == .first)
        #expect(
            rehearsal.at(42, .answered(north, .of(a, 1))) == [
                .settle(north, .of(a, 1)), .acknowledge(north, .of(a, 1)),
            ])
    }

    @Test("a term taken up again does not come twice: the next attempt has a number of its own")
    func termsAfterAdoption() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(30, .timePassed)
        _ = rehearsal.at(41, .workerJoined(.of("north", held: [.of(a, 1)])))
        _ = rehearsal.at(42, .workerJoined(.of("south")))
        #expect(
            rehearsal.at(43, .workerDeparted(north)) == [
                .attemptLost(.of(a, 1), .workerDeparted), .assign(south, .of(a, 2)),
            ])
    }

    @Test("an older term taken up again does not bring back the numbers after it")
    func termsAfterAdoptionOfOlderTerm() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(20, .workerJoined(.of("south")))
        _ = rehearsal.at(30, .timePassed)
        #expect(rehearsal.at(31, .interrupted(south, .of(a, 2))).last == .assign(south, .of(a, 3)))
        #expect(rehearsal.at(60, .workerDraining(south)) == [])
        #expect(rehearsal.at(61, .timePassed) == [.attemptLost(.of(a, 3), .leaseExpired)])
        _ = rehearsal.at(62, .workerJoined(.of("north", held: [.of(a, 1)])))
        #expect(rehearsal.scheduler.leases[a]?.term == .first)
        #expect(
            rehearsal.at(63, .interrupted(north, .of(a, 1))) == [
                .recordLate(north, .of(a, 1)), .acknowledge(north, .of(a, 1)), .attemptLost(.of(a, 1), .interrupted),
                .assign(north, .of(a, 4)),
            ])
    }

    @Test("a returning worker is told to stop an attempt whose job runs elsewhere meanwhile")
    func revokedAfterReassignment() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(20, .workerJoined(.of("south")))
        _ = rehearsal.at(30, .timePassed)
        #expect(
            rehearsal.at(35, .workerJoined(.of("north", held: [.of(a, 1)]))) == [
                .welcome(north), .revoke(north, .of(a, 1)),
            ])
        #expect(rehearsal.scheduler.leases[a]?.incarnation == south)
    }

    @Test("at the attempt limit the job is given up and its story told")
    func abandoned() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(1, .workerJoined(.of("north", process: 2)))
        _ = rehearsal.at(2, .workerJoined(.of("north", process: 3)))
        let story = [
            "submitted", "term 1 to north-1", "term 1 at north-1: worker departed", "term 2 to north-2",
            "term 2 at north-2: worker departed", "term 3 to north-3", "term 3 at north-3: worker departed",
        ]
        #expect(
            rehearsal.at(3, .workerJoined(.of("north", process: 4))) == [
                .welcome(.of("north", 4)), .attemptLost(.of(a, 3), .workerDeparted), .abandon(a, story: story),
            ])
        #expect(rehearsal.scheduler.queuedCount == 0)
        #expect(rehearsal.scheduler.story(of: a).isEmpty)
    }
}

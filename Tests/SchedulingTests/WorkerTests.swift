import Scheduling
import Testing
import Vocabulary

@Suite("Workers", .timeLimit(.minutes(5)))
struct WorkerTests: Cast {
    @Test("a sender nobody knows is asked for its hello and given nothing")
    func unknownSender() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .submitted(a))
        #expect(rehearsal.at(1, .workerHeard(north, held: [.of(a, 1)])) == [.askForHello(north)])
        #expect(rehearsal.scheduler.workerStates.isEmpty)
    }

    @Test("a hello that names attempts keeps those whose job still waits for them and stops the others")
    func helloWithHeldAttempts() {
        var rehearsal = Rehearsal(workers: ["south": 1])
        _ = rehearsal.at(1, .submitted(a))
        _ = rehearsal.at(1, .jobSubmitted(Ticket(job: b, earlierTerms: 3)))
        let held: [Attempt] = [.of(a, 7), .of(b, 3), .of(c, 1)]
        #expect(
            rehearsal.at(2, .workerJoined(.of("north", slots: 2, held: held))) == [
                .welcome(north), .revoke(north, .of(a, 7)), .attemptAdopted(north, .of(b, 3)),
                .revoke(north, .of(c, 1)),
            ])
        #expect(rehearsal.scheduler.leases[b]?.term == LeaseTerm(rawValue: 3))
    }

    @Test("a new process of a worker ends the leases of the one before it")
    func newIncarnation() {
        var rehearsal = Rehearsal(workers: ["north": 2])
        _ = rehearsal.at(1, .submitted(a))
        _ = rehearsal.at(1, .submitted(b))
        let next = Incarnation.of("north", 2)
        #expect(
            rehearsal.at(2, .workerJoined(.of("north", process: 2, slots: 1))) == [
                .welcome(next), .attemptLost(.of(a, 1), .workerDeparted), .attemptLost(.of(b, 1), .workerDeparted),
                .assign(next, .of(a, 2)),
            ])
        #expect(rehearsal.at(3, .workerHeard(north, held: [.of(a, 1)])) == [.askForHello(north)])
    }

    @Test("what the earlier process left behind finished goes on under its lease and counts as no loss")
    func outboxOfEarlierProcess() {
        var rehearsal = Rehearsal(workers: ["north": 2])
        _ = rehearsal.at(1, .submitted(a))
        _ = rehearsal.at(1, .submitted(b))
        let next = Incarnation.of("north", 2)
        #expect(
            rehearsal.at(2, .workerJoined(.of("north", process: 2, slots: 2, held: [.of(b, 1)]))) == [
                .welcome(next), .attemptLost(.of(a, 1), .workerDeparted), .attemptAdopted(next, .of(b, 1)),
                .assign(next, .of(a, 2)),
            ])
        #expect(
            rehearsal.at(3, .answered(next, .of(b, 1))) == [.settle(next, .of(b, 1)), .acknowledge(next, .of(b, 1))])
    }

    @Test("a second hello sent before the assignment arrived does not lose the job")
    func repeatedHello() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .submitted(a))
        #expect(rehearsal.at(5, .workerJoined(.of("north"))) == [.welcome(north), .assign(north, .of(a, 1))])
        for _ in 1...5 { #expect(rehearsal.at(5, .workerJoined(.of("north"))) == [.welcome(north)]) }
        #expect(rehearsal.scheduler.leases[a]?.term == .first)
    }

    @Test("a second hello that lacks the job after the grace tells that the assignment was lost")
    func repeatedHelloAfterGrace() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(1, .submitted(a))
        #expect(
            rehearsal.at(11, .workerJoined(.of("north"))) == [
                .welcome(north), .attemptLost(.of(a, 1), .notHeld), .assign(north, .of(a, 2)),
            ])
    }

    @Test("a hello can change the number of slots")
    func changedSlots() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(1, .submitted(a))
        _ = rehearsal.at(1, .submitted(b))
        #expect(
            rehearsal.at(2, .workerJoined(.of("north", slots: 2, held: [.of(a, 1)]))) == [
                .welcome(north), .assign(north, .of(b, 1)),
            ])
        #expect(
            rehearsal.at(3, .workerJoined(.of("north", slots: 1, held: [.of(a, 1), .of(b, 1)]))) == [
                .welcome(north)
            ])
        #expect(rehearsal.at(4, .submitted(c)) == [])
        #expect(
            rehearsal.at(5, .answered(north, .of(a, 1))) == [
                .settle(north, .of(a, 1)), .acknowledge(north, .of(a, 1)),
            ])
    }

    @Test("a hello without slots is ignored", arguments: [0, -1])
    func noSlots(slots: Int) {
        var rehearsal = Rehearsal()
        #expect(rehearsal.at(0, .workerJoined(.of("north", slots: slots))) == [.ignore(.slotsInvalid)])
    }

    @Test("a draining worker finishes what it has and is given nothing more, not even after another hello")
    func draining() {
        var rehearsal = Rehearsal(workers: ["north": 2])
        _ = rehearsal.at(1, .submitted(a))
        #expect(rehearsal.at(2, .workerDraining(north)) == [])
        #expect(rehearsal.at(3, .submitted(b)) == [])
        #expect(rehearsal.at(4, .workerJoined(.of("north", slots: 2, held: [.of(a, 1)]))) == [.welcome(north)])
        #expect(
            rehearsal.at(5, .answered(north, .of(a, 1))) == [
                .settle(north, .of(a, 1)), .acknowledge(north, .of(a, 1)),
            ])
        #expect(rehearsal.at(6, .workerJoined(.of("south"))) == [.welcome(south), .assign(south, .of(b, 1))])
    }

    @Test("a departed worker's jobs are queued again at once")
    func departed() {
        var rehearsal = Rehearsal(workers: ["north": 2, "south": 2])
        for job in [a, b, c] { _ = rehearsal.at(1, .submitted(job)) }
        #expect(
            rehearsal.at(2, .workerDeparted(north)) == [
                .attemptLost(.of(a, 1), .workerDeparted), .attemptLost(.of(c, 1), .workerDeparted),
                .assign(south, .of(a, 2)),
            ])
    }

    @Test("a goodbye that crosses an assignment gives the job back and counts against nothing")
    func goodbyeCrossesAssignment() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(1, .submitted(a))
        // As often as a job may be lost, and more.
        for term in 1...5 {
            #expect(
                rehearsal.at(2, .workerLeft(.of("north", term))) == [.attemptLost(.of(a, term), .interrupted)])
            let next = Incarnation.of("north", term + 1)
            #expect(
                rehearsal.at(2, .workerJoined(.of("north", process: term + 1))) == [
                    .welcome(next), .assign(next, .of(a, term + 1)),
                ])
        }
        #expect(rehearsal.at(3, .workerLeft(south)) == [.ignore(.workerUnknown)])
    }

    @Test("news of a worker nobody knows changes nothing")
    func unknownWorker() {
        var rehearsal = Rehearsal()
        #expect(rehearsal.at(0, .workerDeparted(north)) == [.ignore(.workerUnknown)])
        #expect(rehearsal.at(0, .workerDraining(north)) == [.ignore(.workerUnknown)])
    }

    @Test("an attempt held twice by one worker under two terms keeps the lease in force")
    func twoTermsHeld() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(1, .submitted(a))
        _ = rehearsal.at(11, .workerHeard(north, held: []))
        #expect(
            rehearsal.at(12, .workerHeard(north, held: [.of(a, 1), .of(a, 2)])) == [.revoke(north, .of(a, 1))])
        #expect(
            rehearsal.at(13, .answered(north, .of(a, 1))) == [
                .settle(north, .of(a, 1)), .acknowledge(north, .of(a, 1)), .attemptLost(.of(a, 2), .interrupted),
                .revoke(north, .of(a, 2)),
            ])
    }
}

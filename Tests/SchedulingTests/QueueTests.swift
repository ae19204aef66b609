import Scheduling
import Testing
import Vocabulary

@Suite("Queue", .timeLimit(.minutes(5)))
struct QueueTests: Cast {
    @Test("jobs wait until a worker joins and then go out in the order of their submission")
    func submissionOrder() {
        var rehearsal = Rehearsal()
        for job in [b, a, c] { #expect(rehearsal.at(0, .submitted(job)) == []) }
        #expect(rehearsal.scheduler.queuedCount == 3)
        #expect(
            rehearsal.at(1, .workerJoined(.of("north", slots: 2))) == [
                .welcome(north), .assign(north, .of(b, 1)), .assign(north, .of(a, 1)),
            ])
        #expect(rehearsal.scheduler.queuedCount == 1)
        #expect(rehearsal.scheduler.leases.keys.sorted() == [a, b])
    }

    @Test("a higher priority goes first, and within one priority the earlier submission")
    func priority() {
        var rehearsal = Rehearsal()
        for (job, priority) in [(a, 0), (b, 5), (c, -1), (d, 5)] {
            _ = rehearsal.at(0, .submitted(job, priority: priority))
        }
        #expect(
            rehearsal.at(1, .workerJoined(.of("north", slots: 4))) == [
                .welcome(north), .assign(north, .of(b, 1)), .assign(north, .of(d, 1)), .assign(north, .of(a, 1)),
                .assign(north, .of(c, 1)),
            ])
    }

    @Test("a job goes to the worker with most free slots, and between equals to the lower name")
    func freestWorker() {
        var rehearsal = Rehearsal(workers: ["south": 2, "north": 2, "west": 1])
        #expect(rehearsal.at(1, .submitted(a)) == [.assign(north, .of(a, 1))])
        #expect(rehearsal.at(1, .submitted(b)) == [.assign(south, .of(b, 1))])
        #expect(rehearsal.at(1, .submitted(c)) == [.assign(north, .of(c, 1))])
        #expect(rehearsal.at(1, .submitted(d)) == [.assign(south, .of(d, 1))])
        #expect(rehearsal.at(1, .submitted(JobID("run:e"))) == [.assign(.of("west"), .of(JobID("run:e"), 1))])
        #expect(rehearsal.at(1, .submitted(JobID("run:f"))) == [])
    }

    @Test(
        "a backup goes to another worker than the job it backs up; it waits until one is free, and nobody waits for it")
    func backup() {
        var rehearsal = Rehearsal(workers: ["north": 4, "south": 1])
        #expect(rehearsal.at(1, .submitted(a)) == [.assign(north, .of(a, 1))])
        #expect(rehearsal.at(2, .submitted(a.backup, priority: -1)) == [.assign(south, .of(a.backup, 1))])
        #expect(rehearsal.at(3, .submitted(b)) == [.assign(north, .of(b, 1))])
        #expect(rehearsal.at(4, .submitted(b.backup, priority: -1)) == [])
        #expect(rehearsal.at(5, .submitted(c)) == [.assign(north, .of(c, 1))])
        let end = Event.outcomeArrived(south, .of(a.backup, 1), isAnswer: true, countsAsAttempt: true)
        #expect(rehearsal.at(6, end).last == .assign(south, .of(b.backup, 1)))
        #expect(a.backup.original == a && a.original == nil)
    }

    @Test("a job that is known already stays as it is and is counted as ignored")
    func submittedTwice() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .submitted(a))
        #expect(rehearsal.at(1, .submitted(a)) == [.ignore(.jobKnown)])
        _ = rehearsal.at(2, .workerJoined(.of("north", slots: 2)))
        #expect(rehearsal.at(3, .submitted(a)) == [.ignore(.jobKnown)])
        #expect(rehearsal.scheduler.ignored == [.jobKnown: 2])
    }

    @Test("a job withdrawn while it waits is never assigned")
    func withdrawnWhileQueued() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(0, .submitted(b))
        #expect(rehearsal.at(1, .jobWithdrawn(a)) == [])
        #expect(
            rehearsal.at(2, .workerJoined(.of("north", slots: 2))) == [.welcome(north), .assign(north, .of(b, 1))])
    }

    @Test("a job withdrawn while it runs is revoked, and its slot goes to the next job at once")
    func withdrawnWhileLeased() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(1, .submitted(a))
        _ = rehearsal.at(1, .submitted(b))
        #expect(rehearsal.at(2, .jobWithdrawn(a)) == [.revoke(north, .of(a, 1)), .assign(north, .of(b, 1))])
        #expect(
            rehearsal.at(3, .answered(north, .of(a, 1))) == [
                .recordLate(north, .of(a, 1)), .acknowledge(north, .of(a, 1)),
            ])
    }

    @Test("withdrawing a job nobody knows changes nothing")
    func withdrawnUnknown() {
        var rehearsal = Rehearsal()
        #expect(rehearsal.at(0, .jobWithdrawn(a)) == [.ignore(.jobUnknown)])
    }

    @Test("a job wanted again after it was withdrawn goes on counting its terms and queues as a new one")
    func wantedAgain() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(1, .submitted(a))
        _ = rehearsal.at(2, .jobWithdrawn(a))
        _ = rehearsal.at(3, .submitted(b))
        #expect(rehearsal.at(4, .jobSubmitted(Ticket(job: a, earlierTerms: 1))) == [])
        #expect(
            rehearsal.at(5, .answered(north, .of(b, 1))) == [
                .settle(north, .of(b, 1)), .acknowledge(north, .of(b, 1)), .assign(north, .of(a, 2)),
            ])
    }

    @Test("a job withdrawn and wanted again while it waits loses its old place")
    func wantedAgainLosesPlace() {
        var rehearsal = Rehearsal()
        for job in [a, b] { _ = rehearsal.at(0, .submitted(job)) }
        _ = rehearsal.at(1, .jobWithdrawn(a))
        _ = rehearsal.at(2, .submitted(a))
        #expect(
            rehearsal.at(3, .workerJoined(.of("north", slots: 2))) == [
                .welcome(north), .assign(north, .of(b, 1)), .assign(north, .of(a, 1)),
            ])
    }

    @Test("a job withdrawn and wanted again while it waits is assigned once")
    func wantedAgainWhileQueued() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .submitted(a))
        _ = rehearsal.at(0, .jobWithdrawn(a))
        _ = rehearsal.at(0, .submitted(a))
        #expect(
            rehearsal.at(1, .workerJoined(.of("north", slots: 2))) == [.welcome(north), .assign(north, .of(a, 1))])
    }
}

import Scheduling
import Testing
import Vocabulary

@Suite("Paused runs", .timeLimit(.minutes(5)))
struct PauseTests: Cast {
    private let run = RunID("run")
    private let other = JobID("other:a")

    @Test("a paused run gets no more workers, what it runs goes on and counts, and resumed it goes on in its old order")
    func pausedAndResumed() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        for job in [a, b, c] { _ = rehearsal.at(1, .submitted(job)) }
        #expect(rehearsal.at(2, .runPaused(run)) == [])
        #expect(rehearsal.at(3, .workerHeard(north, held: [.of(a, 1)])) == [])
        #expect(
            rehearsal.at(4, .answered(north, .of(a, 1))) == [
                .settle(north, .of(a, 1)), .acknowledge(north, .of(a, 1)),
            ])
        #expect(rehearsal.scheduler.queuedCount == 2 && rehearsal.scheduler.pausedCount == 2)
        #expect(rehearsal.at(5, .runResumed(run)) == [.assign(north, .of(b, 1))])
        #expect(rehearsal.scheduler.pausedCount == 0)
    }

    @Test("other runs take what a paused run leaves free")
    func others() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        for job in [a, b, other] { _ = rehearsal.at(1, .submitted(job)) }
        _ = rehearsal.at(2, .runPaused(run))
        _ = rehearsal.at(3, .answered(north, .of(a, 1)))
        #expect(rehearsal.scheduler.leases.keys.sorted() == [other])
        #expect(rehearsal.at(4, .runResumed(run)) == [])
        #expect(rehearsal.at(5, .answered(north, .of(other, 1))).last == .assign(north, .of(b, 1)))
    }

    @Test("a job that is lost or submitted during the pause waits for its end")
    func lostMeanwhile() {
        var rehearsal = Rehearsal(workers: ["north": 2])
        _ = rehearsal.at(1, .submitted(a))
        _ = rehearsal.at(2, .runPaused(run))
        #expect(rehearsal.at(3, .submitted(b)) == [])
        #expect(
            rehearsal.at(4, .interrupted(north, .of(a, 1))) == [
                .recordLate(north, .of(a, 1)), .acknowledge(north, .of(a, 1)), .attemptLost(.of(a, 1), .interrupted),
            ])
        #expect(rehearsal.at(5, .runResumed(run)) == [.assign(north, .of(a, 2)), .assign(north, .of(b, 1))])
    }

    @Test("a pause that comes before the jobs are recovered holds them, and a worker that still has one keeps it")
    func recovered() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .runPaused(run))
        rehearsal.scheduler.recover(Ticket(job: a), leasedTo: nil, term: nil, losses: 0, at: .second(0))
        rehearsal.scheduler.recover(Ticket(job: b), leasedTo: north, term: .first, losses: 0, at: .second(0))
        #expect(rehearsal.at(1, .workerJoined(.of("north", slots: 2, held: [.of(b, 1)]))) == [.welcome(north)])
        #expect(rehearsal.scheduler.leases.keys.sorted() == [b])
        #expect(rehearsal.at(2, .runResumed(run)) == [.assign(north, .of(a, 1))])
    }

    @Test("no worker is kept free for a paused run, and nothing is missing while it is paused")
    func reservation() {
        var rehearsal = Rehearsal()
        let one = GraphicsProcessor(id: "0", memoryBytes: 1)
        let two = GraphicsProcessor(id: "1", memoryBytes: 1)
        _ = rehearsal.at(0, .workerJoined(.of("north", Resources(slots: 2, gpus: [one, two]))))
        for job in [b, a] { _ = rehearsal.at(1, .submitted(job, needs: Needs(gpus: job == a ? 2 : 1))) }
        let small = JobID("other:small")
        // The job of two processors waits for both.
        #expect(rehearsal.at(2, .submitted(small, needs: Needs(gpus: 1))) == [])
        #expect(rehearsal.at(3, .runPaused(run)) == [.assign(north, .of(small, 1))])
        _ = rehearsal.at(4, .submitted(c, needs: Needs(gpus: 9)))
        #expect(rehearsal.scheduler.obstacles() == [])
        _ = rehearsal.at(5, .runResumed(run))
        #expect(rehearsal.scheduler.obstacles().map(\.jobs) == [1])
    }

    @Test("a pause said twice is one, and an end of a pause that was none changes nothing")
    func repeated() {
        var rehearsal = Rehearsal(workers: ["north": 1])
        #expect(rehearsal.at(1, .runResumed(run)) == [])
        for second in 2...3 { #expect(rehearsal.at(second, .runPaused(run)) == []) }
        #expect(rehearsal.at(4, .submitted(a)) == [])
        #expect(rehearsal.at(5, .runResumed(run)) == [.assign(north, .of(a, 1))])
    }
}

import Testing
import Vocabulary

@testable import Scheduling

@Suite("The check of the invariants", .timeLimit(.minutes(1)))
struct ValidateTests: Cast {
    /// North runs a.
    private func running() -> Scheduler {
        var rehearsal = Rehearsal(workers: ["north": 1])
        _ = rehearsal.at(1, .submitted(a))
        return rehearsal.scheduler
    }

    @Test("a lease that is not in the set of leases is found")
    func leaseOutsideSet() {
        var scheduler = running()
        scheduler.leased = []
        #expect(scheduler.validate() == ["run:a is in the wrong set of leases"])
    }

    @Test("a leased job that does not exist is found")
    func leasedUnknownJob() {
        var scheduler = running()
        scheduler.leased.insert(b)
        #expect(scheduler.validate() == ["run:b is in the set of leases and unknown"])
    }

    @Test("a worker that does not count its job is found")
    func uncounted() {
        var scheduler = running()
        scheduler.workers[north]?.running = []
        #expect(scheduler.validate() == ["run:a is leased to north-1, which does not count it"])
    }

    @Test("a worker that counts a job it does not hold is found")
    func overcounted() {
        var scheduler = running()
        scheduler.workers[north]?.running.insert(b)
        #expect(scheduler.validate() == ["north-1 counts run:b, which it does not hold"])
    }

    @Test("a waiting job outside the queue is found")
    func outsideQueue() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .submitted(a))
        rehearsal.scheduler.queue = Scheduler().queue
        #expect(rehearsal.scheduler.validate() == ["run:a waits but is not in the queue"])
    }

    @Test("a lease under a term that was never given is found")
    func termNeverGiven() {
        var scheduler = running()
        scheduler.jobs[a]?.terms = 0
        #expect(scheduler.validate() == ["run:a holds term 1, never given"])
    }

    @Test("a job lost more often than the limit is found")
    func overLimit() {
        var scheduler = running()
        scheduler.jobs[a]?.losses = 3
        #expect(scheduler.validate() == ["run:a was lost too often and is still here"])
    }
}

import Testing
import Vocabulary

@testable import Scheduling

@Suite("The check of the invariants", .timeLimit(.minutes(5)))
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
        scheduler.workers[north]?.remove(a, Needs())
        #expect(
            scheduler.validate() == [
                "run:a is leased to north-1, which does not count it", "north-1 is in the wrong set of free workers",
            ])
    }

    @Test("a worker that counts a job it does not hold is found")
    func overcounted() {
        var scheduler = running()
        scheduler.workers[north]?.add(b, Needs())
        #expect(scheduler.validate() == ["north-1 counts run:b, which it does not hold"])
    }

    @Test("a waiting job outside the queue is found")
    func outsideQueue() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .submitted(a))
        rehearsal.scheduler.runs[RunID("run")]?.waiting = [:]
        #expect(rehearsal.scheduler.validate() == ["run:a waits but is not in the queue"])
    }

    @Test("a run that counts what it does not run is found")
    func overcountedRun() {
        var scheduler = running()
        scheduler.runs[RunID("run")]?.running = 2
        #expect(scheduler.validate() == ["run runs 1 jobs and counts 2"])
    }

    @Test("a worker kept free for nobody is found")
    func keptForNobody() {
        var scheduler = running()
        scheduler.workers[north]?.reservation = Scheduler.JobClass(run: RunID("run"), needs: Needs(gpus: 1))
        #expect(scheduler.validate() == ["north-1 is kept free for nobody"])
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

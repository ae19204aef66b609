import Scheduling
import Testing
import Vocabulary

@Suite("What the simulation would find", .timeLimit(.minutes(5)))
struct PlantedDefectTests {
    @Test("a planted defect is found within a few storms", arguments: PlantedDefect.allCases)
    func found(defect: PlantedDefect) async {
        for seed in 1...100 {
            await Task.yield()
            var cluster = Cluster(seed: UInt64(seed), defect: defect)
            cluster.run()
            if cluster.complaints.contains(where: { $0.contains(defect.complaint) }) { return }
        }
        Issue.record("not found")
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

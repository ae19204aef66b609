import Testing
import Vocabulary

@testable import Placement

@Suite("How many workers a fleet has", .timeLimit(.minutes(5)))
struct FleetPlanTests {
    private var plan: FleetPlan

    init() { plan = Self.plan() }

    private static func plan(minimum: Int = 0, maximum: Int = 8, slots: Int = 1) -> FleetPlan {
        FleetPlan(
            bounds: FleetBounds(minimum: minimum, maximum: maximum, slots: slots, idleTime: .seconds(60)),
            job: SlurmOptions.job)
    }

    private func at(_ seconds: Int) -> Instant { Instant(.seconds(seconds)) }

    private func jobs(_ states: [PlacedJob.State], from first: Int = 1, ran: Int = 100) -> [PlacedJob] {
        states.enumerated().map { PlacedJob(id: first + $0.offset, state: $0.element, ran: .seconds(ran)) }
    }

    @Test("nothing is placed while nothing is to do")
    mutating func nothingToDo() {
        #expect(plan.decide(FleetLoad(), [], at: at(0)) == FleetDecision())
    }

    @Test("as many workers are added as the waiting jobs can fill, and no more than allowed")
    mutating func fills() {
        #expect(plan.decide(FleetLoad(queued: 3), [], at: at(0)).additions == 3)
        #expect(plan.decide(FleetLoad(queued: 30), [], at: at(1)).additions == 8)
        var wide = Self.plan(slots: 4)
        #expect(wide.decide(FleetLoad(queued: 9), [], at: at(0)).additions == 3)
        var kept = Self.plan(minimum: 2)
        #expect(kept.decide(FleetLoad(), [], at: at(0)).additions == 2)
    }

    @Test("jobs of the cluster's that wait or run count, those that end do not")
    mutating func countsWhatIsThere() {
        let there = jobs([.waiting, .running, .ending, .ended(failed: false)])
        let load = FleetLoad(queued: 3, held: [SlurmOptions.worker(of: 2): 1])
        #expect(plan.decide(load, there, at: at(0)).additions == 2)
    }

    @Test("what other workers run does not fill this fleet's slots")
    mutating func others() {
        let load = FleetLoad(queued: 1, held: ["by-hand".asWorker: 5])
        #expect(plan.decide(load, [], at: at(0)).additions == 1)
    }

    @Test("workers stay over a pause of the search and go when it lasts, those that wait first")
    mutating func shrinks() {
        let there = jobs([.running, .running, .waiting])
        _ = plan.decide(FleetLoad(queued: 3), there, at: at(0))
        #expect(plan.decide(FleetLoad(), there, at: at(59)) == FleetDecision())
        let decision = plan.decide(FleetLoad(), there, at: at(61))
        #expect(decision.withdrawals == [3] && decision.dismissals == [2, 1] && decision.additions == 0)
        #expect(plan.decide(FleetLoad(), there, at: at(62)) == FleetDecision(), "nobody is told twice")
    }

    @Test("a worker that holds a job is never asked to end")
    mutating func sparesTheBusy() {
        let there = jobs([.running, .running, .running])
        let load = FleetLoad(held: [SlurmOptions.worker(of: 3): 1])
        _ = plan.decide(load, there, at: at(0))
        #expect(plan.decide(load, there, at: at(61)).dismissals == [2, 1])
    }

    @Test("a worker whose key gave it a longer name is known by its job's number all the same")
    mutating func keyed() {
        #expect(SlurmOptions.job(of: "workers-slurm-3".asWorker) == 3 && SlurmOptions.job(of: "slurm-3".asWorker) == 3)
        for other in ["slurm-", "slurm-3-b", "3", "gpu-3", "slurm"] {
            #expect(SlurmOptions.job(of: other.asWorker) == nil, "\(other)")
        }
        let there = jobs([.running, .running, .running])
        let load = FleetLoad(held: ["workers-slurm-3".asWorker: 1])
        _ = plan.decide(load, there, at: at(0))
        #expect(plan.decide(load, there, at: at(61)).dismissals == [2, 1])
    }

    @Test("a restarted fleet ends nobody before it has looked on for a while")
    mutating func restarted() {
        let there = jobs([.running, .running])
        #expect(plan.decide(FleetLoad(), there, at: at(1_000)) == FleetDecision())
        #expect(plan.decide(FleetLoad(), there, at: at(1_060)).dismissals == [2, 1])
    }

    @Test("a job that began before it could be taken back is asked to end as a worker")
    mutating func beganMeanwhile() {
        _ = plan.decide(FleetLoad(), jobs([.waiting]), at: at(0))
        #expect(plan.decide(FleetLoad(), jobs([.waiting]), at: at(60)).withdrawals == [1])
        #expect(plan.decide(FleetLoad(), jobs([.running]), at: at(65)).dismissals == [1])
    }

    @Test("a worker that was asked to end and is there a minute later is asked again")
    mutating func asksAgain() {
        let there = jobs([.running])
        _ = plan.decide(FleetLoad(), there, at: at(0))
        #expect(plan.decide(FleetLoad(), there, at: at(60)).dismissals == [1])
        #expect(plan.decide(FleetLoad(), there, at: at(119)) == FleetDecision())
        #expect(plan.decide(FleetLoad(), there, at: at(120)).dismissals == [1])
    }

    @Test("workers that were told to end are replaced when work comes back")
    mutating func comesBack() {
        let there = jobs([.running])
        _ = plan.decide(FleetLoad(), there, at: at(0))
        #expect(plan.decide(FleetLoad(), there, at: at(60)).dismissals == [1])
        #expect(plan.decide(FleetLoad(queued: 1), there, at: at(61)).additions == 1)
    }

    @Test("workers that fail at once make a pause that doubles, and one that works ends it")
    mutating func failures() {
        let load = FleetLoad(queued: 2)
        let first = plan.decide(load, jobs([.ended(failed: true)], ran: 1), at: at(0))
        #expect(first.additions == 0 && first.remark?.contains("in 10 s") == true)
        #expect(plan.decide(load, jobs([.ended(failed: true)], ran: 1), at: at(9)).additions == 0)
        #expect(plan.decide(load, jobs([.ended(failed: true)], ran: 1), at: at(10)).additions == 2)
        let second = plan.decide(load, jobs([.ended(failed: true), .ended(failed: true)], ran: 1), at: at(11))
        #expect(second.remark?.contains("in 20 s") == true)
        let working = plan.decide(load, jobs([.running], from: 3), at: at(12))
        #expect(working.additions == 1 && working.remark == nil)
    }

    @Test("a worker that failed after it had worked is simply replaced")
    mutating func lateFailure() {
        let decision = plan.decide(FleetLoad(queued: 1), jobs([.ended(failed: true)], ran: 61), at: at(0))
        #expect(decision.additions == 1 && decision.remark == nil)
    }
}

extension String {
    fileprivate var asWorker: WorkerID { WorkerID(self) }
}

import HeapModule
import Vocabulary

extension Scheduler {
    /// Checks every invariant; called after each event in tests.
    ///
    /// - Returns: the broken ones in words; empty when all hold.
    public func validate() -> [String] {
        var broken: [String] = []
        for (job, state) in jobs {
            if (state.lease != nil) != leased.contains(job) { broken.append("\(job) is in the wrong set of leases") }
            if state.ticket.job != job { broken.append("\(job) is filed under another job's ticket") }
            if state.losses >= policy.attemptLimit { broken.append("\(job) was lost too often and is still here") }
            guard let lease = state.lease else { continue }
            if lease.term.rawValue > state.terms { broken.append("\(job) holds term \(lease.term), never given") }
            let held = workers[lease.incarnation]?.running ?? absent[lease.incarnation]
            if held?.contains(job) != true {
                broken.append("\(job) is leased to \(lease.incarnation), which does not count it")
            }
        }
        for job in leased.sorted() where jobs[job] == nil {
            broken.append("\(job) is in the set of leases and unknown")
        }
        return broken + brokenQueues() + brokenWorkers()
    }

    private func brokenQueues() -> [String] {
        var broken: [String] = []
        var (queued, running) = (Set<JobID>(), [RunID: Int]())
        for state in runs.values { for queue in state.waiting.values { queued.formUnion(queue.unordered.map(\.job)) } }
        for (job, state) in jobs {
            if state.phase == .queued, !queued.contains(job) { broken.append("\(job) waits but is not in the queue") }
            if state.lease != nil { running[state.run, default: 0] += 1 }
        }
        for (run, state) in runs where state.running != running[run] ?? 0 {
            broken.append("\(run) runs \(running[run] ?? 0) jobs and counts \(state.running)")
        }
        return broken
    }

    private func brokenWorkers() -> [String] {
        var broken: [String] = []
        for (incarnation, worker) in workers {
            for job in worker.running where jobs[job]?.lease?.incarnation != incarnation {
                broken.append("\(incarnation) counts \(job), which it does not hold")
            }
            if (worker.freeSlots > 0) != free.contains(incarnation) {
                broken.append("\(incarnation) is in the wrong set of free workers")
            }
            if let kept = worker.reservation, runs[kept.run]?.reserved[kept.needs] != incarnation {
                broken.append("\(incarnation) is kept free for nobody")
            }
            if let kept = worker.reservation, paused.contains(kept.run) {
                broken.append("\(incarnation) is kept free for a paused run")
            }
        }
        for (incarnation, held) in absent {
            for job in held where jobs[job]?.lease?.incarnation != incarnation {
                broken.append("\(incarnation), which is absent, counts \(job), which it does not hold")
            }
        }
        return broken
    }
}

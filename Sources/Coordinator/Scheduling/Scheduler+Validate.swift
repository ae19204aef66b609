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
            if let worker = workers[lease.incarnation], !worker.running.contains(job) {
                broken.append("\(job) is leased to \(lease.incarnation), which does not count it")
            }
        }
        for job in leased.sorted() where jobs[job] == nil {
            broken.append("\(job) is in the set of leases and unknown")
        }
        let queued = Set(queue.unordered.map(\.job))
        for (job, state) in jobs where state.phase == .queued && !queued.contains(job) {
            broken.append("\(job) waits but is not in the queue")
        }
        for (incarnation, worker) in workers {
            for job in worker.running where jobs[job]?.lease?.incarnation != incarnation {
                broken.append("\(incarnation) counts \(job), which it does not hold")
            }
        }
        return broken
    }
}

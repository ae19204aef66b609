import HeapModule
import Vocabulary

extension Scheduler {
    mutating func submit(_ ticket: Ticket) -> [Effect] {
        guard jobs[ticket.job] == nil else { return [.ignore(.jobKnown)] }
        var job = JobState(ticket: ticket, order: nextOrder, terms: ticket.earlierTerms)
        nextOrder += 1
        job.story.append("submitted")
        jobs[ticket.job] = job
        queue.insert(Place(priority: ticket.priority, order: job.order, job: ticket.job))
        return []
    }

    mutating func withdraw(_ job: JobID) -> [Effect] {
        guard let state = jobs[job] else { return [.ignore(.jobUnknown)] }
        forget(job)
        guard let lease = state.lease else { return [] }
        workers[lease.incarnation]?.running.remove(job)
        return [.revoke(lease.incarnation, Attempt(job: job, term: lease.term))]
    }

    /// The first valid outcome of any term settles an unfinished job; afterwards outcomes are late.
    mutating func take(
        _ attempt: Attempt, from incarnation: Incarnation, isAnswer: Bool, countsAsAttempt: Bool
    ) -> [Effect] {
        guard let state = jobs[attempt.job] else {
            workers[incarnation]?.running.remove(attempt.job)
            return [.recordLate(incarnation, attempt), .acknowledge(incarnation, attempt)]
        }
        let holdsLease = state.lease?.incarnation == incarnation && state.lease?.term == attempt.term
        guard isAnswer else {
            // Race: an interrupted attempt whose job was given elsewhere meanwhile must not end the newer attempt.
            guard holdsLease else { return [.recordLate(incarnation, attempt), .acknowledge(incarnation, attempt)] }
            let requeued = lose(attempt, countsAsAttempt ? .unavailable : .interrupted, counts: countsAsAttempt)
            return [.recordLate(incarnation, attempt), .acknowledge(incarnation, attempt)] + requeued
        }
        forget(attempt.job)
        workers[incarnation]?.running.remove(attempt.job)
        var effects: [Effect] = [.settle(incarnation, attempt), .acknowledge(incarnation, attempt)]
        guard let lease = state.lease else { return effects }
        workers[lease.incarnation]?.running.remove(attempt.job)
        // An equal term is this very attempt, handed in by the next process of the worker that held the lease.
        if lease.term != attempt.term {
            // The job was given to another worker while this one was out of sight: one attempt is enough.
            let other = Attempt(job: attempt.job, term: lease.term)
            effects += [.attemptLost(other, .interrupted), .revoke(lease.incarnation, other)]
        }
        return effects
    }

    mutating func expire(at now: Instant) -> [Effect] {
        let due = leased.compactMap { jobs[$0] }.filter { $0.lease.map { $0.expiresAt <= now } ?? false }
            .sorted { $0.order < $1.order }
        defer { forgetSilentWorkers(at: now) }
        guard !due.isEmpty else { return [.ignore(.nothingDue)] }
        var effects: [Effect] = []
        for job in due {
            guard let lease = job.lease else { continue }
            effects += lose(Attempt(job: job.ticket.job, term: lease.term), .leaseExpired, counts: true)
        }
        return effects
    }

    /// Ends an attempt that has no outcome: its job is queued again in its old place, or given up at the limit.
    mutating func lose(_ attempt: Attempt, _ reason: LossReason, counts: Bool) -> [Effect] {
        guard var state = jobs[attempt.job], let lease = state.lease, lease.term == attempt.term else { return [] }
        workers[lease.incarnation]?.running.remove(attempt.job)
        state.phase = .queued
        state.losses += counts ? 1 : 0
        state.story.append("term \(attempt.term) at \(lease.incarnation): \(reason.rawValue)")
        if state.losses >= policy.attemptLimit {
            forget(attempt.job)
            return [.attemptLost(attempt, reason), .abandon(attempt.job, story: state.story)]
        }
        jobs[attempt.job] = state
        leased.remove(attempt.job)
        queue.insert(Place(priority: state.ticket.priority, order: state.order, job: attempt.job))
        return [.attemptLost(attempt, reason)]
    }

    private mutating func forget(_ job: JobID) {
        jobs[job] = nil
        leased.remove(job)
    }
}

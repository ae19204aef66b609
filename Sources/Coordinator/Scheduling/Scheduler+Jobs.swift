import Vocabulary

extension Scheduler {
    mutating func submit(_ ticket: Ticket) -> [Effect] {
        guard jobs[ticket.job] == nil else { return [.ignore(.jobKnown)] }
        let job = JobState(
            ticket: ticket, run: ticket.job.run, order: nextOrder, terms: ticket.earlierTerms, story: [.submitted])
        nextOrder += 1
        jobs[ticket.job] = job
        enqueue(job)
        return []
    }

    mutating func withdraw(_ job: JobID) -> [Effect] {
        guard let lease = jobs[job].map(\.lease) else { return [.ignore(.jobUnknown)] }
        forget(job)
        // A worker may have been kept free for it.
        hasNews = true
        guard let lease else { return [] }
        return [.revoke(lease.incarnation, Attempt(job: job, term: lease.term))]
    }

    /// The first valid outcome of any term settles an unfinished job; afterwards outcomes are late.
    mutating func take(
        _ attempt: Attempt, from incarnation: Incarnation, isAnswer: Bool, countsAsAttempt: Bool
    ) -> [Effect] {
        guard let lease = jobs[attempt.job].map(\.lease) else {
            return [.recordLate(incarnation, attempt), .acknowledge(incarnation, attempt)]
        }
        let holdsLease = lease?.incarnation == incarnation && lease?.term == attempt.term
        guard isAnswer else {
            // Race: an interrupted attempt whose job was given elsewhere meanwhile must not end the newer attempt.
            guard holdsLease else { return [.recordLate(incarnation, attempt), .acknowledge(incarnation, attempt)] }
            let requeued = lose(attempt, countsAsAttempt ? .unavailable : .interrupted)
            return [.recordLate(incarnation, attempt), .acknowledge(incarnation, attempt)] + requeued
        }
        forget(attempt.job)
        var effects: [Effect] = [.settle(incarnation, attempt), .acknowledge(incarnation, attempt)]
        guard let lease else { return effects }
        // An equal term is this very attempt, handed in by the next process of the worker that held the lease.
        if lease.term != attempt.term {
            // The job was given to another worker while this one was out of sight: one attempt is enough.
            let other = Attempt(job: attempt.job, term: lease.term)
            effects += [.attemptLost(other, .interrupted), .revoke(lease.incarnation, other)]
        }
        return effects
    }

    mutating func expire(at now: Instant) -> [Effect] {
        defer { forgetSilentWorkers(at: now) }
        guard let firstExpiry, firstExpiry <= now else { return [.ignore(.nothingDue)] }
        let leases = leased.compactMap { jobs[$0] }
        let due = leases.filter { $0.lease.map { $0.expiresAt <= now } ?? false }.sorted { $0.order < $1.order }
        self.firstExpiry = leases.compactMap { $0.lease?.expiresAt }.filter { $0 > now }.min()
        guard !due.isEmpty else { return [.ignore(.nothingDue)] }
        var effects: [Effect] = []
        for job in due {
            guard let lease = job.lease else { continue }
            effects += lose(Attempt(job: job.ticket.job, term: lease.term), .leaseExpired)
        }
        return effects
    }

    /// Ends an attempt that has no outcome: its job is queued again in its old place, or given up at the limit.
    mutating func lose(_ attempt: Attempt, _ reason: LossReason) -> [Effect] {
        guard let lease = jobs[attempt.job]?.lease, lease.term == attempt.term else { return [] }
        vacate(attempt.job, at: lease.incarnation)
        leased.remove(attempt.job)
        jobs[attempt.job]?.phase = .queued
        jobs[attempt.job]?.interruptions += reason == .interrupted ? 1 : 0
        let isTooOften = jobs[attempt.job].map { $0.interruptions > policy.interruptionLimit } ?? false
        let reason = reason == .interrupted && isTooOften ? .interruptedTooOften : reason
        jobs[attempt.job]?.losses += reason.counts ? 1 : 0
        jobs[attempt.job]?.story.append(.lost(attempt.term, lease.incarnation, reason))
        guard let job = jobs[attempt.job] else { return [] }
        if job.losses >= policy.attemptLimit {
            forget(attempt.job)
            return [.attemptLost(attempt, reason), .abandon(attempt.job, story: job.story.map(\.words))]
        }
        enqueue(job)
        return [.attemptLost(attempt, reason)]
    }

    mutating func pause(_ run: RunID) -> [Effect] {
        paused.insert(run)
        // No worker is kept free for what may not start.
        for needs in runs[run].map({ Array($0.reserved.keys) }) ?? [] {
            endReservation(of: JobClass(run: run, needs: needs))
        }
        return []
    }

    mutating func resume(_ run: RunID) -> [Effect] {
        if paused.remove(run) != nil { hasNews = true }
        return []
    }

    private mutating func forget(_ job: JobID) {
        if let lease = jobs[job]?.lease { vacate(job, at: lease.incarnation) }
        jobs[job] = nil
        leased.remove(job)
    }
}

import Vocabulary

extension Scheduler {
    mutating func join(_ hello: WorkerHello, at now: Instant) -> [Effect] {
        guard hello.slots > 0 else { return [.ignore(.slotsInvalid)] }
        var effects: [Effect] = [.welcome(hello.incarnation)]
        // A place holds one process at a time: an earlier incarnation of it is gone.
        let earlier = workers.filter { $0.value.worker == hello.worker && $0.key != hello.incarnation }.map(\.key)
        for incarnation in earlier.sorted() { effects += depart(incarnation, sparing: Set(hello.held)) }
        let known = workers[hello.incarnation]
        let running = Set(leased(to: hello.incarnation).map(\.job))
        workers[hello.incarnation] = WorkerState(
            worker: hello.worker, slots: hello.slots, running: running, isDraining: known?.isDraining ?? false,
            lastHeard: now)
        effects += reconcile(hello.incarnation, held: hello.held, isNew: known == nil, at: now)
        return effects
    }

    mutating func hear(_ incarnation: Incarnation, held: [Attempt], at now: Instant) -> [Effect] {
        guard workers[incarnation] != nil else { return [.askForHello(incarnation)] }
        workers[incarnation]?.lastHeard = now
        return reconcile(incarnation, held: held, isNew: false, at: now)
    }

    mutating func drain(_ incarnation: Incarnation) -> [Effect] {
        guard workers[incarnation] != nil else { return [.ignore(.workerUnknown)] }
        workers[incarnation]?.isDraining = true
        return []
    }

    /// Ends what a process held, except for the attempts its successor goes on with.
    mutating func depart(_ incarnation: Incarnation, sparing spared: Set<Attempt> = []) -> [Effect] {
        // A recovered lease may name a process that never said hello to this coordinator.
        let isKnown = workers.removeValue(forKey: incarnation) != nil
        let lost = leased(to: incarnation)
        guard isKnown || !lost.isEmpty else { return [.ignore(.workerUnknown)] }
        return lost.filter { !spared.contains($0) }.flatMap { lose($0, .workerDeparted, counts: true) }
    }

    /// Brings our picture of a worker and its own together: what it holds keeps its lease or is taken up again, what
    /// counts nowhere any more is revoked, what it ought to hold and does not is lost.
    private mutating func reconcile(
        _ incarnation: Incarnation, held: [Attempt], isNew: Bool, at now: Instant
    ) -> [Effect] {
        var effects: [Effect] = []
        for attempt in held {
            guard let state = jobs[attempt.job] else {
                // Settled or withdrawn. Its outcome, if it has one, will be acknowledged as late.
                effects.append(.revoke(incarnation, attempt))
                continue
            }
            switch state.phase {
            case .leased(let lease) where lease.incarnation == incarnation && lease.term == attempt.term:
                renew(attempt.job, until: now + policy.leaseLength)
            case .leased(let lease) where lease.term == attempt.term:
                // The process that held it is gone; this one, of the same worker, found its outcome.
                workers[lease.incarnation]?.running.remove(attempt.job)
                adopt(attempt, by: incarnation, at: now)
                effects.append(.attemptAdopted(incarnation, attempt))
            case .leased:
                // Given to another worker while this one was out of sight; the outcome of either will do.
                effects.append(.revoke(incarnation, attempt))
                continue
            case .queued:
                adopt(attempt, by: incarnation, at: now)
                effects.append(.attemptAdopted(incarnation, attempt))
            }
            workers[incarnation]?.running.insert(attempt.job)
        }
        let holds = Set(held)
        for attempt in leased(to: incarnation) where !holds.contains(attempt) {
            guard let lease = jobs[attempt.job]?.lease else { continue }
            // Race: a heartbeat, or a hello said again, that was sent before an assignment arrived does not name the job
            // yet. The first hello of a process lacks only what it will never have.
            guard isNew || now - lease.givenAt >= policy.assignmentGrace else { continue }
            effects += lose(attempt, .notHeld, counts: true)
        }
        return effects
    }

    private mutating func renew(_ job: JobID, until expiry: Instant) {
        guard var state = jobs[job], var lease = state.lease else { return }
        lease.expiresAt = expiry
        state.phase = .leased(lease)
        jobs[job] = state
    }

    private mutating func adopt(_ attempt: Attempt, by incarnation: Incarnation, at now: Instant) {
        guard var state = jobs[attempt.job] else { return }
        let expiry = now + policy.leaseLength
        state.phase = .leased(
            Lease(incarnation: incarnation, term: attempt.term, expiresAt: expiry, givenAt: now))
        state.terms = max(state.terms, attempt.term.rawValue)
        leased.insert(attempt.job)
        state.story.append("term \(attempt.term) taken up again by \(incarnation)")
        jobs[attempt.job] = state
    }

    private func leased(to incarnation: Incarnation) -> [Attempt] {
        leased.compactMap { jobs[$0] }.filter { $0.lease?.incarnation == incarnation }.sorted { $0.order < $1.order }
            .compactMap { job in job.lease.map { Attempt(job: job.ticket.job, term: $0.term) } }
    }

    /// Forgets workers that hold nothing and have been silent for a lease: their slots must not attract jobs.
    mutating func forgetSilentWorkers(at now: Instant) {
        workers = workers.filter { now - $0.value.lastHeard < policy.leaseLength || !$0.value.running.isEmpty }
    }
}

import Vocabulary

extension Scheduler {
    mutating func join(_ hello: WorkerHello, at now: Instant) -> [Effect] {
        guard hello.resources.slots > 0 else { return [.ignore(.slotsInvalid)] }
        var effects: [Effect] = [.welcome(hello.incarnation)]
        // A place holds one process at a time: an earlier incarnation of it is gone.
        let earlier = workers.filter { $0.value.worker == hello.worker && $0.key != hello.incarnation }.map(\.key)
        for incarnation in earlier.sorted() {
            effects += depart(incarnation, .workerDeparted, sparing: Set(hello.held))
        }
        let known = workers[hello.incarnation]
        admit(hello, isDraining: known?.isDraining ?? false, at: now)
        effects += reconcile(hello.incarnation, held: hello.held, isNew: known == nil, at: now)
        return effects
    }

    /// Writes down what a worker said of itself, and that it goes on with what it is known to hold.
    private mutating func admit(_ hello: WorkerHello, isDraining: Bool, at now: Instant) {
        let running = workers[hello.incarnation]?.running ?? absent.removeValue(forKey: hello.incarnation) ?? []
        if let kept = workers[hello.incarnation]?.reservation { endReservation(of: kept) }
        var state = WorkerState(worker: hello.worker, resources: hello.resources, lastHeard: now)
        state.isDraining = isDraining
        state.data = hello.data
        for job in running { if let needs = jobs[job]?.ticket.needs { state.add(job, needs) } }
        workers[hello.incarnation] = state
        refresh(hello.incarnation)
        hasNews = true
    }

    mutating func hear(_ incarnation: Incarnation, held: [Attempt], at now: Instant) -> [Effect] {
        guard let lastHeard = workers[incarnation]?.lastHeard else { return [.askForHello(incarnation)] }
        if now - lastHeard >= policy.leaseLength { hasNews = true }
        workers[incarnation]?.lastHeard = now
        return reconcile(incarnation, held: held, isNew: false, at: now)
    }

    mutating func drain(_ incarnation: Incarnation) -> [Effect] {
        guard workers[incarnation] != nil else { return [.ignore(.workerUnknown)] }
        workers[incarnation]?.isDraining = true
        refresh(incarnation)
        // What is kept free here must be kept free elsewhere.
        hasNews = true
        return []
    }

    mutating func note(_ data: Set<ContentHash>, at incarnation: Incarnation) -> [Effect] {
        guard workers[incarnation] != nil else { return [.askForHello(incarnation)] }
        workers[incarnation]?.data = data
        return []
    }

    /// Ends what a process held, except for the attempts its successor goes on with.
    mutating func depart(
        _ incarnation: Incarnation, _ reason: LossReason, sparing spared: Set<Attempt> = []
    ) -> [Effect] {
        // A recovered lease may name a process that never said hello to this coordinator.
        let lost = held(by: incarnation)
        guard workers[incarnation] != nil || !lost.isEmpty else { return [.ignore(.workerUnknown)] }
        remove(incarnation)
        return lost.filter { !spared.contains($0) }.flatMap { lose($0, reason) }
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
                adopt(attempt, by: incarnation, at: now)
                effects.append(.attemptAdopted(incarnation, attempt))
            case .leased:
                // Given to another worker while this one was out of sight; the outcome of either will do.
                effects.append(.revoke(incarnation, attempt))
            // A term that was never given is no attempt of ours, and would leave no number for the next one.
            case .queued where attempt.term.rawValue > state.terms: effects.append(.revoke(incarnation, attempt))
            case .queued:
                adopt(attempt, by: incarnation, at: now)
                effects.append(.attemptAdopted(incarnation, attempt))
            }
        }
        let holds = Set(held)
        for attempt in self.held(by: incarnation) where !holds.contains(attempt) {
            guard let lease = jobs[attempt.job]?.lease else { continue }
            // Race: a heartbeat, or a hello said again, that was sent before an assignment arrived does not name the job
            // yet. The first hello of a process lacks only what it will never have.
            guard isNew || now - lease.givenAt >= policy.assignmentGrace else { continue }
            effects += lose(attempt, .notHeld)
        }
        return effects
    }

    private mutating func renew(_ job: JobID, until expiry: Instant) {
        guard var lease = jobs[job]?.lease else { return }
        lease.expiresAt = expiry
        jobs[job]?.phase = .leased(lease)
    }

    private mutating func adopt(_ attempt: Attempt, by incarnation: Incarnation, at now: Instant) {
        lease(attempt.job, to: incarnation, term: attempt.term, at: now)
        jobs[attempt.job]?.story.append(.takenUp(attempt.term, incarnation))
    }

    /// Forgets a process; what it still holds waits for it, or for whoever goes on with it.
    private mutating func remove(_ incarnation: Incarnation) {
        guard let worker = workers[incarnation] else { return }
        if let kept = worker.reservation { endReservation(of: kept) }
        workers[incarnation] = nil
        free.remove(incarnation)
        if !worker.running.isEmpty { absent[incarnation] = worker.running }
        hasNews = true
    }

    /// Forgets workers that hold nothing and have been silent for a lease: their slots must not attract jobs.
    mutating func forgetSilentWorkers(at now: Instant) {
        for (incarnation, worker) in workers
        where now - worker.lastHeard >= policy.leaseLength && worker.running.isEmpty { remove(incarnation) }
    }
}

import HeapModule
public import Vocabulary

extension Scheduler {
    typealias Queue = Heap<Place>

    mutating func enqueue(_ job: JobState) {
        runs[job.run, default: RunState()].waiting[job.ticket.needs, default: Queue()].insert(
            Place(priority: job.ticket.priority, order: job.order, job: job.ticket.job))
        hasNews = true
    }

    /// Gives waiting jobs to workers they fit on: the run that runs least goes first, within a run the job that is first
    /// in its queue. A job that fits nowhere now has a worker kept free for it, so that smaller ones do not pass it for
    /// ever; others may use that worker as long as they leave what the job needs.
    mutating func assignWaiting(at now: Instant, _ effects: inout [Effect]) {
        // What was kept free for a job that found its place elsewhere is free for those that were passed over.
        while hasNews, !free.isEmpty {
            hasNews = false
            assignOnce(at: now, &effects)
        }
    }

    private mutating func assignOnce(at now: Instant, _ effects: inout [Effect]) {
        var blocked: Set<JobClass> = []
        while !free.isEmpty, let (wanted, job) = next(except: blocked) {
            if let incarnation = bestWorker(for: job, of: wanted, at: now) {
                _ = runs[wanted.run]?.waiting[wanted.needs]?.popMin()
                endReservation(of: wanted)
                effects.append(assign(job, to: incarnation, at: now))
            } else {
                blocked.insert(wanted)
                // A backup waits for what is idle.
                if job.original == nil { reserve(for: wanted, at: now) }
            }
        }
    }

    /// The first job of the run that runs least, looking only at classes that are not known to fit nowhere.
    private mutating func next(except blocked: Set<JobClass>) -> (JobClass, JobID)? {
        var best: (running: Int, place: Place, jobClass: JobClass)?
        var stale: [JobClass] = []
        for (run, state) in runs where !paused.contains(run) {
            for (needs, queue) in state.waiting {
                guard let place = queue.min, isWaiting(place) else {
                    stale.append(JobClass(run: run, needs: needs))
                    continue
                }
                if let best, (best.running, best.place) < (state.running, place) { continue }
                let jobClass = JobClass(run: run, needs: needs)
                if blocked.isEmpty || !blocked.contains(jobClass) { best = (state.running, place, jobClass) }
            }
        }
        guard stale.isEmpty else {
            for jobClass in stale { clear(jobClass) }
            return next(except: blocked)
        }
        return best.map { ($0.jobClass, $0.place.job) }
    }

    private func isWaiting(_ place: Place) -> Bool {
        guard let job = jobs[place.job] else { return false }
        return job.order == place.order && job.phase == .queued
    }

    /// Drops the stale places at the head of a queue; an empty queue is forgotten.
    private mutating func clear(_ wanted: JobClass) {
        while let place = runs[wanted.run]?.waiting[wanted.needs]?.min {
            guard !isWaiting(place) else { return }
            _ = runs[wanted.run]?.waiting[wanted.needs]?.popMin()
        }
        endReservation(of: wanted)
        runs[wanted.run]?.waiting[wanted.needs] = nil
        tidy(wanted.run)
    }

    /// Where a job goes: a worker that has its data; one without graphics processors when it asks for none; the one with
    /// most free slots; ties to the lower name. A backup never goes where the job runs that it backs up.
    private func bestWorker(for job: JobID, of wanted: JobClass, at now: Instant) -> Incarnation? {
        let data = jobs[job]?.ticket.data
        let slow = job.original.flatMap { jobs[$0]?.lease?.incarnation }
        var best: (lacksData: Int, wastes: Int, taken: Int, name: Incarnation)?
        for name in free where name != slow {
            guard let worker = workers[name], isHeard(worker, at: now), worker.fits(wanted) else { continue }
            let lacksData = data.map(worker.data.contains) == true ? 0 : 1
            let wastes = wanted.needs.gpus == 0 && !worker.resources.gpus.isEmpty ? 1 : 0
            let rank = (lacksData, wastes, -worker.freeSlots, name)
            if let best, best < rank { continue }
            best = rank
        }
        return best?.name
    }

    /// A worker that was silent for a lease may be gone: what it still holds waits for it, but nothing is added.
    private func isHeard(_ worker: WorkerState, at now: Instant) -> Bool {
        now - worker.lastHeard < policy.leaseLength
    }

    private mutating func assign(_ job: JobID, to incarnation: Incarnation, at now: Instant) -> Effect {
        let term = LeaseTerm(rawValue: (jobs[job]?.terms ?? 0) + 1)
        jobs[job]?.story.append(.given(term, incarnation))
        lease(job, to: incarnation, term: term, at: now)
        return .assign(incarnation, Attempt(job: job, term: term))
    }

    // MARK: Reservations

    /// Keeps a worker free for a class's first job: one that could run it and comes closest to it now.
    private mutating func reserve(for wanted: JobClass, at now: Instant) {
        if let name = runs[wanted.run]?.reserved[wanted.needs], let worker = workers[name], !worker.isDraining,
            isHeard(worker, at: now)
        {
            return
        }
        endReservation(of: wanted)
        let able = workers.filter { _, worker in
            !worker.isDraining && worker.reservation == nil && isHeard(worker, at: now)
                && worker.resources.lacking(of: wanted.needs).isEmpty
        }
        // Processors count for those who want them; others do better where there are none to be kept idle.
        let wantsProcessors = wanted.needs.gpus > 0
        let closest = able.max { left, right in
            let ranks = [left, right].map { name, worker in
                (
                    wantsProcessors ? worker.freeProcessors : -worker.resources.gpus.count, worker.freeCores,
                    worker.freeSlots
                )
            }
            return ranks[0] == ranks[1] ? right.key < left.key : ranks[0] < ranks[1]
        }
        guard let name = closest?.key else { return }
        workers[name]?.reservation = wanted
        runs[wanted.run]?.reserved[wanted.needs] = name
    }

    /// Ends what is kept free for a class: its job has its place, or nobody wants one any more.
    mutating func endReservation(of wanted: JobClass) {
        guard let name = runs[wanted.run]?.reserved.removeValue(forKey: wanted.needs) else { return }
        workers[name]?.reservation = nil
        hasNews = true
    }
}

extension Scheduler.WorkerState {
    /// Graphics processors that no job uses.
    var freeProcessors: Int { resources.gpus.count - gpuJobs.values.reduce(0) { $0 + $1.gpus } }
}

/// Jobs that cannot start on any worker that is there, whatever ends.
public struct Obstacle: Hashable, Sendable {
    /// Whose they are.
    public let run: RunID
    /// How many there are.
    public let jobs: Int
    /// What they ask for and what is missing, in words.
    public let reason: String
}

extension Scheduler {
    /// What waits in vain for the workers that are there, by run.
    public func obstacles() -> [Obstacle] {
        // A paused run waits for whoever paused it.
        let going = runs.filter { !paused.contains($0.key) }
        let wanted = Set(going.values.flatMap(\.waiting.keys))
        let reasons = wanted.reduce(into: [Needs: String]()) { $0[$1] = reasonToWait(for: $1) }
        guard !reasons.isEmpty else { return [] }
        var counts: [JobClass: Int] = [:]
        for job in jobs.values where job.phase == .queued && going[job.run] != nil {
            guard reasons[job.ticket.needs] != nil else { continue }
            counts[JobClass(run: job.run, needs: job.ticket.needs), default: 0] += 1
        }
        return counts.map { jobClass, count in
            Obstacle(run: jobClass.run, jobs: count, reason: reasons[jobClass.needs] ?? "")
        }.sorted { ($0.run, $0.reason) < ($1.run, $1.reason) }
    }

    private func reasonToWait(for needs: Needs) -> String? {
        let taking = workers.filter { !$0.value.isDraining }
        let lacking = taking.map { ($0.value.worker, $0.value.resources.lacking(of: needs)) }
        if lacking.contains(where: { $0.1.isEmpty }) { return nil }
        let closest = lacking.min { ($0.1.count, $0.0) < ($1.1.count, $1.0) }
        guard let (worker, missing) = closest else { return "asks for \(needs); no worker is there" }
        return "asks for \(needs); no worker that is there has that: \(worker) comes closest, but "
            + missing.joined(separator: " and ")
    }
}

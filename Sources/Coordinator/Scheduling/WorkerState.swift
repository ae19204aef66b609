import Vocabulary

extension Scheduler {
    /// Jobs of one run that ask for the same.
    struct JobClass: Hashable, Sendable {
        let run: RunID
        let needs: Needs
    }

    /// A worker process that has said hello.
    struct WorkerState: Hashable, Sendable {
        let worker: WorkerID
        let resources: Resources
        var isDraining = false
        var lastHeard: Instant
        /// Manifests of the data it has.
        var data: Set<ContentHash> = []
        private(set) var running: Set<JobID> = []
        /// Cores and memory that the running jobs set aside.
        private(set) var cores = 0
        private(set) var memoryBytes = 0
        /// What those of them ask for that use graphics processors.
        private(set) var gpuJobs: [JobID: Needs] = [:]
        /// The processors these have, by the rule by which the worker gives them out.
        private var devices: [JobID: [GraphicsProcessor]] = [:]
        /// Whose next job this worker is kept free for.
        var reservation: JobClass?

        init(worker: WorkerID, resources: Resources, lastHeard: Instant) {
            self.worker = worker
            self.resources = resources
            self.lastHeard = lastHeard
        }

        var freeCores: Int { resources.cores - cores }

        var freeSlots: Int { isDraining ? 0 : max(0, resources.slots - running.count) }

        mutating func add(_ job: JobID, _ needs: Needs) {
            guard running.insert(job).inserted else { return }
            cores += cores(of: needs)
            memoryBytes += needs.memoryBytes
            if needs.gpus > 0 {
                devices[job] = freeDevices.choice(for: needs) ?? []
                gpuJobs[job] = needs
            }
        }

        mutating func remove(_ job: JobID, _ needs: Needs) {
            guard running.remove(job) != nil else { return }
            cores -= cores(of: needs)
            memoryBytes -= needs.memoryBytes
            if needs.gpus > 0 { (devices[job], gpuJobs[job]) = (nil, nil) }
        }

        /// Whether a job of a class can start beside what runs here and what the place is kept free for.
        func fits(_ wanted: JobClass) -> Bool {
            let kept = reservation == wanted ? nil : reservation?.needs
            let needs = wanted.needs
            guard freeSlots > (kept == nil ? 0 : 1), resources.offers(needs.environment) else { return false }
            let keptCores = kept.map(cores(of:)) ?? 0
            guard cores + keptCores + cores(of: needs) <= resources.cores else { return false }
            guard
                needs.memoryBytes == 0
                    || memoryBytes + (kept?.memoryBytes ?? 0) + needs.memoryBytes
                        <= resources.memoryBytes
            else { return false }
            guard needs.gpus > 0 else { return true }
            // Processors that jobs have are not dealt out anew, even where another deal would make room.
            guard freeDevices.choice(for: needs) != nil else { return false }
            return resources.gpus.suffice(for: Array(gpuJobs.values) + [needs] + (kept.map { [$0] } ?? []))
        }

        private var freeDevices: [GraphicsProcessor] {
            let taken = Set(devices.values.joined())
            return resources.gpus.filter { !taken.contains($0) }
        }

        private func cores(of needs: Needs) -> Int { needs.cores == 0 ? resources.coresPerSlot : needs.cores }
    }

    /// What a run has waiting, and how much of the cluster it uses.
    struct RunState: Sendable {
        /// Its jobs under a lease.
        var running = 0
        /// Its queues by what the jobs in them ask for; places may be stale.
        var waiting: [Needs: Queue] = [:]
        /// Workers kept free for the first job of a queue.
        var reserved: [Needs: Incarnation] = [:]
    }

    /// A place in a queue; stale when its job is no longer queued.
    struct Place: Hashable, Sendable, Comparable {
        let priority: Int
        let order: Int
        let job: JobID

        static func < (left: Place, right: Place) -> Bool {
            (right.priority, left.order) < (left.priority, right.order)
        }
    }

    /// Counts a job where it runs, whether or not the process there has said hello.
    mutating func occupy(_ job: JobID, at incarnation: Incarnation) {
        guard let state = jobs[job] else { return }
        runs[state.run, default: RunState()].running += 1
        guard workers[incarnation] != nil else {
            absent[incarnation, default: []].insert(job)
            return
        }
        workers[incarnation]?.add(job, state.ticket.needs)
        refresh(incarnation)
    }

    /// Gives back what a job uses.
    mutating func vacate(_ job: JobID, at incarnation: Incarnation) {
        guard let state = jobs[job] else { return }
        hasNews = true
        runs[state.run]?.running -= 1
        tidy(state.run)
        guard workers[incarnation] != nil else {
            absent[incarnation]?.remove(job)
            if absent[incarnation]?.isEmpty == true { absent[incarnation] = nil }
            return
        }
        workers[incarnation]?.remove(job, state.ticket.needs)
        refresh(incarnation)
    }

    /// Keeps the set of workers with free slots.
    mutating func refresh(_ incarnation: Incarnation) {
        guard let worker = workers[incarnation], worker.freeSlots > 0 else {
            free.remove(incarnation)
            return
        }
        free.insert(incarnation)
    }

    /// What a process runs or holds, in the order of submission.
    func held(by incarnation: Incarnation) -> [Attempt] {
        (workers[incarnation]?.running ?? absent[incarnation] ?? []).compactMap { jobs[$0] }
            .sorted { $0.order < $1.order }
            .compactMap { job in job.lease.map { Attempt(job: job.ticket.job, term: $0.term) } }
    }

    /// Forgets a run that neither waits nor runs.
    mutating func tidy(_ run: RunID) {
        if let state = runs[run], state.running == 0, state.waiting.isEmpty { runs[run] = nil }
    }
}

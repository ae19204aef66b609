import Foundation
import Scheduling
import Vocabulary

/// A million jobs of one second through the scheduler, on a thousand simulated workers of one slot each: what the
/// coordinator's decisions cost beside the work that they start.
///
///     ManyWorkers [WORKERS] [JOBS]
///
/// Time is simulated: jobs end one second after they were given out, workers send a heartbeat a second that names what
/// they hold, the coordinator looks at its leases twice a second, and ten thousand jobs wait at any moment, of three
/// runs, a tenth of them for a graphics processor that every tenth worker has. Prints a line of JSON.
///
/// What is measured is the processor time of the whole process, so that of the simulated workers, too; the wire and the
/// journal are measured elsewhere.
@main
struct ManyWorkers {
    /// What is to happen, in order of time: equal spans make queues of it.
    private struct Pending {
        let moment: Int
        let worker: Int
        let attempt: Attempt
    }

    private let jobCount: Int
    private var scheduler = Scheduler()
    private var held: [[Attempt]]
    private var ends: [Pending] = []
    private var nextEnd = 0
    private var submitted = 0
    private var settled = 0
    private var events = 0
    private var duplicates = 0
    private let names: [Incarnation: Int]

    private static let backlog = 10_000
    private static let second = 1_000

    init(workers: Int, jobs: Int) {
        jobCount = jobs
        held = Array(repeating: [], count: workers)
        let all = (0..<workers).map { (Incarnation("worker-\($0)-aaaaaaaa"), $0) }
        names = Dictionary(uniqueKeysWithValues: all)
    }

    static func main() {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        var benchmark = ManyWorkers(workers: arguments.first ?? 1_000, jobs: arguments.dropFirst().first ?? 1_000_000)
        benchmark.run()
    }

    private mutating func run() {
        for worker in held.indices { join(worker) }
        var memory: [Int] = []
        var now = 0
        // Heartbeats are spread over the second.
        let beatsPerMillisecond = Double(held.count) / Double(Self.second)
        var beaten = 0
        while settled < jobCount {
            while submitted < jobCount, submitted - settled < Self.backlog + held.count { submit(at: now) }
            now += 1
            while Double(beaten) < Double(now) * beatsPerMillisecond {
                beat(beaten % held.count, at: now)
                beaten += 1
            }
            while nextEnd < ends.count, ends[nextEnd].moment <= now {
                end(ends[nextEnd], at: now)
                nextEnd += 1
            }
            if nextEnd > 5_000 {
                ends.removeFirst(nextEnd)
                nextEnd = 0
            }
            if now % 500 == 0 { handle(.timePassed, at: now) }
            if settled * 10 / jobCount > memory.count { memory.append(Self.residentBytes) }
        }
        report(simulated: now, memory: memory + [Self.residentBytes])
    }

    private mutating func join(_ worker: Int) {
        let gpus = worker % 10 == 0 ? [GraphicsProcessor(id: "0", memoryBytes: 1 << 34)] : []
        let hello = WorkerHello(
            worker: WorkerID("worker-\(worker)"), incarnation: incarnation(worker),
            resources: Resources(slots: 1, memoryBytes: 1 << 34, gpus: gpus))
        handle(.workerJoined(hello), at: 0)
    }

    private func incarnation(_ worker: Int) -> Incarnation { Incarnation("worker-\(worker)-aaaaaaaa") }

    private mutating func submit(at now: Int) {
        let needs = submitted % 10 == 0 ? Needs(gpus: 1) : Needs()
        let job = JobID("run-\(submitted % 3):solution-1/outer-2/inner-3/try-\(submitted)/evaluate")
        submitted += 1
        handle(.jobSubmitted(Ticket(job: job, needs: needs)), at: now)
    }

    private mutating func beat(_ worker: Int, at now: Int) {
        handle(.workerHeard(incarnation(worker), held: held[worker]), at: now)
    }

    private mutating func end(_ pending: Pending, at now: Int) {
        held[pending.worker].removeAll { $0 == pending.attempt }
        let event = Event.outcomeArrived(
            incarnation(pending.worker), pending.attempt, isAnswer: true, countsAsAttempt: true)
        handle(event, at: now)
    }

    private mutating func handle(_ event: Event, at now: Int) {
        events += 1
        for effect in scheduler.handle(event, at: Instant(.milliseconds(now))) {
            switch effect {
            case .assign(let incarnation, let attempt):
                guard let worker = names[incarnation] else { continue }
                held[worker].append(attempt)
                if held[worker].count > 1 || attempt.term > .first { duplicates += 1 }
                ends.append(Pending(moment: now + Self.second, worker: worker, attempt: attempt))
            case .settle: settled += 1
            default: break
            }
        }
    }

    private func report(simulated: Int, memory: [Int]) {
        let seconds = Double(simulated) / Double(Self.second)
        let busy = Self.processorSeconds
        let utilisation = Double(jobCount) / (seconds * Double(held.count))
        func rounded(_ value: Double) -> String { String(format: "%.4g", value) }
        print(
            """
            {"workers": \(held.count), "jobs": \(jobCount), "events": \(events), "cpu_s": \(rounded(busy)), \
            "simulated_s": \(rounded(seconds)), "share": \(rounded(busy / seconds)), \
            "us_per_job": \(rounded(busy * 1e6 / Double(jobCount))), "utilisation": \(rounded(utilisation)), \
            "repeated": \(duplicates), \
            "resident_mb": [\(memory.map { rounded(Double($0) / 1e6) }.joined(separator: ", "))]}
            """)
    }

    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static var residentBytes: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
    }
}

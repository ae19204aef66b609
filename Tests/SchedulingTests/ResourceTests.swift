import Scheduling
import Testing
import Vocabulary

@Suite("Resources", .timeLimit(.minutes(5)))
struct ResourceTests: Cast {
    private static let gibibyte = 1 << 30
    private let oneGPU = Needs(gpus: 1)
    private let twoGPUs = Needs(gpus: 2)

    private func box(slots: Int = 8, gpus: Int, memory: Int = 24) -> Resources {
        Resources(
            slots: slots, coresPerSlot: 2, memoryBytes: 64 * Self.gibibyte,
            gpus: (0..<gpus).map { GraphicsProcessor(id: "\($0)", memoryBytes: memory * Self.gibibyte) })
    }

    private func job(_ number: Int) -> JobID { JobID("run:job\(number)") }

    private func assigned(_ effects: [Effect]) -> [JobID] {
        effects.compactMap { if case .assign(_, let attempt) = $0 { attempt.job } else { nil } }
    }

    @Test("four processors hold four jobs that ask for one, and the fifth waits for a free one")
    func oneEach() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .workerJoined(.of("north", box(gpus: 4))))
        for number in 1...5 { _ = rehearsal.at(1, .submitted(job(number), needs: oneGPU)) }
        #expect(rehearsal.scheduler.leases.keys.sorted() == (1...4).map(job))
        #expect(assigned(rehearsal.at(2, .answered(north, Attempt(job: job(3), term: .first)))) == [job(5)])
    }

    @Test("a job that asks for two processors waits for two, and smaller ones that came later do not pass it for ever")
    func twoAreKept() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .workerJoined(.of("north", box(gpus: 4))))
        for number in 1...4 { _ = rehearsal.at(1, .submitted(job(number), needs: oneGPU)) }
        _ = rehearsal.at(2, .submitted(a, needs: twoGPUs))
        for number in 5...9 { _ = rehearsal.at(3, .submitted(job(number), needs: oneGPU)) }
        #expect(assigned(rehearsal.at(4, .answered(north, Attempt(job: job(1), term: .first)))) == [])
        #expect(assigned(rehearsal.at(5, .answered(north, Attempt(job: job(2), term: .first)))) == [a])
        #expect(assigned(rehearsal.at(6, .answered(north, Attempt(job: job(3), term: .first)))) == [job(5)])
        #expect(assigned(rehearsal.at(7, .answered(north, Attempt(job: a, term: .first)))) == [job(6), job(7)])
    }

    @Test("a job that needs the large processor waits while a small job that came when the small one was busy has it")
    func notDealtAnew() {
        var rehearsal = Rehearsal()
        let mixed = [10, 40].map { GraphicsProcessor(id: "\($0)", memoryBytes: $0 * Self.gibibyte) }
        _ = rehearsal.at(0, .workerJoined(.of("north", Resources(slots: 4, gpus: mixed))))
        for name in [a, b] { _ = rehearsal.at(1, .submitted(name, needs: oneGPU)) }
        _ = rehearsal.at(2, .answered(north, .of(a, 1)))
        let large = Needs(gpus: 1, gpuMemoryBytes: 40 * Self.gibibyte)
        #expect(assigned(rehearsal.at(3, .submitted(c, needs: large))) == [])
        #expect(assigned(rehearsal.at(4, .answered(north, .of(b, 1)))) == [c])
    }

    @Test("jobs without processors go on using a worker that is kept free for one that needs them")
    func othersGoOn() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .workerJoined(.of("north", box(gpus: 2))))
        _ = rehearsal.at(1, .submitted(job(1), needs: oneGPU))
        _ = rehearsal.at(2, .submitted(a, needs: twoGPUs))
        #expect(assigned(rehearsal.at(3, .submitted(b))) == [b])
        #expect(assigned(rehearsal.at(4, .answered(north, Attempt(job: job(1), term: .first)))) == [a])
    }

    @Test("a job without processors leaves a worker that has some to others while it can")
    func processorsSpared() {
        var rehearsal = Rehearsal(workers: ["south": 1])
        _ = rehearsal.at(0, .workerJoined(.of("north", box(gpus: 1))))
        _ = rehearsal.at(1, .submitted(a))
        _ = rehearsal.at(1, .submitted(b))
        #expect(rehearsal.scheduler.leases[a]?.incarnation == south)
        #expect(rehearsal.scheduler.leases[b]?.incarnation == north)
    }

    @Test("for a job without processors a worker without any is kept free")
    func reservationWithoutProcessors() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .workerJoined(.of("north", box(gpus: 2))))
        _ = rehearsal.at(0, .workerJoined(.of("south", box(gpus: 0))))
        _ = rehearsal.at(1, .submitted(job(1), needs: Needs(cores: 1)))
        _ = rehearsal.at(1, .submitted(job(2), needs: oneGPU))
        #expect(assigned(rehearsal.at(2, .submitted(a, needs: Needs(cores: 16)))) == [])
        _ = rehearsal.at(3, .submitted(job(3), needs: Needs(cores: 1)))
        #expect(rehearsal.scheduler.leases[job(3)]?.incarnation == north, "what is kept free is elsewhere")
        #expect(assigned(rehearsal.at(4, .answered(south, Attempt(job: job(1), term: .first)))) == [a])
    }

    @Test("what is kept free for a withdrawn job is free for the others at once")
    func withdrawnReservation() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .workerJoined(.of("north", box(gpus: 2))))
        _ = rehearsal.at(1, .submitted(job(1), needs: oneGPU))
        _ = rehearsal.at(2, .submitted(a, needs: twoGPUs))
        #expect(assigned(rehearsal.at(3, .submitted(job(2), needs: oneGPU))) == [])
        #expect(assigned(rehearsal.at(4, .jobWithdrawn(a))) == [job(2)])
    }

    @Test("when the worker that was kept free goes, another one is")
    func reservationMoves() {
        var rehearsal = Rehearsal()
        for name in ["north", "south"] { _ = rehearsal.at(0, .workerJoined(.of(name, box(gpus: 2)))) }
        for number in 1...4 { _ = rehearsal.at(1, .submitted(job(number), needs: oneGPU)) }
        _ = rehearsal.at(2, .submitted(a, needs: twoGPUs))
        _ = rehearsal.at(3, .workerDraining(north))
        for number in [2, 4] { _ = rehearsal.at(4, .answered(south, Attempt(job: job(number), term: .first))) }
        #expect(rehearsal.scheduler.leases[a]?.incarnation == south)
    }

    @Test("memory of processors counts: the smallest that suffices is taken, parts go to single jobs only")
    func choice() {
        let processors = [
            GraphicsProcessor(id: "0", memoryBytes: 40), GraphicsProcessor(id: "1", memoryBytes: 16),
            GraphicsProcessor(id: "MIG-a", memoryBytes: 10), GraphicsProcessor(id: "2", memoryBytes: 16),
        ]
        func chosen(_ needs: Needs) -> [String]? { processors.choice(for: needs)?.map(\.id) }
        #expect(chosen(Needs(gpus: 1)) == ["MIG-a"])
        #expect(chosen(Needs(gpus: 1, gpuMemoryBytes: 12)) == ["1"])
        #expect(chosen(Needs(gpus: 2)) == ["1", "2"])
        func shares(_ needs: Needs) -> [[String]] { processors.shares(for: needs).map { $0.map(\.id) } }
        #expect(shares(Needs()) == [])
        #expect(shares(Needs(gpus: 1)) == [["MIG-a"], ["1"], ["2"], ["0"]])
        #expect(shares(Needs(gpus: 2)) == [["1", "2"]])
        #expect(shares(Needs(gpus: 1, gpuMemoryBytes: 20)) == [["0"]])
        #expect(chosen(Needs(gpus: 3)) == ["1", "2", "0"])
        #expect(chosen(Needs(gpus: 4)) == nil)
        #expect(chosen(Needs(gpus: 1, gpuMemoryBytes: 41)) == nil)
        #expect(chosen(Needs()) == [])
        #expect(processors.suffice(for: [Needs(gpus: 1), Needs(gpus: 1, gpuMemoryBytes: 20), Needs(gpus: 2)]))
        #expect(!processors.suffice(for: [Needs(gpus: 1, gpuMemoryBytes: 20), Needs(gpus: 3)]))
    }

    @Test("cores and memory that jobs set aside are never more than the worker has")
    func coresAndMemory() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .workerJoined(.of("north", box(gpus: 0))))
        let wide = Needs(cores: 6)
        for number in 1...4 { _ = rehearsal.at(1, .submitted(job(number), needs: wide)) }
        #expect(rehearsal.scheduler.leases.keys.sorted() == [job(1), job(2)])
        let large = Needs(memoryBytes: 40 * Self.gibibyte)
        #expect(assigned(rehearsal.at(2, .submitted(a, needs: large))) == [])
        #expect(assigned(rehearsal.at(3, .answered(north, Attempt(job: job(1), term: .first)))) == [job(3)])
        for number in [2, 3] { _ = rehearsal.at(4, .answered(north, Attempt(job: job(number), term: .first))) }
        #expect(rehearsal.scheduler.leases.keys.sorted() == [a, job(4)])
        #expect(assigned(rehearsal.at(5, .submitted(b, needs: large))) == [])
        #expect(assigned(rehearsal.at(6, .answered(north, Attempt(job: a, term: .first)))) == [b])
    }

    @Test("a job goes only where its Python environment is")
    func environment() {
        var rehearsal = Rehearsal(workers: ["north": 4])
        let deep = Needs(environment: "tabular-deep")
        #expect(assigned(rehearsal.at(1, .submitted(a, needs: deep))) == [])
        #expect(assigned(rehearsal.at(2, .submitted(b))) == [b])
        let south = WorkerHello.of("south", Resources(slots: 1, environments: ["0f0f", "tabular-deep"]))
        #expect(assigned(rehearsal.at(3, .workerJoined(south))) == [a])
    }

    @Test("an environment is known by its name, its fingerprint, or as much of the fingerprint as people are shown")
    func environmentNames() {
        let fingerprint = ContentHash(rawValue: String(repeating: "0123456789abcdef", count: 4))
        let worker = Resources(slots: 1, environments: ["core", "corevalue-of-somebody", fingerprint.rawValue])
        for known in ["", "core", fingerprint.rawValue, fingerprint.short] { #expect(worker.offers(known), "\(known)") }
        for unknown in ["cor", "corevalue-of-some", "0123456789a", "0123456789ac", fingerprint.rawValue + "0"] {
            #expect(!worker.offers(unknown), "\(unknown)")
        }
    }

    @Test("what waits in vain is told in words, and no longer once somebody can run it")
    func obstacles() {
        var rehearsal = Rehearsal()
        for job in [a, b] {
            _ = rehearsal.at(0, .submitted(job, needs: Needs(gpus: 2, gpuMemoryBytes: 40 * Self.gibibyte)))
        }
        let asks = "asks for a slot, 2 GPUs with 40 GiB each"
        #expect(
            rehearsal.scheduler.obstacles().map { [$0.run.rawValue, "\($0.jobs)", $0.reason] } == [
                ["run", "2", "\(asks); no worker is there"]
            ])
        _ = rehearsal.at(1, .workerJoined(.of("north", box(gpus: 1))))
        #expect(
            rehearsal.scheduler.obstacles().map(\.reason) == [
                "\(asks); no worker that is there has that: north comes closest, but it has 1 GPU (24 GiB)"
            ])
        _ = rehearsal.at(2, .workerJoined(.of("south", box(gpus: 2, memory: 40))))
        #expect(rehearsal.scheduler.obstacles() == [])
        #expect(rehearsal.scheduler.leases[a]?.incarnation == .of("south"))
    }

    @Test("the run that runs least goes first, within a run the higher priority")
    func fairShare() {
        var rehearsal = Rehearsal()
        for number in 1...6 { _ = rehearsal.at(0, .submitted(job(number), priority: number == 6 ? 1 : 0)) }
        let others = (1...2).map { JobID("other:\($0)") }
        for other in others { _ = rehearsal.at(1, .submitted(other)) }
        #expect(
            assigned(rehearsal.at(2, .workerJoined(.of("north", slots: 5)))) == [
                job(6), others[0], job(1), others[1], job(2),
            ])
        #expect(assigned(rehearsal.at(3, .answered(north, Attempt(job: others[0], term: .first)))) == [job(3)])
    }

    @Test("a worker that has a job's data is preferred to a freer one without")
    func dataLocality() {
        var rehearsal = Rehearsal(workers: ["north": 4, "south": 1])
        let data = ContentHash(String(repeating: "ab", count: 32))
        #expect(rehearsal.at(1, .workerHasData(south, [data])) == [])
        #expect(assigned(rehearsal.at(2, .jobSubmitted(Ticket(job: a, data: data)))) == [a])
        #expect(rehearsal.scheduler.leases[a]?.incarnation == south)
        _ = rehearsal.at(3, .jobSubmitted(Ticket(job: b, data: data)))
        #expect(rehearsal.scheduler.leases[b]?.incarnation == north)
        #expect(rehearsal.at(4, .workerHasData(.of("west"), [data])) == [.askForHello(.of("west"))])
    }

    @Test("a worker that joins with running jobs has only what they leave")
    func adopted() {
        var rehearsal = Rehearsal()
        _ = rehearsal.at(0, .jobSubmitted(Ticket(job: a, earlierTerms: 1, needs: twoGPUs)))
        _ = rehearsal.at(0, .submitted(b, needs: twoGPUs))
        #expect(
            assigned(rehearsal.at(1, .workerJoined(.of("north", box(gpus: 3), held: [.of(a, 1)])))) == [])
        #expect(assigned(rehearsal.at(2, .answered(north, .of(a, 1)))) == [b])
    }
}

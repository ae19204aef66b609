import Blobs
import Foundation
import Journal
import Logging
import Scheduling
import Testing
import TestKit
import Vocabulary
import Wire
import ZeroMQ

@testable import Dispatching

/// The door with real sockets; the worker's side is spoken by hand.
@Suite("The dispatcher's door", .timeLimit(.minutes(5)))
struct DispatcherTests: DoorCast {
    private let folder: TemporaryFolder
    private let journal: Journal

    init() throws {
        folder = try TemporaryFolder()
        journal = try Self.journal(in: folder.path)
    }

    /// A dispatcher that waits for no goodbye.
    private func dispatcher(farewell: Duration = .zero) throws -> Dispatcher {
        var settings = Dispatcher.Settings(endpoint: "ipc://\(folder.path)/door")
        settings.farewell = farewell
        return try Dispatcher(
            settings: settings, journal: journal,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("a task that is cancelled before it has handed its job in leaves none behind")
    func cancelledAtOnce() async throws {
        let dispatcher = try dispatcher()
        async let served: Void = dispatcher.serve { _ in }
        let wanted = Task { [self] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await dispatcher.run(job("a"))
        }
        await #expect(throws: CancellationError.self) { try await wanted.value }
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        worker.sayHello()
        try await worker.wait(for: .welcome(heartbeat: .seconds(1)))
        async let result = dispatcher.run(job("b"))
        let attempt = try await worker.nextAssignment()
        #expect(attempt.job == job("b").id)
        worker.say(.outcome(outcome(attempt)))
        _ = try await result
        dispatcher.close(dismissWorkers: true)
        try await served
    }

    @Test("first scripts go before ablations, these before what follows them, and a backup after everything")
    func longestWayFirst() async throws {
        let dispatcher = try dispatcher()
        async let served: Void = dispatcher.serve { _ in }
        let kinds: [JobKind] = [.ensemble, .parallelSolution, .ablation, .candidateEvaluation]
        try await withThrowingTaskGroup(of: Void.self) { [self] group in
            for kind in kinds { group.addTask { _ = try await dispatcher.run(job(kind.rawValue, kind)) } }
            group.addTask { _ = try await dispatcher.run(job("slow", .candidateEvaluation).backup) }
            while dispatcher.now.queued <= kinds.count { try await Task.sleep(for: .milliseconds(5)) }
            let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
            worker.sayHello()
            var order: [String] = []
            for _ in 0...kinds.count {
                let attempt = try await worker.nextAssignment()
                order.append(attempt.job.rawValue)
                worker.say(.outcome(outcome(attempt)))
            }
            #expect(order.prefix(2) == ["r:candidate-evaluation", "r:ablation"] && order.last == "r:slow/backup")
            try await group.waitForAll()
        }
        dispatcher.close(dismissWorkers: true)
        try await served
    }

    @Test("a job goes to a worker, and its outcome is on disk before it is acknowledged")
    func roundTrip() async throws {
        let dispatcher = try dispatcher()
        async let served: Void = dispatcher.serve { _ in }
        async let result = dispatcher.run(job("a"))
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        worker.sayHello()
        let attempt = try await worker.nextAssignment()
        #expect(attempt.job == job("a").id && attempt.term == .first)
        worker.say(.outcome(outcome(attempt)))
        try await worker.wait(for: .acknowledgement(attempt))
        #expect(try journal.settlingOutcome(of: attempt.job) == outcome(attempt))
        guard case .outcome(let answer) = try await result else {
            Issue.record("the job was given up")
            return
        }
        #expect(answer == outcome(attempt))
        dispatcher.close(dismissWorkers: true)
        try await worker.wait(for: .shutdown)
        try await served
    }

    @Test("a job settled while its caller was on the way is answered, not trained again")
    func known() async throws {
        let attempt = Attempt(job: job("a").id, term: .first)
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        try journal.record([
            .submitted(job("a")), .assigned(attempt, worker: WorkerID("w"), incarnation: worker.incarnation),
        ])
        let dispatcher = try dispatcher()
        try dispatcher.recover([Self.run])
        async let served: Void = dispatcher.serve { _ in }
        worker.sayHello(held: [attempt])
        worker.say(.outcome(outcome(attempt)))
        try await worker.wait(for: .acknowledgement(attempt))
        guard case .outcome(let answer) = try await dispatcher.run(job("a")) else {
            Issue.record("the job was given up")
            return
        }
        #expect(answer == outcome(attempt))
        #expect(worker.assignments == 0)
        #expect(try journal.attemptCounts(of: Self.run) == [attempt.job: 1])
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("after a restart a worker that trained on is taken up again, and its job is not given out anew")
    func readopted() async throws {
        let attempt = Attempt(job: job("a").id, term: .first)
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        try journal.record([
            .submitted(job("a")), .assigned(attempt, worker: WorkerID("w"), incarnation: worker.incarnation),
        ])
        let dispatcher = try dispatcher()
        try dispatcher.recover([Self.run])
        async let served: Void = dispatcher.serve { _ in }
        async let result = dispatcher.run(job("a"))
        worker.sayHello(held: [attempt])
        try await worker.wait(for: .welcome(heartbeat: .seconds(1)))
        worker.say(.outcome(outcome(attempt)))
        try await worker.wait(for: .acknowledgement(attempt))
        _ = try await result
        #expect(worker.assignments == 0)
        #expect(
            try journal.attemptCounts(of: Self.run) == [:] || journal.attemptCounts(of: Self.run) == [attempt.job: 1])
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("a script that takes worker after worker down is given up, and one like it is not given out again")
    func quarantined() async throws {
        let dispatcher = try dispatcher()
        async let served: Void = dispatcher.serve { _ in }
        async let result = dispatcher.run(job("a"))
        for number in 1...4 {
            let worker = try HandWorker("w\(number)", endpoint: "ipc://\(folder.path)/door")
            worker.sayHello()
            #expect(try await worker.nextAssignment().term == LeaseTerm(rawValue: number))
            dispatcher.workerDeparted(WorkerID("w\(number)"))
        }
        guard case .abandoned(let story, isQuarantined: true) = try await result else {
            Issue.record("not in quarantine")
            return
        }
        #expect(story.count { $0.contains("worker departed") } == 4)
        #expect(try journal.quarantine(of: Self.run) == [QuarantinedJob(job: job("a").id, story: story)])
        guard case .abandoned(story, isQuarantined: true) = try await dispatcher.run(job("b")) else {
            Issue.record("its like was run")
            return
        }
        #expect(try journal.attemptCounts(of: Self.run) == [job("a").id: 4])
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("jobs that wait when an equal one is put in quarantine are not given out")
    func quarantinedWhileWaiting() async throws {
        let dispatcher = try dispatcher()
        async let served: Void = dispatcher.serve { _ in }
        async let first = dispatcher.run(job("a"))
        while dispatcher.now.queued < 1 { try await Task.sleep(for: .milliseconds(5)) }
        async let second = dispatcher.run(job("b"))
        while dispatcher.now.queued < 2 { try await Task.sleep(for: .milliseconds(5)) }
        for number in 1...4 {
            let worker = try HandWorker("w\(number)", endpoint: "ipc://\(folder.path)/door")
            worker.sayHello()
            #expect(try await worker.nextAssignment().job == job("a").id)
            dispatcher.workerDeparted(WorkerID("w\(number)"))
        }
        guard case .abandoned(let story, isQuarantined: true) = try await first,
            case .abandoned(story, isQuarantined: true) = try await second
        else {
            Issue.record("not in quarantine")
            return
        }
        // What is published follows what is answered.
        while dispatcher.now.queued > 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try journal.attemptCounts(of: Self.run) == [job("a").id: 4])
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test(
        "what was taken up from the journal and nobody asks for is withdrawn, last scripts only when the run has ended")
    func unwanted() async throws {
        let last = job("finish/refit", .submission)
        try journal.record([.submitted(job("a")), .submitted(job("b")), .submitted(last)])
        let dispatcher = try dispatcher()
        try dispatcher.recover([Self.run])
        async let served: Void = dispatcher.serve { _ in }
        async let result = dispatcher.run(job("a"))
        while dispatcher.now.queued < 3 { try await Task.sleep(for: .milliseconds(5)) }
        dispatcher.withdrawUnwanted(of: Self.run, sparesSubmissions: true)
        while dispatcher.now.queued > 2 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try Set(journal.unfinishedJobs(of: [Self.run]).map(\.job)) == [job("a"), last])
        dispatcher.withdrawUnwanted(of: Self.run, sparesSubmissions: false)
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        worker.sayHello()
        worker.say(.outcome(outcome(try await worker.nextAssignment())))
        _ = try await result
        #expect(try journal.unfinishedJobs(of: [Self.run]).isEmpty)
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("a checkpoint that is damaged on disk is left out, and the job begins anew")
    func damagedCheckpoint() async throws {
        let left: [UInt8] = [1, 2, 3]
        try journal.record([
            .submitted(job("a")),
            .assigned(Attempt(job: job("a").id, term: .first), worker: WorkerID("v"), incarnation: Incarnation("v-1")),
            .late(
                Outcome(
                    job: job("a").id, term: .first, ending: .interrupted, usage: .none, message: "", log: "",
                    selfReported: nil, submission: nil, environment: Self.hash, checkpoint: left)),
            .lost(Attempt(job: job("a").id, term: .first), reason: "interrupted", counts: false),
        ])
        let blobs = try BlobStore(folder: "\(folder.path)/blobs")
        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: blobs.path(of: Hashing.hash(left))))
        let dispatcher = try dispatcher()
        try dispatcher.recover([Self.run])
        async let served: Void = dispatcher.serve { _ in }
        async let result = dispatcher.run(job("a"))
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        worker.sayHello()
        try await worker.wait(for: .assignment(job("a"), LeaseTerm(rawValue: 2)))
        worker.say(.outcome(outcome(Attempt(job: job("a").id, term: LeaseTerm(rawValue: 2)))))
        _ = try await result
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("what an interrupted attempt left goes with the next one")
    func checkpoint() async throws {
        let dispatcher = try dispatcher()
        async let served: Void = dispatcher.serve { _ in }
        let caller = Task { try await dispatcher.run(job("a")) }
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        worker.sayHello()
        let attempt = try await worker.nextAssignment()
        worker.say(
            .outcome(
                Outcome(
                    job: attempt.job, term: attempt.term, ending: .interrupted, usage: .none, message: "", log: "",
                    selfReported: nil, submission: nil, environment: Self.hash, checkpoint: [1, 2, 3])))
        let left = Checkpoint(term: attempt.term, files: [1, 2, 3])
        try await worker.wait(for: .assignment(job("a"), attempt.term.next, left))
        caller.cancel()
        _ = try? await caller.value
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("a paused run's jobs wait, also after a restart, until it is resumed")
    func paused() async throws {
        try journal.record([.submitted(job("a"))])
        #expect(try journal.wish(.pause, for: Self.run))
        let dispatcher = try dispatcher()
        try dispatcher.recover([Self.run])
        async let served: Void = dispatcher.serve { _ in }
        async let result = dispatcher.run(job("a"))
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        worker.sayHello()
        try await worker.wait(for: .welcome(heartbeat: .seconds(1)))
        worker.say(.heartbeat(held: []))
        try await worker.wait(for: .heartbeatAnswer)
        #expect(worker.assignments == 0)
        #expect(dispatcher.now.queued == 1 && dispatcher.now.paused == 1 && dispatcher.now.fillableSlots == 0)
        dispatcher.resume(Self.run)
        worker.say(.outcome(outcome(try await worker.nextAssignment())))
        _ = try await result
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("a drained worker is asked until it has heard, gets nothing more, and its goodbye costs no attempt")
    func drained() async throws {
        let dispatcher = try dispatcher()
        async let served: Void = dispatcher.serve { _ in }
        #expect(await dispatcher.drain(nil, handsBack: false) == .absent(there: []))
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        worker.sayHello()
        try await worker.wait(for: .welcome(heartbeat: .seconds(1)))
        #expect(await dispatcher.drain(WorkerID("v"), handsBack: false) == .absent(there: [WorkerID("w")]))
        let result = Task { try await dispatcher.run(job("a")) }
        let attempt = try await worker.nextAssignment()
        #expect(await dispatcher.drain(WorkerID("w"), handsBack: false) == .asked)
        try await worker.wait(for: .drain(handsBack: false))
        worker.say(.heartbeat(held: [attempt]))
        try await worker.wait(for: .drain(handsBack: false))
        worker.say(.draining)
        worker.say(.heartbeat(held: [attempt]))
        try await worker.wait(for: .heartbeatAnswer)
        let load = WorkerLoad(worker: WorkerID("w"), slots: 1, running: 1)
        #expect(await dispatcher.drain(nil, handsBack: false) == .heeded([load]))
        #expect(await dispatcher.drain(nil, handsBack: true) == .asked, "that is news")
        try await worker.wait(for: .drain(handsBack: true))
        worker.say(.goodbye)
        let other = try HandWorker("v", endpoint: "ipc://\(folder.path)/door")
        other.sayHello()
        worker.say(.outcome(outcome(attempt)))
        _ = try await result.value
        #expect(try journal.lostAttempts(of: Self.run).map(\.why).first == "interrupted")
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("what a script prints is asked of the worker that holds it, and kept while somebody looks")
    func tails() async throws {
        let dispatcher = try dispatcher()
        async let served: Void = dispatcher.serve { _ in }
        async let result = dispatcher.run(job("a"))
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        worker.sayHello()
        let attempt = try await worker.nextAssignment()
        func tail(_ attempt: Attempt, _ text: String) -> LogTail {
            LogTail(
                attempt: attempt, output: LogTail.Stream(size: text.utf8.count, tail: Array(text.utf8)),
                errors: LogTail.Stream(size: 0, tail: []))
        }
        worker.say(.logTail(tail(attempt, "nobody asked")))
        try journal.wantTails(of: [attempt.job])
        try await worker.wait(for: .logRequest(attempt))
        worker.say(.logTail(tail(Attempt(job: attempt.job, term: attempt.term.next), "another attempt")))
        worker.say(.logTail(tail(attempt, "epoch 1")))
        worker.say(.logTail(tail(attempt, "twice")))
        worker.say(.outcome(outcome(attempt)))
        try await worker.wait(for: .acknowledgement(attempt))
        #expect(try journal.tail(of: attempt.job, toldAfter: 0) == tail(attempt, "epoch 1"))
        _ = try await result
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("however many scripts somebody looks at, each is asked about in its turn")
    func manyTails() async throws {
        let attempts = (10..<50).map { Attempt(job: job("\($0)").id, term: .first) }
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        for (attempt, name) in zip(attempts, 10..<50) {
            try journal.record([
                .submitted(job("\(name)")),
                .assigned(attempt, worker: WorkerID("w"), incarnation: worker.incarnation),
            ])
        }
        // Nobody runs these, and they are in nobody's way.
        let waiting = (10..<50).map { job("0\($0)") }
        try journal.record(waiting.map { .submitted($0) })
        try journal.wantTails(of: waiting.map(\.id) + attempts.map(\.job))
        let dispatcher = try dispatcher()
        try dispatcher.recover([Self.run])
        async let served: Void = dispatcher.serve { _ in }
        worker.sayHello(held: attempts)
        var asked: Set<Attempt> = []
        while asked.count < attempts.count, let message = try await worker.next() {
            if case .logRequest(let attempt) = message { asked.insert(attempt) }
        }
        #expect(asked == Set(attempts))
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("workers that are dismissed get nothing more, and are told again until they say goodbye")
    func dismissed() async throws {
        let dispatcher = try dispatcher(farewell: .seconds(60))
        async let served: Void = dispatcher.serve { _ in }
        let caller = Task { try await dispatcher.run(job("a")) }
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        worker.sayHello()
        let attempt = try await worker.nextAssignment()
        dispatcher.close(dismissWorkers: true)
        for _ in 1...2 {
            try await worker.wait(for: .shutdown)
            worker.say(.heartbeat(held: [attempt]))
        }
        let late = try HandWorker("v", endpoint: "ipc://\(folder.path)/door")
        late.sayHello()
        try await late.wait(for: .shutdown)
        for worker in [worker, late] { worker.say(.goodbye) }
        try await served
        #expect(worker.assignments == 1 && late.assignments == 0)
        await #expect(throws: CancellationError.self) { _ = try await caller.value }
    }

    @Test("a worker with a thousand slots gets as many jobs at once, and each outcome is acknowledged")
    func manySlots() async throws {
        let names = (1...1_000).map { "\($0)" }
        try journal.record(names.map { .submitted(job($0)) })
        let dispatcher = try dispatcher()
        try dispatcher.recover([Self.run])
        async let served: Void = dispatcher.serve { _ in }
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        for round in 1...2 {
            if round == 1 { worker.sayHello(slots: 1_000) }
            var attempts: Set<Attempt> = []
            for _ in names { attempts.insert(try await worker.nextAssignment()) }
            #expect(attempts.count == names.count)
            if round == 2 { break }
            // All at once, and as many new ones: what is said then is a thousand assignments and as many acknowledgements.
            let more = names.map { job("more-\($0)") }
            for job in more { Task { try await dispatcher.run(job) } }
            while dispatcher.now.queued < more.count { try await Task.sleep(for: .milliseconds(5)) }
            for attempt in attempts { try worker.sayInTheEnd(.outcome(outcome(attempt))) }
        }
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("a cancelled caller withdraws its job, and the worker is told to stop")
    func withdrawn() async throws {
        let dispatcher = try dispatcher()
        async let served: Void = dispatcher.serve { _ in }
        let caller = Task { try await dispatcher.run(job("a")) }
        let worker = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        worker.sayHello()
        let attempt = try await worker.nextAssignment()
        caller.cancel()
        try await worker.wait(for: .revocation(attempt))
        await #expect(throws: CancellationError.self) { _ = try await caller.value }
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("what is no message is refused, an unknown sender is asked for a hello, and others are served on")
    func strangers() async throws {
        let dispatcher = try dispatcher()
        async let served: Void = dispatcher.serve { _ in }
        let stranger = try HandWorker("s", endpoint: "ipc://\(folder.path)/door")
        stranger.sendRaw([0xFF, 0xFF, 0xFF])
        guard case .refused? = try await stranger.next() else {
            Issue.record("not refused")
            return
        }
        stranger.say(.heartbeat(held: []))
        try await stranger.wait(for: .askForHello)
        let honest = try HandWorker("w", endpoint: "ipc://\(folder.path)/door")
        honest.sayHello()
        try await honest.wait(for: .welcome(heartbeat: .seconds(1)))
        dispatcher.close(dismissWorkers: false)
        try await served
    }

    @Test("an endpoint that is taken is an error that says what to do")
    func busy() async throws {
        let first = try ZeroMQSocket(.router, in: try ZeroMQContext())
        try first.bind("tcp://127.0.0.1:*")
        let endpoint = try first.lastEndpoint()
        let dispatcher = try Dispatcher(
            settings: .init(endpoint: endpoint), journal: journal,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let error = await #expect(throws: DispatchError.self) { try await dispatcher.serve { _ in } }
        #expect(error?.description.contains(endpoint) == true && error?.description.contains("--bind") == true)
    }
}

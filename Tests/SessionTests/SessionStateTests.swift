import Testing
import Vocabulary
import Wire

@testable import Session

@Suite("The worker's side of the protocol", .timeLimit(.minutes(5)))
struct SessionStateTests {
    private static let hash = ContentHash(String(repeating: "ab", count: 32))
    private static let capabilities = Capabilities(
        worker: WorkerID("w"), incarnation: Incarnation("w-1"), slots: 1, coresPerSlot: 1, memoryBytes: 1,
        environment: hash, host: "h")
    private let attempt = Attempt(job: JobID("r:a"), term: .first)

    private var job: Job {
        Job(
            id: attempt.job, kind: .ablation, script: Script("x"), mount: Mount(manifest: Self.hash, path: "/m"),
            seed: 0, cores: 1, limits: Limits(wall: .seconds(1), memoryBytes: 1, outputBytes: 1))
    }

    private var outcome: Outcome {
        Outcome(
            job: attempt.job, term: attempt.term, ending: .succeeded, usage: .none, message: "", log: "",
            selfReported: nil, submission: [], environment: Self.hash)
    }

    private func at(_ seconds: Int) -> Instant { Instant(.seconds(seconds)) }

    private func state(orphanTimeout: Duration? = nil, finished: Set<Attempt> = []) -> SessionState {
        SessionState(capabilities: Self.capabilities, orphanTimeout: orphanTimeout, finished: finished, now: at(0))
    }

    @Test("a worker says hello until it is welcome, then sends heartbeats")
    func hello() {
        var state = state()
        #expect(state.timePassed(at: at(0)) == [.send(.hello(Self.capabilities, held: []))])
        #expect(state.timePassed(at: at(0)) == [])
        #expect(state.timePassed(at: at(1)) == [.send(.hello(Self.capabilities, held: []))])
        #expect(state.receive(.welcome(heartbeat: .seconds(2)), at: at(1)) == [])
        #expect(state.timePassed(at: at(2)) == [])
        #expect(state.timePassed(at: at(3)) == [.send(.heartbeat(held: []))])
    }

    @Test("a worker that hears nothing connects anew, again and again; one that is answered does not")
    func reconnects() {
        var state = state()
        _ = state.receive(.welcome(heartbeat: .seconds(1)), at: at(0))
        let times = (1...50).filter { second in
            if second == 20 { _ = state.receive(.heartbeatAnswer, at: at(20)) }
            return state.timePassed(at: at(second)).contains(.reconnect)
        }
        #expect(times == [15, 35, 50])
    }

    @Test("data that is here is told in the hello, and with a heartbeat when it changes")
    func data() {
        var state = state()
        let other = ContentHash(String(repeating: "cd", count: 32))
        state.has([Self.hash])
        #expect(state.timePassed(at: at(0)) == [.send(.hello(Self.capabilities.having([Self.hash]), held: []))])
        _ = state.receive(.welcome(heartbeat: .seconds(1)), at: at(0))
        #expect(state.timePassed(at: at(1)) == [.send(.heartbeat(held: []))])
        state.has([Self.hash, other])
        #expect(state.timePassed(at: at(2)) == [.send(.heartbeat(held: [], data: [Self.hash, other]))])
        #expect(state.timePassed(at: at(3)) == [.send(.heartbeat(held: []))])
        state.has([])
        #expect(state.timePassed(at: at(4)) == [.send(.heartbeat(held: [], data: []))])
        #expect(state.receive(.askForHello, at: at(4)) == [.send(.hello(Self.capabilities, held: []))])
    }

    @Test("a change of data that could not be sent is told with the next heartbeat, also that nothing is left")
    func lostChange() {
        var state = state()
        state.has([Self.hash])
        _ = state.timePassed(at: at(0))
        _ = state.receive(.welcome(heartbeat: .seconds(1)), at: at(0))
        state.has([])
        let change = WorkerMessage.heartbeat(held: [], data: [])
        #expect(state.timePassed(at: at(1)) == [.send(change)])
        state.failed(toSend: change)
        #expect(state.timePassed(at: at(2)) == [.send(change)])
        state.failed(toSend: .draining)
        #expect(state.timePassed(at: at(3)) == [.send(.heartbeat(held: []))])
    }

    @Test("outcomes of an earlier process are named in the hello")
    func heldFromBefore() {
        var state = state(finished: [attempt])
        #expect(state.timePassed(at: at(0)) == [.send(.hello(Self.capabilities, held: [attempt]))])
    }

    @Test("an assignment is started once, however often it arrives")
    func assignedTwice() {
        var state = state()
        #expect(state.receive(.assignment(job, .first), at: at(0)) == [.start(job, .first)])
        #expect(state.receive(.assignment(job, .first), at: at(0)) == [])
    }

    @Test("an outcome is held until it is acknowledged")
    func acknowledgement() {
        var state = state()
        _ = state.receive(.welcome(heartbeat: .seconds(1)), at: at(0))
        _ = state.receive(.assignment(job, .first), at: at(0))
        #expect(state.finish(outcome, at: at(0)) == [.send(.outcome(outcome))])
        #expect(state.timePassed(at: at(1)) == [.send(.heartbeat(held: [attempt]))])
        #expect(state.receive(.acknowledgement(attempt), at: at(1)) == [.drop(attempt)])
        #expect(state.timePassed(at: at(2)) == [.send(.heartbeat(held: []))])
    }

    @Test("a revoked attempt is stopped and its outcome dropped")
    func revoked() {
        var state = state()
        _ = state.receive(.assignment(job, .first), at: at(0))
        #expect(state.receive(.revocation(attempt), at: at(0)) == [.stop(attempt)])
        #expect(state.finish(outcome, at: at(0)) == [.drop(attempt)])
    }

    @Test("a finished outcome is not thrown away by a revocation")
    func revokedAfterTheEnd() {
        var state = state()
        _ = state.receive(.assignment(job, .first), at: at(0))
        _ = state.finish(outcome, at: at(0))
        #expect(state.receive(.revocation(attempt), at: at(0)) == [])
        #expect(state.finished == [attempt])
    }

    @Test("a coordinator that does not know the worker gets a hello with everything it holds")
    func askedForHello() {
        var state = state()
        _ = state.receive(.welcome(heartbeat: .seconds(1)), at: at(0))
        _ = state.receive(.assignment(job, .first), at: at(0))
        #expect(state.receive(.askForHello, at: at(0)) == [.send(.hello(Self.capabilities, held: [attempt]))])
    }

    @Test("a worker without a coordinator ends after its timeout, and any word starts the time anew")
    func orphan() {
        var state = state(orphanTimeout: .seconds(10))
        _ = state.receive(.heartbeatAnswer, at: at(5))
        #expect(state.timePassed(at: at(14)) != [.end(.orphaned)])
        #expect(state.timePassed(at: at(15)) == [.end(.orphaned)])
    }

    @Test("a worker that is told to stop goes when what it hands back is acknowledged")
    func stopping() {
        var state = state()
        _ = state.receive(.welcome(heartbeat: .seconds(1)), at: at(0))
        _ = state.receive(.assignment(job, .first), at: at(0))
        #expect(state.stop(at: at(0)) == [.send(.draining), .stop(attempt)])
        #expect(state.finish(outcome, at: at(1)) == [.send(.outcome(outcome))])
        #expect(!state.timePassed(at: at(2)).contains(.end(.stopped)))
        #expect(
            state.receive(.acknowledgement(attempt), at: at(3)) == [.drop(attempt), .send(.goodbye), .end(.stopped)])
    }

    @Test(
        "a worker that is told to stop does not wait for a coordinator that is not heard, nor for ever for one that is")
    func stoppingInVain() {
        for isHeard in [false, true] {
            var state = state()
            _ = state.receive(.welcome(heartbeat: .seconds(1)), at: at(0))
            _ = state.receive(.assignment(job, .first), at: at(0))
            _ = state.stop(at: at(0))
            _ = state.finish(outcome, at: at(1))
            let end = (1...60).first { second in
                if isHeard { _ = state.receive(.heartbeatAnswer, at: at(second)) }
                return state.timePassed(at: at(second)).contains(.end(.stopped))
            }
            #expect(end == (isHeard ? 31 : 15))
        }
    }

    @Test("a job that comes to a worker that was told to stop is handed back at once")
    func assignedWhileStopping() {
        var state = state(finished: [Attempt(job: JobID("r:b"), term: .first)])
        _ = state.stop(at: at(0))
        guard case .send(.outcome(let handedBack))? = state.receive(.assignment(job, .first), at: at(0)).last else {
            Issue.record("nothing was handed back")
            return
        }
        #expect(handedBack.ending == .interrupted && handedBack.attempt == attempt)
    }

    @Test("a drained worker takes nothing more, finishes what it runs, and ends when its outcome is acknowledged")
    func drained() {
        var state = state()
        _ = state.receive(.welcome(heartbeat: .seconds(1)), at: at(0))
        _ = state.receive(.assignment(job, .first), at: at(0))
        #expect(state.receive(.drain(handsBack: false), at: at(0)) == [.send(.draining)])
        guard case .send(.outcome(let declined))? = state.receive(.assignment(job, attempt.term.next), at: at(0)).last
        else {
            Issue.record("taken, or not declined")
            return
        }
        #expect(declined.ending == .interrupted && declined.term == attempt.term.next)
        #expect(state.running == [attempt])
        #expect(state.finish(outcome, at: at(0)) == [.send(.outcome(outcome))])
        #expect(
            state.receive(.acknowledgement(attempt), at: at(1)) == [
                .drop(attempt), .send(.goodbye), .end(.drained),
            ])
    }

    @Test("a worker that is drained at once stops what it runs and hands it back")
    func drainedAtOnce() {
        var state = state()
        _ = state.receive(.welcome(heartbeat: .seconds(1)), at: at(0))
        _ = state.receive(.assignment(job, .first), at: at(0))
        #expect(state.receive(.drain(handsBack: false), at: at(0)) == [.send(.draining)])
        #expect(state.receive(.drain(handsBack: true), at: at(0)) == [.send(.draining), .stop(attempt)])
        #expect(state.finish(outcome, at: at(0)) == [.send(.outcome(outcome))])
        #expect(state.receive(.acknowledgement(attempt), at: at(1)).last == .end(.drained))
        var idle = self.state()
        #expect(
            idle.receive(.drain(handsBack: true), at: at(0)) == [
                .send(.draining), .send(.goodbye), .end(.drained),
            ])
    }

    @Test("a drained worker says so again to a coordinator that does not know it")
    func drainedAndRestarted() {
        var state = state()
        _ = state.receive(.welcome(heartbeat: .seconds(1)), at: at(0))
        _ = state.receive(.assignment(job, .first), at: at(0))
        _ = state.receive(.drain(handsBack: false), at: at(0))
        #expect(
            state.receive(.askForHello, at: at(1)) == [
                .send(.hello(Self.capabilities, held: [attempt])), .send(.draining),
            ])
        // A revoked attempt is nothing to wait for.
        #expect(state.receive(.revocation(attempt), at: at(2)) == [.stop(attempt)])
        #expect(
            state.finish(outcome, at: at(2)) == [.drop(attempt), .send(.goodbye), .end(.drained)])
    }

    @Test("what runs is told on request, so often in a second and no oftener")
    func tails() {
        var state = state()
        #expect(state.receive(.logRequest(attempt), at: at(0)) == [])
        _ = state.receive(.assignment(job, .first), at: at(0))
        let told = (1...100).flatMap { _ in state.receive(.logRequest(attempt), at: at(0)) }
        #expect(told == Array(repeating: .tell(attempt), count: SessionState.tailsPerSecond))
        #expect(state.receive(.logRequest(attempt), at: at(1)) == [.tell(attempt)])
        #expect(state.receive(.logRequest(Attempt(job: attempt.job, term: attempt.term.next)), at: at(1)) == [])
    }

    @Test("a refused worker ends with the reason")
    func refused() {
        var state = state()
        #expect(state.receive(.refused(reason: "no"), at: at(0)) == [.end(.refused("no"))])
    }
}

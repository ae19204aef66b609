import Testing
import Vocabulary

@testable import Session

@Suite("When outcomes are sent again")
struct DeliveriesTests {
    private let attempt = Attempt(job: JobID("r:a"), term: .first)

    private func second(_ number: Double) -> Instant { Instant(.seconds(number)) }

    @Test("what was sent is sent again after two seconds, not before")
    func again() {
        var deliveries = Deliveries()
        #expect(deliveries.isDue(attempt, at: second(1)), "it was never sent")
        deliveries.sent(attempt, bytes: 1_000, at: second(1))
        #expect(!deliveries.isDue(attempt, at: second(2.9)))
        #expect(deliveries.isDue(attempt, at: second(3.1)))
    }

    @Test("to a coordinator that has just welcomed the worker everything is sent at once, at any later moment, too")
    func anew() {
        var deliveries = Deliveries()
        deliveries.sent(attempt, bytes: 1_000, at: second(1))
        deliveries.beginAnew()
        for moment in [1, 1.001, 50] { #expect(deliveries.isDue(attempt, at: second(moment))) }
    }

    @Test("what takes long on the line is waited for longer, and behind what was sent before")
    func large() {
        var deliveries = Deliveries()
        deliveries.sent(attempt, bytes: 20 << 20, at: second(0))
        #expect(!deliveries.isLineFree(at: second(19)) && deliveries.isLineFree(at: second(21)))
        #expect(!deliveries.isDue(attempt, at: second(21)) && deliveries.isDue(attempt, at: second(23)))
        let other = Attempt(job: JobID("r:b"), term: .first)
        deliveries.sent(other, bytes: 10 << 20, at: second(1))
        #expect(!deliveries.isDue(other, at: second(31)) && deliveries.isDue(other, at: second(33)))
    }

    @Test("what could not be sent is tried again, and what was acknowledged is forgotten")
    func failed() {
        var deliveries = Deliveries()
        deliveries.failed(attempt, at: second(1))
        #expect(!deliveries.isDue(attempt, at: second(2)) && deliveries.isDue(attempt, at: second(3.5)))
        deliveries.forget(allBut: [])
        #expect(deliveries.isDue(attempt, at: second(2)))
    }
}

import Synchronization
import Testing

@testable import LanguageModels

@Suite("Ledger and prices", .timeLimit(.minutes(5)))
struct LedgerTests {
    private static let model = ModelName.model("m", of: .openAI)

    private static func prices() throws -> PriceTable {
        try PriceTable(
            "as_of: 2026-11-23\nprices:\n  - {provider: openai, models: [m], input: 1, cached: 0.1, output: 10, search: 5}",
            name: "p", on: "2026-11-24")
    }

    @Test("a use costs its tokens at their prices, cached ones at theirs, and its searches")
    func cost() throws {
        let price = try #require(try Self.prices().price(of: Self.model))
        let usage = TokenUsage(input: 1000, output: 200, reasoning: 100, cached: 400)
        // 600 · $1 + 400 · $0.10 + 200 · $10 per million, and 2 searches at $5 per thousand.
        #expect(price.cost(of: usage, webSearches: 2) == Money(dollars: 0.0006 + 0.00004 + 0.002 + 0.01))
        #expect(Money(dollars: 0.01264).description == "$0.012640")
        #expect(Money(dollars: 12.5).description == "$12.50")
    }

    @Test("what a call cannot cost is known before it, and cached tokens never make it dearer")
    func maximum() throws {
        let table = PriceTable.builtIn
        for name in ["gemini-2.5-pro", "gemini-3.1-pro-preview"] {
            let price = try #require(table.price(of: .model(name, of: .gemini)))
            for input in [0, 1, 199_999, 200_000, 200_001, 900_000] {
                for cached in [0, input / 2, input] {
                    let cost = price.cost(of: TokenUsage(input: input, output: 500, cached: cached))
                    #expect(cost <= price.maximumCost(input: input, output: 500, webSearches: 0))
                }
            }
        }
    }

    @Test("the money cap is never passed, however many calls run at once", arguments: [1, 7, 42, 99, 1234])
    func capHolds(seed: UInt64) async throws {
        let cap = Money(dollars: 0.02)
        let ledger = Ledger(prices: try Self.prices(), moneyCap: cap)
        let highest = Highest()
        let refused = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    var chance = SeededChance(seed: seed &* 1000 &+ UInt64(number))
                    let output = 10 + Int(chance.next() * 200)
                    do throws(ModelError) {
                        let reservation = try await ledger.reserve(
                            Self.model, input: 100, output: output, webSearches: 0, label: "role")
                        highest.see(ledger.exposure)
                        for _ in 0..<Int(chance.next() * 20) { await Task.yield() }
                        // Sometimes the call fails and costs nothing; never more than its maximum.
                        let used = Int(chance.next() * Double(output))
                        let usage = chance.next() < 0.2 ? nil : TokenUsage(input: 100, output: used)
                        ledger.settle(reservation, usage: usage)
                        ledger.settle(reservation, usage: usage)
                        return false
                    } catch {
                        #expect(error.code == .budget)
                        return true
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(ledger.bill.total.cost <= cap)
        #expect(highest.value <= cap)
        #expect(highest.value > .zero)
        #expect(ledger.reserved.money == .zero)
        #expect(refused > 0)
        // Calls are refused for want of money, not because others were under way: what is left buys no large call.
        let left = try #require(ledger.left.money)
        #expect(left < Money(dollars: (100 + 210 * 10) / 1e6))
    }

    @Test("a call that fits only when another settles for less waits for it")
    func waits() async throws {
        let ledger = Ledger(prices: try Self.prices(), moneyCap: Money(dollars: 0.01))
        let first = try await ledger.reserve(Self.model, input: 0, output: 900, webSearches: 0, label: "a")
        async let second = ledger.reserve(Self.model, input: 0, output: 500, webSearches: 0, label: "b")
        while ledger.reserved.tokens != 900 { await Task.yield() }
        ledger.settle(first, usage: TokenUsage(output: 100))
        #expect(try await second.money == Money(dollars: 0.005))
        #expect(ledger.bill.byLabel["a"]?.calls == 1)
    }

    @Test("a waiting call can be cancelled")
    func cancels() async throws {
        let ledger = Ledger(prices: try Self.prices(), tokenCap: 100)
        let first = try await ledger.reserve(Self.model, input: 0, output: 90, webSearches: 0, label: "")
        let waiting = Task {
            do throws(ModelError) {
                _ = try await ledger.reserve(Self.model, input: 0, output: 50, webSearches: 0, label: "")
                return ModelError.Code?.none
            } catch { return error.code }
        }
        for _ in 0..<10 { await Task.yield() }
        waiting.cancel()
        #expect(await waiting.value == .cancelled)
        ledger.settle(first, usage: nil)
        #expect(ledger.bill == Ledger.Bill())
    }

    @Test("a settled call is charged once")
    func once() async throws {
        let ledger = Ledger(prices: try Self.prices())
        let reservation = try await ledger.reserve(Self.model, input: 1, output: 1, webSearches: 0, label: "x")
        #expect(ledger.settle(reservation, usage: TokenUsage(input: 10, output: 1)) != nil)
        #expect(ledger.settle(reservation, usage: TokenUsage(input: 10, output: 1)) == nil)
        #expect(ledger.bill.total.usage.total == 11)
        #expect(ledger.bill.byModel["openai:m"]?.calls == 1)
    }

    @Test("without a price a money cap is refused and tokens are counted all the same")
    func unknownPrice() async throws {
        let unknown = ModelName.model("other", of: .compatible(baseURL: "http://h/v1"))
        let capped = Ledger(prices: try Self.prices(), moneyCap: Money(dollars: 1))
        #expect(capped.objection(to: unknown)?.contains("no price is known for compatible:other@http://h/v1") == true)
        let error = await #expect(throws: ModelError.self) {
            _ = try await capped.reserve(unknown, input: 1, output: 1, webSearches: 0, label: "")
        }
        #expect(error?.code == .budget)
        let counted = Ledger(prices: try Self.prices(), tokenCap: 1000)
        let reservation = try await counted.reserve(unknown, input: 10, output: 10, webSearches: 0, label: "r")
        #expect(counted.settle(reservation, usage: TokenUsage(input: 5, output: 5))?.cost == nil)
        #expect(counted.bill.total.unpricedCalls == 1)
        #expect(counted.left.tokens == 990)
    }

    @Test("the built-in prices are dated, and a dated or versioned model takes its family's price")
    func builtIn() throws {
        let table = PriceTable.builtIn
        #expect(table.asOf == "2026-11-23")
        let plain = table.price(of: .model("gpt-5", of: .openAI))
        #expect(plain != nil)
        #expect(table.price(of: .model("gpt-5-2025-08-07", of: .openAI)) == plain)
        #expect(table.price(of: .model("claude-sonnet-4-5-20250929", of: .anthropic)) != nil)
        #expect(table.price(of: .model("models/gemini-2.5-pro", of: .gemini)) != nil)
        #expect(table.price(of: .model("gpt-5-pro", of: .openAI)) == nil)
        #expect(table.price(of: .model("gpt-5", of: .compatible(baseURL: "http://h"))) == nil)
    }

    @Test("of two prices the one that has begun counts")
    func dated() throws {
        func price(on day: String) throws -> Money? {
            let text = """
                as_of: 2026-11-23
                prices:
                  - {provider: gemini, models: [f], input: 1, output: 1}
                  - {provider: gemini, models: [f], from: 2027-01-01, input: 2, output: 2}
                """
            let table = try PriceTable(text, name: "p", on: day)
            return table.price(of: .model("f", of: .gemini))?.cost(of: TokenUsage(input: 1_000_000))
        }
        #expect(try price(on: "2026-12-31") == Money(dollars: 1))
        #expect(try price(on: "2027-01-01") == Money(dollars: 2))
    }

    @Test("a wrong price file is refused with every problem")
    func wrongFile() {
        let text = """
            as_of: yesterday
            prices:
              - {provider: azure, models: [a], input: 1, output: 1}
              - {provider: openai, models: [b], input: -1, output: 1, colour: red}
              - {provider: openai, models: [c], input: 1, output: 1}
              - {provider: openai, models: [c], input: 2, output: 2}
              - {provider: openai, models: [d], input: 1, output: 1, above: {input: 1, output: 1}}
            """
        let error = #expect(throws: ModelTableError.self) { try PriceTable(text, name: "p.yaml", on: "2026-11-24") }
        let said = error?.description ?? ""
        for part in [
            "as_of", "allowed: gemini, openai", "input must be a number", "'colour'", "two prices", "tokens is missing",
        ] { #expect(said.contains(part), "\(part) in \(said)") }
    }

    @Test("the ledger goes on from an earlier bill")
    func resumes() throws {
        let before = Ledger(prices: try Self.prices())
        before.book(
            .init(usage: TokenUsage(input: 5), cost: Money(dollars: 3)), model: Self.model, label: "coder/outer")
        let after = Ledger(prices: try Self.prices(), moneyCap: Money(dollars: 3), bill: before.bill)
        #expect(after.isExhausted)
        #expect(after.bill.byLabel["coder/outer"]?.cost == Money(dollars: 3))
    }
}

private final class Highest: Sendable {
    private let seen = Mutex(Money.zero)
    func see(_ money: Money) { seen.withLock { $0 = max($0, money) } }
    var value: Money { seen.withLock { $0 } }
}

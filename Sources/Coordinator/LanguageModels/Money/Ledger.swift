import Synchronization

/// What language models have cost, and how much more they may.
///
/// Before a call the most it can cost is reserved; a call whose maximum does not fit beside what is spent and reserved
/// waits for others to settle, and is refused when it would not fit even then. So the sum never passes a cap, whatever
/// runs at the same time, as long as providers keep to the longest answer they were told.
public final class Ledger: Sendable {
    private let prices: PriceTable
    private let moneyCap: Money?
    private let tokenCap: Int?
    private let state: Mutex<State>

    /// One line of a bill.
    public struct Entry: Hashable, Sendable, Codable {
        /// Calls that were charged.
        public var calls = 0
        /// Their tokens.
        public var usage = TokenUsage()
        /// Their web searches.
        public var webSearches = 0
        /// Their cost, as far as prices are known.
        public var cost = Money.zero
        /// Calls without a known price.
        public var unpricedCalls = 0

        /// Nothing.
        public init() {}

        mutating func add(_ charge: Charge) {
            calls += 1
            usage = usage + charge.usage
            webSearches += charge.webSearches
            cost = cost + (charge.cost ?? .zero)
            unpricedCalls += charge.cost == nil ? 1 : 0
        }
    }

    /// What one call was charged.
    public struct Charge: Hashable, Sendable, Codable {
        /// Its tokens.
        public var usage: TokenUsage
        /// Its web searches.
        public var webSearches: Int
        /// Its cost; `nil` when no price is known.
        public var cost: Money?

        /// A charge.
        public init(usage: TokenUsage, webSearches: Int = 0, cost: Money?) {
            self.usage = usage
            self.webSearches = webSearches
            self.cost = cost
        }
    }

    /// Everything that was spent.
    public struct Bill: Hashable, Sendable, Codable {
        /// All of it.
        public var total = Entry()
        /// By the prompts' labels.
        public var byLabel: [String: Entry] = [:]
        /// By model, as `provider:name`.
        public var byModel: [String: Entry] = [:]

        /// Nothing.
        public init() {}

        mutating func add(_ charge: Charge, label: String, model: ModelName) {
            total.add(charge)
            byLabel[label, default: Entry()].add(charge)
            byModel[model.description, default: Entry()].add(charge)
        }
    }

    /// A call's maximum, put aside until it is settled.
    struct Reservation: Sendable {
        let number: Int
        let model: ModelName
        let label: String
        let price: Price?
        let tokens: Int
        let money: Money
    }

    private struct State {
        var bill = Bill()
        var reserved: [Int: Reservation] = [:]
        var last = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]

        var reservedMoney: Money { reserved.values.reduce(.zero) { $0 + $1.money } }
        var reservedTokens: Int { reserved.values.reduce(0) { $0 + $1.tokens } }
    }

    /// A ledger with caps; `nil` caps nothing.
    ///
    /// - Parameter bill: What was spent before, such as in earlier sittings of the run.
    public init(prices: PriceTable, moneyCap: Money? = nil, tokenCap: Int? = nil, bill: Bill = Bill()) {
        self.prices = prices
        self.moneyCap = moneyCap
        self.tokenCap = tokenCap
        var state = State()
        state.bill = bill
        self.state = Mutex(state)
    }

    /// What was spent so far.
    public var bill: Bill { state.withLock { $0.bill } }

    /// What calls under way may cost at most.
    public var reserved: (money: Money, tokens: Int) { state.withLock { ($0.reservedMoney, $0.reservedTokens) } }

    /// What is spent and what calls under way may still cost, at one moment.
    var exposure: Money { state.withLock { $0.bill.total.cost + $0.reservedMoney } }

    /// What is left of the caps, reservations not counted; `nil` without a cap.
    public var left: (money: Money?, tokens: Int?) {
        let total = bill.total
        return (moneyCap.map { max(.zero, $0 - total.cost) }, tokenCap.map { max(0, $0 - total.usage.total) })
    }

    /// Whether nothing more may be spent.
    public var isExhausted: Bool { left.money == .zero || left.tokens == 0 }

    /// Why a model cannot be used under this ledger; `nil` when it can.
    public func objection(to model: ModelName) -> String? {
        guard moneyCap != nil, model != .playbook, prices.price(of: model) == nil else { return nil }
        return """
            no price is known for \(model), so a budget in money cannot be kept; add a price (0 for a server of your own) \
            to a price file, or set a budget in tokens instead
            """
    }

    /// The price of a model, where it is known.
    func price(of model: ModelName) -> Price? { prices.price(of: model) }

    /// Books what was charged elsewhere, such as a call that is replayed from a journal.
    public func book(_ charge: Charge, model: ModelName, label: String) {
        state.withLock { $0.bill.add(charge, label: label, model: model) }
        wake()
    }

    // MARK: Around one call

    /// Puts the most a call can use aside, after waiting for others if that makes room.
    ///
    /// - Throws: `ModelError` with code `budget` when it cannot fit, `cancelled` when the task was.
    func reserve(_ model: ModelName, input: Int, output: Int, webSearches: Int, label: String) async throws(ModelError)
        -> Reservation
    {
        let price = prices.price(of: model)
        if let objection = objection(to: model) { throw refusal(model, objection) }
        let money = price?.maximumCost(input: input, output: output, webSearches: webSearches) ?? .zero
        while true {
            let outcome = state.withLock { state in
                attempt(model, (input + output, money), price, label, &state)
            }
            switch outcome {
            case .granted(let reservation): return reservation
            case .refused(let reason): throw refusal(model, reason)
            case .wait(let number): await settled(number)
            }
            if Task.isCancelled {
                throw ModelError(
                    .cancelled, provider: model.provider, model: model.shortName, message: "the call was cancelled")
            }
        }
    }

    private enum Outcome {
        case granted(Reservation)
        case refused(String)
        case wait(Int)
    }

    private func attempt(
        _ model: ModelName, _ need: (tokens: Int, money: Money), _ price: Price?, _ label: String, _ state: inout State
    ) -> Outcome {
        let total = state.bill.total
        if let cap = moneyCap, total.cost + need.money > cap {
            return .refused(
                "\(total.cost) of \(cap) are spent and the call may cost up to \(need.money); raise the budget to go on"
            )
        }
        if let cap = tokenCap, total.usage.total + need.tokens > cap {
            return .refused(
                """
                \(total.usage.total) of \(cap) tokens are used and the call may take up to \(need.tokens); \
                raise the budget to go on
                """)
        }
        state.last += 1
        let moneyFits = moneyCap.map { total.cost + state.reservedMoney + need.money <= $0 } ?? true
        let tokensFit = tokenCap.map { total.usage.total + state.reservedTokens + need.tokens <= $0 } ?? true
        guard moneyFits, tokensFit else { return .wait(state.last) }
        let reservation = Reservation(
            number: state.last, model: model, label: label, price: price, tokens: need.tokens, money: need.money)
        state.reserved[reservation.number] = reservation
        return .granted(reservation)
    }

    /// Waits until some reservation is settled or the task is cancelled.
    private func settled(_ number: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    // What would have woken this wait may have come in between.
                    guard !Task.isCancelled, !state.reserved.isEmpty else { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }

    /// Ends a reservation with what the call used; `nil` when it used nothing. A second time does nothing.
    @discardableResult
    func settle(_ reservation: Reservation, usage: TokenUsage?, webSearches: Int = 0) -> Charge? {
        let charge = state.withLock { state -> Charge? in
            guard state.reserved.removeValue(forKey: reservation.number) != nil, let usage else { return nil }
            let cost = reservation.price?.cost(of: usage, webSearches: webSearches)
            let charge = Charge(usage: usage, webSearches: webSearches, cost: cost)
            state.bill.add(charge, label: reservation.label, model: reservation.model)
            return charge
        }
        wake()
        return charge
    }

    private func wake() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    private func refusal(_ model: ModelName, _ reason: String) -> ModelError {
        ModelError(.budget, provider: model.provider, model: model.shortName, message: reason)
    }
}

extension ModelName {
    /// The provider's word, for messages.
    var provider: String { if case .model(_, let provider) = self { provider.word } else { "playbook" } }
    /// The model's name alone.
    var shortName: String { if case .model(let name, _) = self { name } else { "playbook" } }
}

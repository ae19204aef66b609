/// What a model costs.
public struct Price: Hashable, Sendable {
    /// Prices in dollars per million tokens.
    public struct Rates: Hashable, Sendable {
        let input: Money
        let cached: Money
        let output: Money

        /// Per-token prices from dollars per million.
        init(input: Double, cached: Double?, output: Double) {
            self.input = Money(dollars: input / 1e6)
            self.cached = Money(dollars: (cached ?? input) / 1e6)
            self.output = Money(dollars: output / 1e6)
        }
    }

    let base: Rates
    /// Another price for the whole call when the input is longer.
    let above: (tokens: Int, rates: Rates)?
    /// For one web search.
    let search: Money

    /// Compares all parts.
    public static func == (left: Price, right: Price) -> Bool {
        left.base == right.base && left.above?.tokens == right.above?.tokens
            && left.above?.rates == right.above?.rates && left.search == right.search
    }

    /// Hashes what identifies it.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(base)
        hasher.combine(above?.tokens)
        hasher.combine(search)
    }

    /// What a use costs: `(input - cached) · input price + cached · cached price + output · output price + searches`.
    public func cost(of usage: TokenUsage, webSearches: Int = 0) -> Money {
        let rates = if let above, usage.input > above.tokens { above.rates } else { base }
        let cached = min(usage.cached, usage.input)
        return rates.input * (usage.input - cached) + rates.cached * cached + rates.output * usage.output
            + search * webSearches
    }

    /// The most that a call with so many tokens can cost, whatever is cached and whichever price applies.
    func maximumCost(input: Int, output: Int, webSearches: Int) -> Money {
        let short = base.input * input + base.output * output
        let long = above.map { $0.rates.input * input + $0.rates.output * output } ?? .zero
        return max(short, long) + search * webSearches
    }
}

extension Money {
    /// A multiple; stays at the largest amount rather than overflow.
    static func * (left: Money, count: Int) -> Money {
        let (product, overflows) = left.picodollars.multipliedReportingOverflow(by: Int64(max(0, count)))
        return Money(picodollars: overflows ? .max : product)
    }
}

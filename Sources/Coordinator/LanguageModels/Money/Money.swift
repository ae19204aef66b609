/// An amount of United States dollars, exact to a millionth of a millionth.
public struct Money: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// The amount in picodollars: a price of $1 per million tokens is 1 000 000 of them per token.
    public let picodollars: Int64

    /// An amount in picodollars.
    public init(picodollars: Int64) { self.picodollars = picodollars }

    /// An amount in dollars, rounded to the nearest picodollar; larger than 9 million dollars is cut off there.
    public init(dollars: Double) {
        let amount = (dollars * 1e12).rounded()
        picodollars = amount.isNaN ? 0 : Int64(exactly: amount) ?? (amount < 0 ? .min : .max)
    }

    /// Nothing.
    public static let zero = Money(picodollars: 0)

    /// The amount in dollars.
    public var dollars: Double { Double(picodollars) / 1e12 }

    /// The sum; stays at the largest amount rather than overflow.
    public static func + (left: Money, right: Money) -> Money {
        let (sum, overflows) = left.picodollars.addingReportingOverflow(right.picodollars)
        return Money(picodollars: overflows ? .max : sum)
    }

    /// The difference.
    public static func - (left: Money, right: Money) -> Money { left + Money(picodollars: -right.picodollars) }

    /// Whether one amount is smaller.
    public static func < (left: Money, right: Money) -> Bool { left.picodollars < right.picodollars }

    /// Such as `$1.25`, and `$0.000031` where cents do not say enough.
    public var description: String {
        let negative = picodollars < 0 ? "-" : ""
        let micro = picodollars.magnitude / 1_000_000
        let fraction = String(micro % 1_000_000)
        let digits = String(repeating: "0", count: 6 - fraction.count) + fraction
        let kept = micro >= 1_000_000 || micro % 10_000 == 0 ? String(digits.prefix(2)) : digits
        return "\(negative)$\(micro / 1_000_000).\(kept)"
    }
}

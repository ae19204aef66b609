/// Where in the search a step stands, such as `solution-1/outer-2/inner-3/evaluate`; unique in a run.
///
/// Paths order as a tree: part by part, and parts that differ in a trailing number by that number, so that
/// `outer-2` comes before `outer-10`.
public struct StepPath: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    /// The parts from the root down.
    public let parts: [String]

    /// The root of a run: no parts.
    public static let root = StepPath(parts: [])

    /// A path from its parts.
    public init(parts: [String]) { self.parts = parts }

    /// A path from its written form; the empty text is the root.
    public init(_ text: String) { parts = text.split(separator: "/").map(String.init) }

    /// The parts joined by `/`.
    public var description: String { parts.joined(separator: "/") }

    /// The last part, empty for the root.
    public var name: String { parts.last ?? "" }

    /// The path without its last part.
    public var parent: StepPath { StepPath(parts: Array(parts.dropLast())) }

    /// Whether the step belongs to the last choice or comes after it: it lies below `finish-N`.
    public var isFinal: Bool { parts.first?.hasPrefix("finish-") ?? false }

    /// The step called `part` below this one.
    public static func / (base: StepPath, part: String) -> StepPath { StepPath(parts: base.parts + [part]) }

    /// Tree order.
    public static func < (left: StepPath, right: StepPath) -> Bool {
        for (a, b) in zip(left.parts, right.parts) where a != b { return precedes(a, b) }
        return left.parts.count < right.parts.count
    }

    /// Reads the single value it is encoded as.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes a single value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    private static func precedes(_ a: String, _ b: String) -> Bool {
        let (stemA, numberA) = numbered(a)
        let (stemB, numberB) = numbered(b)
        if stemA == stemB, let numberA, let numberB, numberA != numberB { return numberA < numberB }
        return a < b
    }

    private static func numbered(_ part: String) -> (stem: Substring, number: Int?) {
        guard let dash = part.lastIndex(of: "-"), let number = Int(part[part.index(after: dash)...]) else {
            return (part[...], nil)
        }
        return (part[..<dash], number)
    }
}

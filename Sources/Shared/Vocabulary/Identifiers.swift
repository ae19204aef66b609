/// A name that is more than text: each kind of thing has its own type, so that one cannot be passed for another.
///
/// Encoded as plain text.
public protocol TextIdentifier: RawRepresentable<String>, Hashable, Codable, Sendable, Comparable,
    CustomStringConvertible
{
    /// Wraps a text that is already known to be an identifier of this kind.
    init(rawValue: String)
}

extension TextIdentifier {
    /// Shorthand for `init(rawValue:)`.
    public init(_ text: String) { self.init(rawValue: text) }

    /// The text itself.
    public var description: String { rawValue }

    /// Identifiers order as their texts do.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// One search on one task, such as `telco-churn-3f9a1c`.
public struct RunID: TextIdentifier {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// One request to run a script: the run's name and the path of the step that asked, `RUN:solution-1/outer-2/…`; with
/// `/backup` behind it for a backup, so that no step may bear that name.
public struct JobID: TextIdentifier {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The job a step asks for; the same step asks for the same job after a restart.
    public init(run: RunID, path: StepPath) { rawValue = "\(run):\(path)" }

    /// The run the job belongs to: everything before the first colon.
    public var run: RunID { RunID(String(Substring(rawValue.utf8.prefix { $0 != UInt8(ascii: ":") }))) }
}

extension JobID {
    private static let backupEnding = "/backup"

    /// The job that is run beside this one when its script takes far longer than expected.
    public var backup: JobID { JobID(rawValue + Self.backupEnding) }

    /// The job that this one is the backup of; `nil` for all others.
    public var original: JobID? {
        rawValue.hasSuffix(Self.backupEnding) ? JobID(String(rawValue.dropLast(Self.backupEnding.count))) : nil
    }
}

/// A worker's place, such as `local-1`: stays the same when the process behind it is started again.
public struct WorkerID: TextIdentifier {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// One process of a worker: a restarted worker is a new incarnation.
public struct Incarnation: TextIdentifier {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The SHA-256 of some bytes as 64 lower-case hexadecimal digits.
public struct ContentHash: TextIdentifier {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Checks a text from outside: exactly 64 lower-case hexadecimal digits.
    public init?(checking text: String) {
        let digits = Set("0123456789abcdef".utf8)
        guard text.utf8.count == 64, text.utf8.allSatisfy(digits.contains) else { return nil }
        rawValue = text
    }

    /// The first twelve digits, for people.
    public var short: String { String(rawValue.prefix(Self.shortLength)) }

    static let shortLength = 12
}

/// The number of an attempt's lease: 1 for the first attempt of a job, one more for each later one.
public struct LeaseTerm: RawRepresentable, Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    /// The number, from 1.
    public let rawValue: Int
    /// Wraps a number.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The term of a job's first attempt.
    public static let first = LeaseTerm(rawValue: 1)
    /// The term of the attempt after this one.
    public var next: LeaseTerm { LeaseTerm(rawValue: rawValue + 1) }
    /// The number in digits.
    public var description: String { String(rawValue) }
    /// Numeric order.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

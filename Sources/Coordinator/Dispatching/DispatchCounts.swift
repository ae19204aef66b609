public import Vocabulary

/// A worker's slots and the jobs it runs.
public struct WorkerLoad: Hashable, Sendable {
    /// The worker.
    public var worker: WorkerID
    /// Jobs it can run at once.
    public var slots: Int
    /// Jobs it runs.
    public var running: Int
}

/// What a dispatcher has counted since it began.
public struct DispatchCounts: Hashable, Sendable {
    /// Attempts that ended without an outcome, by reason.
    public var lost: [String: Int] = [:]
    /// Attempts given to workers.
    public var assigned = 0
    /// Outcomes that settled a job.
    public var settled = 0
    /// Outcomes that counted nowhere.
    public var late = 0
    /// Bytes of messages to workers.
    public var bytesSent = 0
    /// Bytes of messages from workers.
    public var bytesReceived = 0
    /// Messages, and peers before they could say anything, that were refused.
    public var refusals = 0
    /// Seconds from a job's submission to its first assignment: waiting for a slot included.
    public var waiting = Histogram()
    /// Seconds from the begin of a turn that takes something in to the end of its sending: the dispatcher's own part.
    public var turns = Histogram()
}

/// Counts of times by fixed bounds.
public struct Histogram: Hashable, Sendable {
    /// Upper bounds of the classes, in seconds, ascending.
    public static let bounds: [Double] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10, 60, 300, 1800]

    /// How many times fell into each class; those above the last bound are in `count` alone.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count)
    /// All times together, in seconds.
    public private(set) var sum = 0.0
    /// How many times there were.
    public private(set) var count = 0

    /// An empty one.
    public init() {}

    /// Takes a time in.
    public mutating func add(_ seconds: Double) {
        if let place = Self.bounds.firstIndex(where: { seconds <= $0 }) { counts[place] += 1 }
        sum += seconds
        count += 1
    }
}

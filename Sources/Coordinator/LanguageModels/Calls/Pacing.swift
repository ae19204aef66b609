import Foundation

/// The clock that waiting goes by; tests bring their own.
public struct Pacing: Sendable {
    /// Time since some moment, always forward.
    public var now: @Sendable () -> Duration
    /// Seconds since 1970.
    public var epochSeconds: @Sendable () -> Double
    /// Waits; throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void

    /// A clock.
    public init(
        now: @escaping @Sendable () -> Duration, epochSeconds: @escaping @Sendable () -> Double,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.epochSeconds = epochSeconds
        self.sleep = sleep
    }

    /// The machine's clock.
    public static let real: Pacing = {
        let start = ContinuousClock.now
        return Pacing(
            now: { start.duration(to: .now) }, epochSeconds: { Date().timeIntervalSince1970 },
            sleep: { try await Task.sleep(for: $0) })
    }()
}

import Vocabulary

/// Reads the fields of one column as points in time.
struct TimeKey: Sendable {
    private let isNumeric: Bool
    private let dates: DateReader

    /// Dates, or numbers in a column whose name speaks of time; `nil` for any other column.
    init?(name: String, count: ColumnProfiler.Count) {
        if count.content == .date {
            self.init(isNumeric: false, isDayFirst: count.isDayFirst)
        } else if count.isNumeric, Self.namesTime(name) {
            self.init(isNumeric: true, isDayFirst: false)
        } else {
            return nil
        }
    }

    private init(isNumeric: Bool, isDayFirst: Bool) {
        self.isNumeric = isNumeric
        dates = DateReader(isDayFirst: isDayFirst)
    }

    /// How a column named in `task.yaml` is read: as dates or as numbers, whatever its name.
    static func demanded(count: ColumnProfiler.Count) -> TimeKey? {
        if count.content == .date { return TimeKey(isNumeric: false, isDayFirst: count.isDayFirst) }
        return count.isNumeric ? TimeKey(isNumeric: true, isDayFirst: false) : nil
    }

    /// The point in time, in units that only order, or `nil`.
    func time(_ value: UnsafeBufferPointer<UInt8>) -> Double? {
        if isNumeric {
            // A missing value may be written `nan`, which is a number of its own kind.
            return Double(String(decoding: value, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
        }
        return dates.key(value).map(Double.init)
    }

    private static let timeWords: Set = [
        "date", "time", "timestamp", "datetime", "year", "yyyymmdd", "ts", "epoch", "unixtime", "quarter", "month",
        "week", "day",
    ]

    private static func namesTime(_ name: String) -> Bool {
        let words = MetricText(name).words.map(\.lowered)
        return words.contains { timeWords.contains($0) }
    }
}

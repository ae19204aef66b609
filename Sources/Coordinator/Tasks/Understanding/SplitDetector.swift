import Vocabulary

/// Tells from the tables how test rows relate to training rows.
struct SplitDetector {
    let train: CSVFile
    let test: CSVFile
    let counts: [ColumnProfiler.Count]
    let testCounts: [ColumnProfiler.Count]
    /// Columns that are no features: the id and the targets.
    let excluded: Set<String>
    let isClassification: Bool

    func detect() -> SplitAdvice {
        if let time = timeColumn() { return time }
        if let group = groupColumn() { return group }
        if isClassification {
            return SplitAdvice(
                kind: .stratified, reason: "the target is a class, and test is not set apart by group or time")
        }
        return SplitAdvice(kind: .plain, reason: "the target is no class, and test is not set apart by group or time")
    }

    // MARK: Time

    private func timeColumn() -> SplitAdvice? {
        for (place, name) in train.names.enumerated() where !excluded.contains(name) {
            guard let testPlace = test.names.firstIndex(of: name), let key = timeKey(place, name),
                let lastTrained = range(of: place, in: train, key)?.upperBound,
                let firstTested = range(of: testPlace, in: test, key)?.lowerBound, firstTested > lastTrained
            else { continue }
            return SplitAdvice(
                kind: .forwardInTime(column: name),
                reason: "every '\(name)' in test.csv is later than every one in train.csv")
        }
        return nil
    }

    /// How to read a column as time, or `nil` when it is no time.
    private func timeKey(_ place: Int, _ name: String) -> TimeKey? {
        TimeKey(name: name, count: counts[place])
    }

    private func range(of place: Int, in file: CSVFile, _ key: TimeKey) -> ClosedRange<Double>? {
        var range: ClosedRange<Double>?
        file.forEachRow { _, fields in
            guard let time = fields.withValue(place, key.time) else { return }
            range = min(range?.lowerBound ?? time, time)...max(range?.upperBound ?? time, time)
        }
        return range
    }

    // MARK: Groups

    /// Of the columns that look like names of groups the one with the fewest different values.
    private func groupColumn() -> SplitAdvice? {
        var best: (name: String, distinct: Int)?
        for (place, name) in train.names.enumerated() where !excluded.contains(name) {
            guard let testPlace = test.names.firstIndex(of: name), isGroupLike(place, name) else { continue }
            let overlap = GroupOverlap(train: train, place: place, test: test, testPlace: testPlace)
            guard overlap.isSetApart, overlap.trainValues < best?.distinct ?? Int.max else { continue }
            best = (name, overlap.trainValues)
        }
        return best.map {
            SplitAdvice(
                kind: .grouped(column: $0.name),
                reason: "'\($0.name)' repeats within train.csv, but its values in test.csv do not occur in train.csv")
        }
    }

    private func isGroupLike(_ place: Int, _ name: String) -> Bool {
        let count = counts[place]
        guard count.distinct.count >= 10 else { return false }
        switch count.content {
        case .category: return true
        case .number:
            return count.syntax.contains(.integer) && !count.syntax.contains(.exponent) && Self.namesGroup(name)
        case .date, .text, .constant: return false
        }
    }

    /// Whole numbers are names only where the column's name says so: a year would look just the same.
    private static func namesGroup(_ name: String) -> Bool {
        let lowered = name.lowercased()
        let words = MetricText(lowered).words.map(\.lowered)
        let groups: Set = [
            "id", "group", "user", "subject", "patient", "person", "session", "customer", "product", "speaker",
            "writer",
            "site", "store", "item", "scene", "subjectid", "userid", "patientid", "groupid", "sessionid", "code",
        ]
        return words.contains(where: groups.contains) || name.hasSuffix("Id") || name.hasSuffix("ID")
    }
}

/// How a column's values are shared between train and test.
struct GroupOverlap {
    /// Different values in train.
    private(set) var trainValues = 0
    /// Share of training rows whose value occurs more than once.
    private(set) var repeatedShare = 0.0
    /// Share of test rows whose value occurs in train.
    private(set) var seenShare = 0.0

    init(train: CSVFile, place: Int, test: CSVFile, testPlace: Int) {
        var counts: [UInt64: Int] = [:]
        train.forEachRow { _, fields in
            guard !fields.isEmpty(place) else { return }
            counts[fields.withValue(place, ColumnProfiler.hash), default: 0] += 1
        }
        var tested = 0
        var seen = 0
        test.forEachRow { _, fields in
            guard !fields.isEmpty(testPlace) else { return }
            tested += 1
            if counts[fields.withValue(testPlace, ColumnProfiler.hash)] != nil { seen += 1 }
        }
        let rows = counts.values.reduce(0, +)
        trainValues = counts.count
        repeatedShare = rows == 0 ? 0 : Double(counts.values.filter { $0 > 1 }.reduce(0, +)) / Double(rows)
        seenShare = tested < 10 ? 1 : Double(seen) / Double(tested)
    }

    /// Had test been drawn at random, about as many test rows would meet their value in train as training rows
    /// meet theirs again.
    var isSetApart: Bool { trainValues >= 10 && repeatedShare >= 0.3 && seenShare <= 0.02 }
}

import Vocabulary

/// Tells from the tables how test rows relate to training rows.
struct SplitDetector {
    let train: CSVFile
    let test: CSVFile
    let counts: [ColumnProfiler.Count]
    let testCounts: [ColumnProfiler.Count]
    /// Columns that are no features: the id and the targets.
    let excluded: Set<String>
    /// The column that names rows, where one does.
    let id: String?
    let isClassification: Bool

    /// The split, and what else looks as if test were set apart, one sentence each.
    func detect() -> (advice: SplitAdvice, notes: [String]) {
        let times = timeColumns()
        if let time = times.later { return (time, []) }
        let groups = groupColumns()
        if let group = groups.certain ?? identifierGroups() { return (group, times.notes) }
        let advice =
            isClassification
            ? SplitAdvice(
                kind: .stratified, reason: "the target is a class, and test is not set apart by group or time")
            : SplitAdvice(
                kind: .plain, reason: "the target is no class, and test is not set apart by group or time")
        return (advice, times.notes + groups.notes)
    }

    // MARK: Time

    private func timeColumns() -> (later: SplitAdvice?, notes: [String]) {
        var notes: [String] = []
        for (place, name) in train.names.enumerated() where !excluded.contains(name) {
            guard let testPlace = test.names.firstIndex(of: name), let key = timeKey(place, name),
                let trained = range(of: place, in: train, key), let tested = range(of: testPlace, in: test, key),
                tested.upperBound > trained.upperBound
            else { continue }
            if tested.lowerBound > trained.upperBound {
                let reason = "every '\(name)' in test.csv is later than every one in train.csv"
                return (SplitAdvice(kind: .forwardInTime(column: name), reason: reason), [])
            }
            // The day on which training ends may be the day on which test begins.
            if tested.lowerBound == trained.upperBound, trained.lowerBound < trained.upperBound {
                let reason = "no '\(name)' in test.csv is earlier than the latest one in train.csv"
                return (SplitAdvice(kind: .forwardInTime(column: name), reason: reason), [])
            }
            guard laterShare(of: testPlace, key, than: trained.upperBound) >= 0.9 else { continue }
            notes.append(
                "Nearly every '\(name)' in test.csv is later than all of train.csv; to hold out the latest rows write "
                    + "'split: {kind: forward, column: \(name)}' in task.yaml.")
        }
        return (nil, notes)
    }

    /// The share of test rows with a time later than `last`.
    private func laterShare(of place: Int, _ key: TimeKey, than last: Double) -> Double {
        var rows = 0
        var later = 0
        test.forEachRow { _, fields in
            guard let time = fields.withValue(place, key.time) else { return }
            rows += 1
            if time > last { later += 1 }
        }
        return rows == 0 ? 0 : Double(later) / Double(rows)
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

    /// Of the columns that surely are names of groups the one with the fewest different values; and those that may be.
    private func groupColumns() -> (certain: SplitAdvice?, notes: [String]) {
        var best: (name: String, distinct: Int)?
        var notes: [String] = []
        for (place, name) in train.names.enumerated() where !excluded.contains(name) {
            guard let testPlace = test.names.firstIndex(of: name), holdsNames(place) else { continue }
            let overlap = GroupOverlap(train: train, place: place, test: test, testPlace: testPlace)
            guard overlap.isSetApart else { continue }
            if overlap.trainValues >= 10, counts[place].content == .category || Self.namesGroup(name) {
                if overlap.trainValues < best?.distinct ?? Int.max { best = (name, overlap.trainValues) }
            } else {
                notes.append(
                    "'\(name)' looks like groups: its values repeat within train.csv, and test.csv has others. To hold "
                        + "out whole groups write 'split: {kind: grouped, column: \(name)}' in task.yaml.")
            }
        }
        let certain = best.map {
            SplitAdvice(
                kind: .grouped(column: $0.name),
                reason: "'\($0.name)' repeats within train.csv, but its values in test.csv do not occur in train.csv")
        }
        return (certain, notes)
    }

    /// Ids that have the name of a group in front, as `0001_01`.
    private func identifierGroups() -> SplitAdvice? {
        guard let id, let place = train.names.firstIndex(of: id), let testPlace = test.names.firstIndex(of: id) else {
            return nil
        }
        let overlap = GroupOverlap(
            train: train, place: place, test: test, testPlace: testPlace, key: IdentifierGroup.key)
        guard overlap.isSetApart, overlap.trainValues >= 10 else { return nil }
        return SplitAdvice(
            kind: .grouped(column: id),
            reason:
                "the first part of '\(id)' repeats within train.csv, but does not occur there when it is in test.csv")
    }

    private func holdsNames(_ place: Int) -> Bool {
        switch counts[place].content {
        case .category: true
        case .number: counts[place].isWhole
        case .date, .text, .constant: false
        }
    }

    /// Whole numbers are names only where the column's name says so: a year would look just the same.
    private static func namesGroup(_ name: String) -> Bool {
        let lowered = name.lowercased()
        let words = MetricText(lowered).words.map(\.lowered)
        let groups: Set = [
            "id", "group", "user", "subject", "patient", "person", "session", "customer", "product", "speaker",
            "writer", "site", "store", "item", "scene", "subjectid", "userid", "patientid", "groupid", "sessionid",
            "code",
            "pid", "uid", "sid", "household", "family", "participant", "respondent", "donor", "animal", "mouse",
            "hospital", "clinic", "school", "plate", "batch", "author", "artist", "device", "machine", "vehicle",
            "video", "recording", "station", "location", "company", "account", "client", "member", "shop", "seller",
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

    /// - Parameter key: makes the value of a field; `nil` leaves the field out.
    init(
        train: CSVFile, place: Int, test: CSVFile, testPlace: Int,
        key: (UnsafeBufferPointer<UInt8>) -> UInt64? = { $0.isEmpty ? nil : ColumnProfiler.hash($0) }
    ) {
        var counts: [UInt64: Int] = [:]
        train.forEachRow { _, fields in
            if let key = fields.withValue(place, key) { counts[key, default: 0] += 1 }
        }
        var tested = 0
        var seen = 0
        test.forEachRow { _, fields in
            guard let key = fields.withValue(testPlace, key) else { return }
            tested += 1
            if counts[key] != nil { seen += 1 }
        }
        let rows = counts.values.reduce(0, +)
        trainValues = counts.count
        repeatedShare = rows == 0 ? 0 : Double(counts.values.filter { $0 > 1 }.reduce(0, +)) / Double(rows)
        seenShare = tested < 10 ? 1 : Double(seen) / Double(tested)
    }

    /// Had test been drawn at random, about as many test rows would meet their value in train as training rows
    /// meet theirs again.
    var isSetApart: Bool { trainValues >= 2 && repeatedShare >= 0.3 && seenShare <= 0.02 }
}

/// The group that the id of a row begins with: what stands before the last `_`, `-`, `.`, `:` or `/`.
enum IdentifierGroup {
    private static let separators = "_-.:/".utf8

    /// The group's bytes; `nil` when the id has one part only.
    static func prefix(_ id: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        guard let end = id.lastIndex(where: separators.contains), end > 0, end < id.count - 1 else { return nil }
        return UnsafeBufferPointer(rebasing: id[..<end])
    }

    static func key(_ id: UnsafeBufferPointer<UInt8>) -> UInt64? { prefix(id).map(ColumnProfiler.hash) }
}

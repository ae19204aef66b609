import Vocabulary

/// Counts what the columns of a table hold, in one pass.
struct ColumnProfiler {
    /// What is counted of one column.
    struct Count {
        var rows = 0
        var empty = 0
        var missingWords = 0
        var numbers = 0
        var dates = 0
        var blanks = 0
        var syntax: FieldSyntax = []
        var distinct = DistinctValues()
        /// Whether a date cannot be read unless the day comes before the month.
        var isDayFirst = false
        /// The words for a missing value that occur.
        var words = Set<String>()
        /// The spellings of true and false that occur, and how many fields they are.
        var truths = Set<String>()
        var truthCount = 0
        /// Numbers with digits other than zero behind the point, or with an exponent.
        var fractions = 0

        var present: Int { rows - empty }

        /// Numbers, with words for missing ones between them at most.
        var isNumeric: Bool { numbers > 0 && numbers + missingWords == present }
        /// Numbers of which none has a fraction, however they are written: `7`, `7.0`.
        var isWhole: Bool { isNumeric && fractions == 0 }
        var isDate: Bool { dates > 0 && dates + missingWords == present }
        var isTruth: Bool { truthCount > 0 && truthCount + missingWords == present }
        /// Digits in front that a number would lose, as in `00017`.
        var hasLeadingZeros: Bool { syntax.contains(.leadingZero) }

        var content: DataProfile.Content {
            if distinct.count <= 1, empty == 0 { return .constant }
            if isDate { return .date }
            if isNumeric { return .number }
            let isProse = present > 0 && blanks >= 2 * present && distinct.count > 20
            return isProse ? .text : .category
        }

        /// Whether its whole numbers may stand for things: more than trees can tell apart with a few cuts, each in more than
        /// one row on average, and those of the test rows for the most part known.
        func holdsCodes(asIn tested: Count) -> Bool {
            guard isWhole, tested.isWhole else { return false }
            return distinct.count > 100 && 2 * present >= 3 * distinct.count
                && distinct.share(of: tested.distinct) >= 0.5
        }

        private static func isWhole(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
            guard let point = value.firstIndex(of: UInt8(ascii: ".")) else { return false }
            return value[(point + 1)...].allSatisfy { $0 == 0x30 || $0 == 0x20 }
        }

        mutating func add(_ value: UnsafeBufferPointer<UInt8>) {
            rows += 1
            distinct.insert(ColumnProfiler.hash(value))
            let field = FieldSyntax(of: value)
            guard field != .empty else {
                empty += 1
                return
            }
            syntax.formUnion(field)
            if field.contains(.number) {
                numbers += 1
                if !field.contains(.integer), !Self.isWhole(value) { fractions += 1 }
            }
            if field.contains(.missingWord) {
                missingWords += 1
                words.insert(String(decoding: value, as: UTF8.self).trimmingBlanks)
            }
            if field.contains(.truth) {
                truthCount += 1
                truths.insert(String(decoding: value, as: UTF8.self).trimmingBlanks)
            }
            guard !field.contains(.number), field.isDisjoint(with: [.missingWord, .truth]) else { return }
            let mustBeDayFirst = DateReader.mustBeDayFirst(value)
            if DateReader(isDayFirst: mustBeDayFirst).key(value) != nil {
                dates += 1
                if mustBeDayFirst { isDayFirst = true }
            } else {
                blanks += value.reduce(0) { $0 + ($1 == 0x20 ? 1 : 0) }
            }
        }
    }

    /// One count per column of the file.
    static func counts(of file: CSVFile) -> [Count] {
        var counts = [Count](repeating: Count(), count: file.names.count)
        file.forEachRow { _, fields in
            for column in counts.indices { fields.withValue(column) { counts[column].add($0) } }
        }
        return counts
    }

    /// What was counted in both tables. Dates of a column are read in one way: day first where they must be in either.
    static func counts(train: CSVFile, test: CSVFile?) -> (train: [Count], test: [Count]) {
        var trained = counts(of: train)
        guard let test else { return (trained, []) }
        var tested = counts(of: test)
        for (place, name) in test.names.enumerated() {
            guard let own = train.names.firstIndex(of: name) else { continue }
            let isDayFirst = trained[own].isDayFirst || tested[place].isDayFirst
            trained[own].isDayFirst = isDayFirst
            tested[place].isDayFirst = isDayFirst
        }
        return (trained, tested)
    }

    /// FNV-1a with a final mix: the same in every process, unlike `Hasher`.
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        state ^= state >> 33
        state &*= 0xff51_afd7_ed55_8ccd
        return state ^ (state >> 33)
    }

    static func profile(of tables: TaskTables) -> DataProfile {
        let tested = zip(tables.test?.names ?? [], tables.testCounts)
        let columns = zip(tables.train.names, tables.trainCounts).map { name, count in
            DataProfile.Column(
                name: name, content: count.content,
                distinctCount: min(DistinctValues.limit, count.distinct.count - (count.empty > 0 ? 1 : 0)),
                missingShare: count.rows == 0
                    ? 0 : Double(count.empty + (count.isNumeric ? count.missingWords : 0)) / Double(count.rows),
                isInTest: tables.test?.names.contains(name) ?? false, isDayFirst: count.isDayFirst,
                isCode: tested.first { $0.0 == name }.map { count.holdsCodes(asIn: $0.1) } ?? false)
        }
        return DataProfile(
            trainingRowCount: tables.train.rowCount,
            testRowCount: tables.test?.rowCount ?? tables.sample?.rowCount ?? 0, columns: columns)
    }
}

extension DataProfile {
    /// The columns under the names that mounts give them.
    func asScripts(see identity: RowIdentity, without silent: [String]) -> DataProfile {
        let kept = columns.filter { !silent.contains($0.name) }.map { column in
            guard column.name == identity.tableColumn, column.name != identity.column else { return column }
            return Column(
                name: identity.column, content: column.content, distinctCount: column.distinctCount,
                missingShare: column.missingShare, isInTest: column.isInTest, isDayFirst: column.isDayFirst,
                isCode: column.isCode)
        }
        return DataProfile(trainingRowCount: trainingRowCount, testRowCount: testRowCount, columns: kept)
    }
}

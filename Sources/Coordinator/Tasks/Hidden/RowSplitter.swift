/// The rows of `train.csv` by what one fold does with them.
struct FoldRows: Hashable {
    /// Rows whose labels scripts see.
    var training: [Int]
    /// Held-out rows whose score the search sees.
    var search: [Int]
    /// Held-out rows that only choose among finalists.
    var judge: [Int]
}

/// What a splitter knows of the rows.
struct SplitMaterial {
    /// All rows of `train.csv`.
    let rowCount: Int
    /// Rows that have all labels, in file order. The others are for training only.
    let labelled: [Int]
    /// For each row of `train.csv` the number of its class; all 0 where the target is no class.
    let strata: [Int]
    /// For each row its group; `nil` where the group is not known.
    var groups: [String?] = []
    /// For each row its time; `nil` where the time is not known.
    var times: [Double?] = []
}

/// Chooses held-out rows.
struct RowSplitter {
    let material: SplitMaterial
    let kind: SplitAdvice.Kind
    let settings: SplitSettings
    /// Settles every draw.
    let seed: String

    func folds() throws(TaskError) -> [FoldRows] {
        let held: [HeldOut]
        switch kind {
        case .stratified, .plain: held = byStratum()
        case .grouped(let column): held = try GroupSplitter(splitter: self, column: column).heldOut()
        case .forwardInTime(let column): held = try TimeSplitter(splitter: self, column: column).heldOut()
        }
        var folds: [FoldRows] = []
        for (index, part) in held.enumerated() {
            guard part.rows.count >= 2 else {
                throw TaskError(
                    .impossibleSplit,
                    "Fold \(index) would have \(part.rows.count) held-out rows; 2 are needed. Raise the held-out "
                        + "share, lower the number of folds, or write 'hidden: false' in task.yaml.")
            }
            let judge = Set(judgeRows(of: part, fold: index))
            folds.append(
                FoldRows(
                    training: capped(part.training, fold: index), search: part.rows.filter { !judge.contains($0) },
                    judge: part.rows.filter(judge.contains)))
        }
        return folds
    }

    /// The held-out rows of one fold and the rows that may be trained on.
    struct HeldOut {
        var rows: [Int]
        var training: [Int]
        /// Sets of rows that must not be parted, where there are such.
        var groups: [[Int]] = []
    }

    /// How many rows each fold holds out.
    var heldOutCount: Int {
        let wanted = Int((Double(material.labelled.count) * settings.holdoutShare).rounded())
        return max(2, min(wanted, settings.maximumHoldoutRows, material.labelled.count / max(settings.folds, 2)))
    }

    // MARK: By class

    private func byStratum() -> [HeldOut] {
        var stream = RandomStream(seed: seed, purpose: "held out")
        let strata = Strata(rows: material.labelled, of: material.strata).map { stream.shuffled($0) }
        let counts = Apportionment.heldOut(
            heldOutCount, sizes: strata.map(\.count), folds: settings.folds, share: settings.holdoutShare)
        return (0..<settings.folds).map { fold in
            let rows = zip(strata, counts).flatMap { rows, count in rows[(fold * count)..<((fold + 1) * count)] }
                .sorted()
            let held = Set(rows)
            return HeldOut(rows: rows, training: (0..<material.rowCount).filter { !held.contains($0) })
        }
    }

    // MARK: Judge part and cap

    private func judgeRows(of part: HeldOut, fold: Int) -> [Int] {
        var stream = RandomStream(seed: seed, purpose: "judge \(fold)")
        let wanted = Int((Double(part.rows.count) * settings.judgeShare).rounded())
        let count = min(max(1, wanted), part.rows.count - 1)
        if part.groups.count > 1 { return Self.wholeGroups(stream.shuffled(part.groups), count: count) }
        let strata = Strata(rows: part.rows, of: material.strata).map { stream.shuffled($0) }
        return zip(strata, Apportionment.judge(count, sizes: strata.map(\.count))).flatMap { $0.prefix($1) }
    }

    /// Groups until `count` rows are reached, leaving at least one group.
    private static func wholeGroups(_ groups: [[Int]], count: Int) -> [Int] {
        var taken: [Int] = []
        for group in groups.dropLast() where taken.isEmpty || taken.count + group.count <= count {
            taken += group
        }
        return taken
    }

    private func capped(_ rows: [Int], fold: Int) -> [Int] {
        guard let most = settings.maximumTrainingRows, rows.count > most else { return rows }
        var stream = RandomStream(seed: seed, purpose: "training rows \(fold)")
        let strata = Strata(rows: rows, of: material.strata).map { stream.shuffled($0) }
        let counts = Apportionment.sample(most, sizes: strata.map(\.count))
        return zip(strata, counts).flatMap { $0.prefix($1) }.sorted()
    }
}

/// Rows by class, in the order of the classes' numbers.
struct Strata {
    private let rows: [[Int]]

    init(rows: [Int], of strata: [Int]) {
        var byStratum: [Int: [Int]] = [:]
        for row in rows { byStratum[strata[row], default: []].append(row) }
        self.rows = byStratum.keys.sorted().compactMap { byStratum[$0] }
    }

    func map<Result>(_ transform: ([Int]) -> Result) -> [Result] { rows.map(transform) }
}

/// How many rows are held out, and by which draw.
public struct SplitSettings: Codable, Hashable, Sendable {
    /// Decides the draw together with the task's files: equal seeds on equal files give equal splits.
    public var seed: UInt64
    /// Share of the labelled rows that is held out in each fold, above 0 and below 1.
    public var holdoutShare: Double
    /// Share of the held-out rows that only the judge sees, above 0 and below 1.
    public var judgeShare: Double
    /// At most this many rows are held out in each fold; at least 2.
    public var maximumHoldoutRows: Int
    /// At most this many training rows in a search mount; `nil` for all.
    public var maximumTrainingRows: Int?
    /// Number of search mounts with different held-out rows, 1 to 20.
    public var folds: Int

    /// Settings; the defaults are those of the presets.
    public init(
        seed: UInt64, holdoutShare: Double = 0.2, judgeShare: Double = 1.0 / 3, maximumHoldoutRows: Int = 20_000,
        maximumTrainingRows: Int? = nil, folds: Int = 1
    ) {
        self.seed = seed
        self.holdoutShare = holdoutShare
        self.judgeShare = judgeShare
        self.maximumHoldoutRows = maximumHoldoutRows
        self.maximumTrainingRows = maximumTrainingRows
        self.folds = folds
    }

    func check() throws(TaskError) {
        let faults = [
            holdoutShare > 0 && holdoutShare < 1 ? nil : "holdoutShare is \(holdoutShare); allowed: above 0, below 1",
            judgeShare > 0 && judgeShare < 1 ? nil : "judgeShare is \(judgeShare); allowed: above 0, below 1",
            maximumHoldoutRows >= 2 ? nil : "maximumHoldoutRows is \(maximumHoldoutRows); allowed: 2 or more",
            maximumTrainingRows ?? 2 >= 2
                ? nil : "maximumTrainingRows is \(maximumTrainingRows ?? 0); allowed: 2 or more",
            (1...20).contains(folds) ? nil : "folds is \(folds); allowed: 1 to 20",
        ].compactMap { $0 }
        guard faults.isEmpty else {
            throw TaskError(.impossibleSplit, "Split settings: \(faults.joined(separator: "; ")).")
        }
    }
}

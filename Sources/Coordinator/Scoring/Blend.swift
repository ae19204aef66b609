public import Vocabulary

/// Combines aligned predictions of several solutions into one; trains nothing.
///
/// How a column is combined follows from the metric and the column's content:
/// - numbers of a metric that computes with them: the weighted mean; for AUC, which asks only for the order, the
///   weighted mean of the rows' ranks in each member (from 0 to 1, ties share theirs), so that members on different
///   scales weigh alike. Ranks depend on the set of rows: combine all rows at once;
/// - guesses of mean average precision: each guess gets its member's weight divided by its place, the first K by that
///   sum win, the guess met first where sums are equal;
/// - labels and texts: the one with the largest weight; where weights are equal, the one an earlier member predicts;
/// - one label a row, where members say how probable each class is: the class with the largest weighted mean of the
///   logarithms of these, each at least that of 0.001; a member that does not say so is certain of its label.
public enum Blend {
    /// The members combined with equal weights.
    public static func average(_ members: [Table], scorer: Scorer) throws(ScoringError) -> Table {
        try combine(members: members, weights: [Double](repeating: 1, count: members.count), scorer: scorer)
    }

    /// The members combined by weight: ids as in the members, columns as in the schema.
    ///
    /// Members are tables as `SubmissionCheck.align` returns them for the same ids. Weights are zero or more, not all
    /// zero, one for each member; only their ratios count. One member that has all the weight comes back unchanged.
    ///
    /// - Parameter shares: for each member what stands behind its labels, for the same rows; or none at all.
    public static func combine(
        members: [Table], weights: [Double], scorer: Scorer, shares: [ClassShares?] = []
    ) throws(ScoringError) -> Table {
        guard weights.count == members.count, weights.allSatisfy({ $0 >= 0 && $0.isFinite }),
            weights.contains(where: { $0 > 0 })
        else {
            throw ScoringError(
                message:
                    "A blend needs a weight of zero or more for each of its \(members.count) members, not all zero.")
        }
        let ids = try commonIDs(members, scorer: scorer)
        if weights.count(where: { $0 > 0 }) == 1, let place = weights.firstIndex(where: { $0 > 0 }) {
            return members[place].selecting(columns: scorer.schema.header)
        }
        var columns = [ids]
        for column in try BlendColumn.columns(of: members, shares: shares, scorer: scorer) {
            columns.append(column.combined(weights).texts)
        }
        return Table(names: scorer.schema.header, columns: columns)
    }

    private static func commonIDs(_ members: [Table], scorer: Scorer) throws(ScoringError) -> [String] {
        guard let ids = members.first?[scorer.schema.idColumn],
            members.allSatisfy({ $0[scorer.schema.idColumn] == ids })
        else {
            throw ScoringError(message: "The members of a blend must have the same ids in the same order.")
        }
        return ids
    }
}

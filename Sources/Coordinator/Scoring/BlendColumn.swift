import Vocabulary

/// One column of several members, parsed once, ready to be combined with any weights.
enum BlendColumn: Sendable {
    /// `[member][row]`; a mean of probabilities stays within 0 to 1.
    case numbers([[Double]], isProbability: Bool)
    /// `votes[member][row]` is a place in `texts`.
    case votes([[Int]], texts: [String])
    /// Labels with what stands behind them, where at least one member says so.
    case shares(BlendedShares)
    /// `[member][row][place]`; the first `limit` are kept.
    case guesses([[[String]]], limit: Int)

    /// The schema's columns of the members.
    ///
    /// - Parameter shares: one for each member, or none at all.
    static func columns(
        of members: [Table], shares: [ClassShares?], scorer: Scorer
    ) throws(ScoringError) -> [BlendColumn] {
        var columns: [BlendColumn] = []
        for column in scorer.schema.columns {
            var fields: [[String]] = []
            for member in members { fields.append(try scorer.fields(of: column, in: member)) }
            let isShared = ClassShares.apply(to: scorer) && shares.contains { $0 != nil }
            columns.append(
                isShared
                    ? .shares(BlendedShares(labels: fields, shares: shares, scorer: scorer))
                    : try BlendColumn(fields, column: column, scorer: scorer))
        }
        return columns
    }

    private init(
        _ members: [[String]], column: SubmissionSchema.Column, scorer: Scorer
    ) throws(ScoringError) {
        if case .meanAveragePrecision(let limit) = scorer.metric {
            self = .guesses(members.map { $0.map(Scorer.symbols) }, limit: limit)
        } else if scorer.isNumeric, column.content != .label, column.content != .text {
            var numbers: [[Double]] = []
            for member in members { numbers.append(try PredictionColumn.texts(member).numbers(name: column.name)) }
            if scorer.metric == .auc || scorer.metric == .meanColumnAUC { numbers = numbers.map(BlendColumn.unitRanks) }
            self = .numbers(numbers, isProbability: column.content == .probability)
        } else {
            self = BlendColumn.votes(members, labels: column.content == .text ? nil : scorer.labels)
        }
    }

    /// The column with these weights, one for each member, not all zero.
    func combined(_ weights: [Double]) -> PredictionColumn {
        let total = weights.reduce(0, +)
        let shares = weights.map { $0 / total }
        switch self {
        case .numbers(let members, let isProbability):
            let means = BlendColumn.means(members, shares)
            return .numbers(isProbability ? means.map { min(max($0, 0), 1) } : means)
        case .votes(let members, let texts):
            return .texts(BlendColumn.winners(members, weights).map { texts[$0] })
        case .shares(let pool): return .texts(pool.winners(shares))
        case .guesses(let members, let limit):
            let rows = members.first?.indices ?? 0..<0
            return .texts(rows.map { row in BlendColumn.merged(members.map { $0[row] }, weights, limit: limit) })
        }
    }

    /// Ranks less a half, over the number of rows: from 0 to 1, exclusive.
    private static func unitRanks(_ values: [Double]) -> [Double] {
        RankOrder(values).ranks.map { ($0 - 0.5) / Double(values.count) }
    }

    private static func votes(_ members: [[String]], labels: Labels?) -> BlendColumn {
        var places: [String: Int] = [:]
        var texts: [String] = []
        let votes = members.map { member in
            member.map { text in
                let key = labels?.key(text) ?? text
                if let place = places[key] { return place }
                places[key] = texts.count
                texts.append(text)
                return texts.count - 1
            }
        }
        return .votes(votes, texts: texts)
    }

    private static func means(_ members: [[Double]], _ shares: [Double]) -> [Double] {
        var means = [Double](repeating: 0, count: members.first?.count ?? 0)
        for (member, share) in zip(members, shares) where share > 0 {
            for row in means.indices { means[row] += share * member[row] }
        }
        return means
    }

    private static func winners(_ members: [[Int]], _ weights: [Double]) -> [Int] {
        (members.first?.indices ?? 0..<0).map { row in
            var best = (vote: 0, weight: 0.0)
            for (place, member) in members.enumerated() where weights[place] > 0 {
                let vote = member[row]
                var weight = 0.0
                for other in members.indices where members[other][row] == vote { weight += weights[other] }
                // Strictly more, rounding aside: at equal weight the vote of the earlier member stands.
                if weight > best.weight * (1 + 1e-9) { best = (vote, weight) }
            }
            return best.vote
        }
    }

    private static func merged(_ members: [[String]], _ weights: [Double], limit: Int) -> String {
        var scores: [String: Double] = [:]
        var order: [String] = []
        for (guesses, weight) in zip(members, weights) where weight > 0 {
            for (place, guess) in guesses.enumerated() {
                if scores[guess] == nil { order.append(guess) }
                scores[guess, default: 0] += weight / Double(place + 1)
            }
        }
        let ranked = order.enumerated().sorted {
            let (a, b) = (scores[$0.element] ?? 0, scores[$1.element] ?? 0)
            return a > b || (a == b && $0.offset < $1.offset)
        }
        return ranked.prefix(limit).map(\.element).joined(separator: " ")
    }
}

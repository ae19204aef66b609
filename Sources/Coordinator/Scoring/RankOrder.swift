/// Rows in ascending order of a value, with ties marked.
struct RankOrder: Sendable {
    /// Row indices, smallest value first; equal values by index.
    let rows: [Int]
    /// Whether the row at this place of `rows` is the last of those with its value.
    let endsTie: [Bool]

    /// Orders finite values.
    init(_ values: [Double]) {
        let sorted = values.enumerated().sorted {
            $0.element < $1.element || ($0.element == $1.element && $0.offset < $1.offset)
        }
        rows = sorted.map(\.offset)
        endsTie = sorted.indices.map { $0 + 1 == sorted.count || sorted[$0].element < sorted[$0 + 1].element }
    }

    /// Each row's rank from 1 when row r occurs `multiplicities[r]` times; equal values share their mean rank.
    ///
    /// Values 5, 7, 7 once each → 1, 2.5, 2.5. Rows with multiplicity 0 get the rank they would tie with.
    func ranks(multiplicities: [Double]) -> [Double] {
        var ranks = [Double](repeating: 0, count: rows.count)
        var below = 0.0
        var start = 0
        for place in rows.indices where endsTie[place] {
            var tied = 0.0
            for member in start...place { tied += multiplicities[rows[member]] }
            let rank = below + (tied + 1) / 2
            for member in start...place { ranks[rows[member]] = rank }
            below += tied
            start = place + 1
        }
        return ranks
    }

    /// Each row's rank when every row occurs once.
    var ranks: [Double] { ranks(multiplicities: [Double](repeating: 1, count: rows.count)) }
}

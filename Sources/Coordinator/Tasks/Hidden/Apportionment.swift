/// Shares rows out among classes in proportion to their sizes, by largest remainders; of equal remainders the
/// earlier class wins.
///
/// Sizes 50, 30, 20 and a total of 7 have quotas 3.5, 2.1, 1.4 and get 4, 2, 1.
enum Apportionment {
    /// Rows each class gives to each fold's held-out part.
    ///
    /// Every class keeps a training row. A class whose share is below half a row stays in training, unless nearly all
    /// classes are that small. Of two classes each gives two rows when it can, so that both parts have both.
    static func heldOut(_ total: Int, sizes: [Int], folds: Int, share: Double) -> [Int] {
        let most = sizes.map { max(0, min($0 - 1, $0 / folds)) }
        let isRare = sizes.map { Double($0) * share < 0.5 }
        let common = zip(most, isRare).map { $1 ? 0 : $0 }
        let least = sizes.count == 2 ? most.map { min(2, $0) } : []
        let first = shares(
            total, sizes: sizes, least: least, most: zip(common, most).map { sizes.count == 2 ? $1 : $0 })
        return first.reduce(0, +) * 2 >= total ? first : shares(total, sizes: sizes, least: [], most: most)
    }

    /// Rows each class gives to the judge part; of two classes each gives one and keeps one when it can.
    static func judge(_ total: Int, sizes: [Int]) -> [Int] {
        let isPair = sizes.count == 2
        return shares(
            total, sizes: sizes, least: isPair ? sizes.map { $0 >= 2 ? 1 : 0 } : [],
            most: isPair ? sizes.map { max(0, $0 - 1) } : sizes)
    }

    /// Rows each class keeps in a sample; none vanishes while there is room.
    static func sample(_ total: Int, sizes: [Int]) -> [Int] {
        let least = sizes.count <= total ? sizes.map { min(1, $0) } : []
        return shares(total, sizes: sizes, least: least, most: sizes)
    }

    private static func shares(_ total: Int, sizes: [Int], least: [Int], most: [Int]) -> [Int] {
        let rows = sizes.reduce(0, +)
        guard rows > 0 else { return sizes.map { _ in 0 } }
        let quotas = sizes.map { Double(total) * Double($0) / Double(rows) }
        var counts = quotas.map { Int($0) }
        for place in counts.indices {
            counts[place] = min(max(counts[place], least.isEmpty ? 0 : least[place]), most[place])
        }
        let byRemainder = counts.indices.sorted { a, b in
            let (left, right) = (quotas[a] - quotas[a].rounded(.down), quotas[b] - quotas[b].rounded(.down))
            return left == right ? a < b : left > right
        }
        var open = total - counts.reduce(0, +)
        // Minima can take more than the total: the largest class gives back.
        while open < 0,
            let largest = counts.indices.filter({ counts[$0] > (least.isEmpty ? 0 : least[$0]) })
                .max(by: { counts[$0] < counts[$1] })
        {
            counts[largest] -= 1
            open += 1
        }
        var moved = true
        while open > 0, moved {
            moved = false
            for place in byRemainder where open > 0 && counts[place] < most[place] {
                counts[place] += 1
                open -= 1
                moved = true
            }
        }
        return counts
    }
}

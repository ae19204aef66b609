/// Levenshtein's distance.
enum EditDistance {
    /// The least number of insertions, deletions and replacements that turn one sequence into the other.
    ///
    /// "kitten", "sitting" → 3. Takes time in the product of the lengths, without what both begin and end with.
    static func between<Symbol: Equatable>(_ a: [Symbol], _ b: [Symbol]) -> Int {
        let prefix = zip(a, b).prefix { $0 == $1 }.count
        let suffix = zip(a.dropFirst(prefix).reversed(), b.dropFirst(prefix).reversed()).prefix { $0 == $1 }.count
        let left = Array(a[prefix..<(a.count - suffix)])
        let right = Array(b[prefix..<(b.count - suffix)])
        // row[j]: distance between what was read of `left` and the first j symbols of `right`.
        var row = Array(0...right.count)
        for i in left.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let replaced = diagonal + (left[i] == right[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
            }
        }
        return row[right.count]
    }
}

/// The distinct values of a column, by their hashes: all of them up to a limit, and of more those whose hashes end in one zero
/// bit, in two, and so on. Two columns can thus be compared however many values they have (Gibbons 2001).
struct DistinctValues {
    static let limit = 10_000

    private var hashes = Set<UInt64>()
    /// The zero bits that hashes end in at least.
    private var level = 0

    mutating func insert(_ hash: UInt64) {
        guard hash.trailingZeroBitCount >= level else { return }
        hashes.insert(hash)
        while hashes.count > Self.limit {
            level += 1
            hashes = hashes.filter { $0.trailingZeroBitCount >= level }
        }
    }

    /// How many there are: exact up to the limit, an estimate beyond.
    var count: Int { level == 0 ? hashes.count : max(Self.limit, hashes.count << level) }

    /// The share of another column's values that are among these, 0 to 1; an estimate where one has more than the limit.
    func share(of other: DistinctValues) -> Double {
        let common = max(level, other.level)
        let asked = other.hashes.filter { $0.trailingZeroBitCount >= common }
        return asked.isEmpty ? 0 : Double(asked.count(where: hashes.contains)) / Double(asked.count)
    }
}

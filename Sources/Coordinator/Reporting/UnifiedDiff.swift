/// What changed between two texts, as the lines that `diff -u` prints.
struct UnifiedDiff {
    private enum Line {
        case kept(String)
        case removed(String)
        case added(String)

        var text: String {
            switch self {
            case .kept(let text): " \(text)"
            case .removed(let text): "-\(text)"
            case .added(let text): "+\(text)"
            }
        }

        var isChange: Bool { if case .kept = self { false } else { true } }
    }

    private let all: [Line]

    /// The difference of two texts, line by line.
    init(from old: String, to new: String) {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let difference = after.difference(from: before)
        let removed = Set(
            difference.removals.map { change in
                if case .remove(let offset, _, _) = change { offset } else { 0 }
            })
        let added = Set(
            difference.insertions.map { change in
                if case .insert(let offset, _, _) = change { offset } else { 0 }
            })
        var lines: [Line] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if removed.contains(left), left < before.count {
                lines.append(.removed(before[left]))
                left += 1
            } else if added.contains(right), right < after.count {
                lines.append(.added(after[right]))
                right += 1
            } else {
                lines.append(.kept(after[right]))
                left += 1
                right += 1
            }
        }
        all = lines
    }

    /// The changed lines with some unchanged ones around them; what is left out between them shows as `…`.
    ///
    /// - Parameter limit: lines at most; the last one then says how many are left out.
    func lines(context: Int = 2, limit: Int = 80) -> [String] {
        let changes = all.indices.filter { all[$0].isChange }
        let shown = Set(changes.flatMap { max(0, $0 - context)...min(all.count - 1, $0 + context) }).sorted()
        var lines: [String] = []
        var last: Int?
        for index in shown {
            if let last, index > last + 1 { lines.append("…") }
            lines.append(all[index].text)
            last = index
        }
        guard lines.count > limit else { return lines }
        return lines.prefix(limit) + ["… \(lines.count - limit) more lines"]
    }
}

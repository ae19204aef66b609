import Vocabulary

/// The bounds of the median rule (as in Google Vizier, "median stopping"), from what other scripts had reached.
enum MedianRule {
    /// What a script must have reached with its first k reports, for each k: the median of the others' best so far, or
    /// `nil` where the rule does not look.
    ///
    /// - Parameter curves: for each other script, the best of its first k reports, for each k.
    static func bounds(_ curves: [[Double]], rule: EarlyStop) -> [Double?] {
        let longest = curves.map(\.count).max() ?? 0
        return (0..<longest).map { step in
            let reached = curves.filter { $0.count > step }.map { $0[step] }.filter(\.isFinite).sorted()
            guard step >= rule.warmUp, reached.count >= max(1, rule.others) else { return nil }
            let middle = reached.count / 2
            // Halves, because a sum of large scores is no number any more.
            return reached.count % 2 == 1 ? reached[middle] : reached[middle - 1] / 2 + reached[middle] / 2
        }
    }
}

/// The intermediate scores of the scripts that a worker has run, by what makes them comparable.
struct CurveBook {
    /// Scripts of one run on one mount.
    struct Page: Hashable {
        let run: RunID
        let mount: ContentHash
        let direction: Direction
    }

    private var curves: [Page: [[Double]]] = [:]
    private var order: [Page] = []
    /// Pages kept; the oldest go first.
    private static let pageLimit = 64

    /// The scores of one more script.
    mutating func enter(_ curve: [Double], on page: Page) {
        guard !curve.isEmpty else { return }
        if curves[page] == nil { order.append(page) }
        curves[page, default: []].append(curve)
        if order.count > Self.pageLimit { curves[order.removeFirst()] = nil }
    }

    func curves(on page: Page) -> [[Double]] { curves[page] ?? [] }
}

extension Job {
    /// Where its curve belongs, if it has a rule.
    var curvePage: CurveBook.Page? {
        earlyStop.map { CurveBook.Page(run: id.run, mount: mount.manifest, direction: $0.direction) }
    }
}

public import Vocabulary

extension [Solution] {
    /// Best first; ties and failures keep their order.
    public func ranked(by direction: Direction) -> [Solution] {
        enumerated().sorted { left, right in
            if left.element.standing.isBetter(than: right.element.standing, by: direction) { return true }
            if right.element.standing.isBetter(than: left.element.standing, by: direction) { return false }
            return left.offset < right.offset
        }.map(\.element)
    }
}

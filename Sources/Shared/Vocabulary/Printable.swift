extension String {
    /// What a peer wrote, for a log or a page: at most `count` characters, and four bytes for each, and none that could write
    /// lines of its own.
    public func printable(_ count: Int = 500) -> String {
        // One character may have any number of marks: only bytes bound what is kept.
        var bytes = 0
        let bounded = unicodeScalars.prefix { scalar in
            bytes += UTF8.width(scalar)
            return bytes <= 4 * count
        }
        return String(
            String(bounded).prefix(count).map {
                $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } ? $0 : "?"
            })
    }

    /// The same text without control characters other than line ends and tabs: none of it is a command to a terminal.
    public var withoutControls: String {
        var kept = UnicodeScalarView()
        kept.append(
            contentsOf: unicodeScalars.filter { $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control })
        return String(kept)
    }
}

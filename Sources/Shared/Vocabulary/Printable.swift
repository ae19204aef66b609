extension String {
    /// What a peer wrote, for a log or a page: at most `count` characters, and none that could write lines of its own.
    public func printable(_ count: Int = 500) -> String {
        String(
            prefix(count).map { $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } ? $0 : "?" })
    }
}

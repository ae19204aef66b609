import Foundation

/// Pages that must not be seen, such as published solutions of the very competition that is worked on.
public struct DenyList: Hashable, Sendable, Codable {
    /// A host with or without a path, such as `kaggle.com/competitions`: the host itself and hosts below it, and paths
    /// that begin so.
    public var places: [String]
    /// Names of competitions: a page is denied when its address or title holds all words of one.
    public var competitions: [String]

    /// A list; empty denies nothing.
    public init(places: [String] = [], competitions: [String] = []) {
        self.places = places
        self.competitions = competitions
    }

    /// Denies where solutions to a competition are usually published, and everything that names it.
    public static func benchmark(competition: String) -> DenyList {
        DenyList(
            places: [
                "kaggle.com/competitions", "kaggle.com/c", "kaggle.com/code", "kaggle.com/kernels",
                "kaggle.com/discussions", "kaggle.com/writeups", "kagglesolutions.com", "farid.one/kaggle-solutions",
            ], competitions: competition.isEmpty ? [] : [competition])
    }

    /// Whether a page must not be seen.
    public func denies(url: String, title: String = "") -> Bool {
        guard let parts = URLComponents(string: url), let host = parts.host?.lowercased() else { return true }
        let path = (parts.percentEncodedPath.removingPercentEncoding ?? parts.path).lowercased()
        if places.contains(where: { Self.holds($0.lowercased(), host: host, path: path) }) { return true }
        let words = Self.words(url.removingPercentEncoding ?? url).union(Self.words(title))
        return competitions.contains { name in
            let wanted = Self.words(name)
            return !wanted.isEmpty && wanted.isSubset(of: words)
        }
    }

    private static func holds(_ place: String, host: String, path: String) -> Bool {
        let parts = place.split(separator: "/", maxSplits: 1)
        guard let wanted = parts.first, host == wanted || host.hasSuffix(".\(wanted)") else { return false }
        guard parts.count == 2 else { return true }
        let start = "/\(parts[1])"
        return path == start || path.hasPrefix(start.hasSuffix("/") ? start : start + "/")
    }

    private static func words(_ text: String) -> Set<String> {
        Set(text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
    }
}

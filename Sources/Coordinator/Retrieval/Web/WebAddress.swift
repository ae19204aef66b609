import Foundation

/// Addresses of pages.
enum WebAddress {
    /// The address without fragment and the marks of campaigns; `nil` when it is no `http` or `https` address.
    static func tidy(_ url: String) -> String? {
        guard var parts = URLComponents(string: url.trimmingCharacters(in: .whitespacesAndNewlines)),
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme), parts.host?.isEmpty == false
        else { return nil }
        parts.fragment = nil
        parts.user = nil
        parts.password = nil
        let kept = parts.queryItems?.filter { !$0.name.lowercased().hasPrefix("utm_") }
        parts.queryItems = kept?.isEmpty == false ? kept : nil
        return parts.string
    }

    /// Where a page sends its reader; `nil` when that is no `http` or `https` address.
    static func following(_ location: String, from url: String) -> String? {
        guard let base = URL(string: url), let target = URL(string: location, relativeTo: base) else { return nil }
        return tidy(target.absoluteString)
    }

    /// Without the query, for messages.
    static func shown(_ url: String) -> String { String(url.prefix { $0 != "?" && $0 != "#" }.prefix(200)) }
}

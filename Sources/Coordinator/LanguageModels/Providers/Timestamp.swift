import Foundation

/// The ways in which providers write moments and spans.
enum Timestamp {
    /// Seconds of a Go duration such as `1h2m3s`, `6m0s`, `12ms`, `1.5s`.
    static func goDuration(_ text: String) -> Double? {
        var rest = Substring(text)
        var seconds = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            guard let value = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            let units = ["h": 3600.0, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9]
            guard let factor = units[String(unit)] else { return nil }
            seconds += value * factor
            rest = rest.dropFirst(unit.count)
        }
        return seconds
    }

    /// Seconds since 1970 of a moment such as `2025-08-21T12:40:59Z`.
    static func rfc3339(_ text: String) -> Double? {
        let plain = Date.ISO8601FormatStyle()
        let date =
            (try? plain.parse(text)) ?? (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
        return date?.timeIntervalSince1970
    }

    /// Seconds since 1970 of an HTTP date such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    static func httpDate(_ text: String) -> Double? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text)?.timeIntervalSince1970
    }
}

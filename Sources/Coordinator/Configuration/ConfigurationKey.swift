import Vocabulary
import Yams

/// One key of a configuration file: what it means, what is allowed, where its value goes.
struct ConfigurationKey: Sendable {
    let path: String
    let documentation: String
    let allowed: String
    /// Puts a value in place; `false` when it is not allowed.
    let set: @Sendable (inout RunConfiguration, String) -> Bool
    /// The value as it is written in a file.
    let text: @Sendable (RunConfiguration) -> String

    static func whole(
        _ path: String, _ property: any WritableKeyPath<RunConfiguration, Int> & Sendable, _ range: ClosedRange<Int>,
        _ documentation: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            path: path, documentation: documentation,
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            set: { configuration, text in
                guard let value = Int(text), range.contains(value) else { return false }
                configuration[keyPath: property] = value
                return true
            }, text: { "\($0[keyPath: property])" })
    }

    static func number(
        _ path: String, _ property: any WritableKeyPath<RunConfiguration, Double> & Sendable,
        _ range: ClosedRange<Double>, _ documentation: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            path: path, documentation: documentation,
            allowed: "a number from \(range.lowerBound) to \(range.upperBound)",
            set: { configuration, text in
                guard let value = Double(text), range.contains(value) else { return false }
                configuration[keyPath: property] = value
                return true
            }, text: { "\($0[keyPath: property])" })
    }

    static func time(
        _ path: String, _ property: any WritableKeyPath<RunConfiguration, Duration> & Sendable, _ documentation: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            path: path, documentation: documentation, allowed: "a time such as 90s, 5m or 1h30m, at least 1s",
            set: { configuration, text in
                guard let value = TimeText.duration(text), value >= .seconds(1) else { return false }
                configuration[keyPath: property] = value
                return true
            }, text: { TimeText.text($0[keyPath: property]) })
    }

    static func flag(
        _ path: String, _ property: any WritableKeyPath<RunConfiguration, Bool> & Sendable, _ documentation: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            path: path, documentation: documentation, allowed: "true or false",
            set: { configuration, text in
                guard let value = Bool(text) else { return false }
                configuration[keyPath: property] = value
                return true
            }, text: { "\($0[keyPath: property])" })
    }

    static func text(
        _ path: String, _ property: any WritableKeyPath<RunConfiguration, String> & Sendable, _ allowed: String,
        _ documentation: String, isAllowed: @escaping @Sendable (String) -> Bool
    ) -> ConfigurationKey {
        ConfigurationKey(
            path: path, documentation: documentation, allowed: allowed,
            set: { configuration, text in
                guard isAllowed(text) else { return false }
                configuration[keyPath: property] = text
                return true
            }, text: { $0[keyPath: property] })
    }

    static func folders(
        _ path: String, _ property: any WritableKeyPath<RunConfiguration, String> & Sendable, _ documentation: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            path: path, documentation: documentation,
            allowed: "paths that begin with /, with colons between them; empty for none",
            set: { configuration, text in
                let folders = text.split(separator: ":")
                guard folders.allSatisfy({ $0.hasPrefix("/") && $0 != "/" }) else { return false }
                configuration[keyPath: property] = text
                return true
            }, text: { $0[keyPath: property].isEmpty ? "''" : $0[keyPath: property] })
    }

    static func choice(
        _ path: String, _ property: any WritableKeyPath<RunConfiguration, String> & Sendable, _ choices: [String],
        _ documentation: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            path: path, documentation: documentation, allowed: choices.joined(separator: ", "),
            set: { configuration, text in
                guard choices.contains(text) else { return false }
                configuration[keyPath: property] = text
                return true
            }, text: { $0[keyPath: property] })
    }
}

/// Spans of time as people write them.
public enum TimeText {
    /// Reads `90s`, `5m`, `1h30m`, or a plain number of seconds; `nil` for anything else.
    public static func duration(_ text: String) -> Duration? {
        if let seconds = Double(text), seconds.isFinite, seconds >= 0 { return .seconds(seconds) }
        guard let match = text.wholeMatch(of: #/(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?/#), !text.isEmpty else {
            return nil
        }
        let parts = [(match.1, 3600), (match.2, 60), (match.3, 1)]
        return .seconds(parts.reduce(0) { $0 + (Int($1.0 ?? "") ?? 0) * $1.1 })
    }

    /// Writes a span the way `duration` reads it, in whole seconds.
    public static func text(_ span: Duration) -> String {
        let seconds = max(0, Int(span.components.seconds))
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
        let text = parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        return text.isEmpty ? "0s" : text
    }
}

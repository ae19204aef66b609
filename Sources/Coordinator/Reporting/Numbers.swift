import Foundation

/// Numbers as people read them.
public enum Numbers {
    /// Five significant digits are more than any score here is sure of.
    public static func rounded(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
        var scale = 1.0
        while abs(value) * scale < 10_000, scale < 1e12 { scale *= 10 }
        return "\((value * scale).rounded() / scale)"
    }

    /// A number with its standard error, both to the second digit of the error: `0.796 ± 0.036`. Digits beyond say nothing.
    public static func rounded(_ value: Double, error: Double?) -> String {
        guard let error, error.isFinite, error > 0, value.isFinite else { return rounded(value) }
        let places = min(12, max(0, 1 - Int(log10(error).rounded(.down))))
        return String(format: "%.*f ± %.*f", places, value, places, error)
    }

    /// A sentence with the numbers in it that have more than six digits cut to five.
    public static func rounded(in sentence: String) -> String {
        sentence.replacing(#/\d+\.\d+(?:e-?\d+)?/#) { match in
            let isLong = match.output.count { $0.isNumber } > 6
            return isLong ? Double(match.output).map(rounded) ?? String(match.output) : String(match.output)
        }
    }
}

extension Numbers {
    /// A probability from resamples, which know no certainty: two digits, `more than 0.99` and `less than 0.01`.
    static func probability(_ value: Double) -> String {
        if value > 0.99 { return "more than 0.99" }
        return value < 0.01 ? "less than 0.01" : String(format: "%.2f", value)
    }
}

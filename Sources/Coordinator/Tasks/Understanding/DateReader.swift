/// Reads calendar dates and times as numbers that order as time does.
///
/// Understands `2024-03-01`, `2024/3/1`, `2024-03`, `20240301`, `03/01/2024`, `1.3.2024`, `31.12.22`, `15-Jan-23`,
/// `15 January 2023`, `Jan 15, 2023`, each with an optional time of day; a zone is read where it is written as an
/// offset. Dates with slashes or hyphens are month first unless the column has a first number above 12; dates with dots
/// are day first. Years of two digits are from 1969 to 2068; with dots they need days and months of two digits.
struct DateReader: Sendable {
    var isDayFirst = false

    /// Seconds since the start of year 0, or `nil` when the bytes are no date.
    func key(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard bytes.count >= 6, bytes.count <= 40 else { return nil }
        var scan = Scan(bytes: bytes)
        guard let day = date(&scan), let time = Self.time(&scan), scan.at == bytes.count else { return nil }
        return day * 86_400 + time
    }

    func key(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { key($0) }
    }

    /// Whether a date can only be day first: with dots it always is.
    static func mustBeDayFirst(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var scan = Scan(bytes: bytes)
        guard let first = scan.number(1...2), let separator = separator(&scan) else { return false }
        return separator == "." || first.value > 12
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]

    private struct Scan {
        let bytes: UnsafeBufferPointer<UInt8>
        var at = 0

        var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard let next = peek, UInt32(next) == character.value else { return false }
            at += 1
            return true
        }

        /// An English month, whole or by its first three letters; nothing is taken when there is none.
        mutating func month() -> Int64? {
            let letters = bytes[at...].prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A && $0 >= 0x41 }
            guard letters.count >= 3, letters.count <= 9 else { return nil }
            let word = String(decoding: letters.map { $0 | 0x20 }, as: UTF8.self)
            guard let place = DateReader.months.firstIndex(where: { $0 == word || $0.prefix(3) == word }) else {
                return nil
            }
            at += letters.count
            return Int64(place + 1)
        }

        mutating func number(_ digits: ClosedRange<Int>) -> (value: Int64, digits: Int)? {
            var value: Int64 = 0
            var count = 0
            while let next = peek, next >= 0x30, next <= 0x39, count < digits.upperBound {
                value = value * 10 + Int64(next - 0x30)
                count += 1
                at += 1
            }
            return digits.contains(count) ? (value, count) : nil
        }
    }

    private func date(_ scan: inout Scan) -> Int64? {
        if let month = scan.month() { return Self.dayAndYear(after: month, &scan) }
        guard let first = scan.number(1...8) else { return nil }
        switch first.digits {
        case 8: return Self.day(first.value / 10_000, first.value / 100 % 100, first.value % 100)
        case 4:
            guard let separator = Self.separator(&scan), let month = scan.number(1...2) else { return nil }
            guard scan.take(separator) else { return Self.day(first.value, month.value, 1) }
            guard let day = scan.number(1...2) else { return nil }
            return Self.day(first.value, month.value, day.value)
        case 1, 2:
            if let day = Self.monthAndYear(after: first.value, scan) {
                scan = day.scan
                return Self.day(day.year, day.month, first.value)
            }
            guard let separator = Self.separator(&scan), let second = scan.number(1...2), scan.take(separator),
                let year = Self.year(&scan, mayBeShort: Self.mayBeShort(separator, first.digits + second.digits))
            else { return nil }
            let isDayFirst = separator == "." || isDayFirst
            return isDayFirst
                ? Self.day(year, second.value, first.value) : Self.day(year, first.value, second.value)
        default: return nil
        }
    }

    /// ` January 2023`, `-Jan-23` behind a day.
    private static func monthAndYear(after day: Int64, _ scan: Scan) -> (year: Int64, month: Int64, scan: Scan)? {
        var scan = scan
        let separator: Unicode.Scalar? = scan.take(" ") ? " " : separator(&scan)
        guard let separator, let month = scan.month() else { return nil }
        if separator == " " { _ = scan.take(",") }
        guard scan.take(separator), let year = year(&scan, mayBeShort: true) else { return nil }
        return (year, month, scan)
    }

    /// ` 15, 2023` behind a month.
    private static func dayAndYear(after month: Int64, _ scan: inout Scan) -> Int64? {
        guard scan.take(" "), let date = scan.number(1...2) else { return nil }
        _ = scan.take(",")
        guard scan.take(" "), let year = scan.number(4...4) else { return nil }
        return day(year.value, month, date.value)
    }

    /// Whether a year of two digits may follow: between dots only days and months of two digits tell dates from
    /// versions such as `1.10.12`.
    private static func mayBeShort(_ separator: Unicode.Scalar, _ digits: Int) -> Bool {
        separator == "/" || (separator == "." && digits == 4)
    }

    private static func year(_ scan: inout Scan, mayBeShort: Bool) -> Int64? {
        guard let year = scan.number(2...4) else { return nil }
        switch year.digits {
        case 4: return year.value
        case 2 where mayBeShort: return year.value < 69 ? 2000 + year.value : 1900 + year.value
        default: return nil
        }
    }

    private static func separator(_ scan: inout Scan) -> Unicode.Scalar? {
        let separators: [Unicode.Scalar] = ["-", "/", "."]
        for separator in separators where scan.take(separator) { return separator }
        return nil
    }

    /// Seconds since midnight in universal time; 0 when there is no time of day.
    private static func time(_ scan: inout Scan) -> Int64? {
        guard scan.take("T") || scan.take(" ") else { return 0 }
        guard let hour = scan.number(1...2), scan.take(":"), let minute = scan.number(2...2), hour.value < 25,
            minute.value < 60
        else { return nil }
        var seconds = hour.value * 3600 + minute.value * 60
        if scan.take(":") {
            guard let second = scan.number(2...2), second.value < 61 else { return nil }
            seconds += second.value
            if scan.take(".") { guard scan.number(1...9) != nil else { return nil } }
        }
        if scan.take("Z") { return seconds }
        if scan.take(" ") {
            guard scan.take("U"), scan.take("T"), scan.take("C") else { return nil }
            return seconds
        }
        guard let sign = scan.peek, sign == 0x2B || sign == 0x2D else { return seconds }
        scan.at += 1
        guard let hours = scan.number(2...2) else { return nil }
        _ = scan.take(":")
        let offset = hours.value * 3600 + (scan.number(2...2)?.value ?? 0) * 60
        return sign == 0x2B ? seconds - offset : seconds + offset
    }

    /// Days since 1 March of year 0, by the civil calendar.
    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        guard (1...12).contains(month), (1...31).contains(day), (1000...9999).contains(year) else { return nil }
        let shifted = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        return shifted.0 * 365 + shifted.0 / 4 - shifted.0 / 100 + shifted.0 / 400 + (shifted.1 * 306 + 5) / 10 + day
            - 1
    }
}

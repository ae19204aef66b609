import Foundation
import Vocabulary

/// One table in words: its size, and of every column what it holds, its range or examples, and what is missing.
struct TablePreview {
    let text: String

    private static let rowLimit = 200_000
    private static let columnLimit = 60

    /// What is gathered of a column beside its count.
    private struct Sight {
        var least = Double.infinity
        var most = -Double.infinity
        var sum = 0.0
        var numbers = 0
        var examples: [String] = []

        mutating func add(_ value: UnsafeBufferPointer<UInt8>) {
            guard !value.isEmpty else { return }
            if let number = Self.number(value) {
                least = min(least, number)
                most = max(most, number)
                sum += number
                numbers += 1
            }
            guard examples.count < 5 else { return }
            let text = String(decoding: value.prefix(160), as: UTF8.self).replacing("\n", with: " ")
            let short = text.count > 40 ? "\(text.prefix(40))…" : text
            if !examples.contains(short) { examples.append(short) }
        }

        private static func number(_ value: UnsafeBufferPointer<UInt8>) -> Double? {
            guard value.count <= 40, let first = value.first, first < 0x3A else { return nil }
            guard let number = Double(String(decoding: value, as: UTF8.self)), number.isFinite else { return nil }
            return number
        }
    }

    init(_ file: CSVFile, name: String, isSample: Bool) {
        var lines = ["`\(name)`: \(file.rowCount) rows, \(file.names.count) columns"]
        guard !isSample else {
            text = lines[0] + ", begins\n\n```\n" + Self.firstRows(of: file) + "\n```\n"
            return
        }
        let rows = min(file.rowCount, Self.rowLimit)
        if rows < file.rowCount { lines[0] += "; described by the first \(rows)" }
        let shown = min(file.names.count, Self.columnLimit)
        var counts = [ColumnProfiler.Count](repeating: .init(), count: shown)
        var sights = [Sight](repeating: Sight(), count: shown)
        file.forEachRow(of: 0..<rows) { _, fields in
            for column in 0..<shown {
                fields.withValue(column) {
                    counts[column].add($0)
                    sights[column].add($0)
                }
            }
        }
        lines += ["", "| column | holds | distinct | missing | range or examples |", "|---|---|---|---|---|"]
        for column in 0..<shown {
            lines.append(Self.line(file.names[column], counts[column], sights[column]))
        }
        if shown < file.names.count {
            let rest = file.names[shown...].prefix(200).joined(separator: ", ")
            lines += ["", "and \(file.names.count - shown) more columns: \(rest)".prefixCut(3_000)]
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ name: String, _ count: ColumnProfiler.Count, _ sight: Sight) -> String {
        let distinct =
            count.distinct.count >= DistinctValues.limit
            ? "10000 or more" : "\(count.distinct.count - (count.empty > 0 ? 1 : 0))"
        let missing = count.empty + (count.isNumeric ? count.missingWords : 0)
        let share = count.rows == 0 ? 0 : Double(missing) / Double(count.rows)
        let content = count.content
        let what: String
        if content == .number, sight.numbers > 0 {
            what = String(
                format: "%.6g to %.6g, mean %.6g", sight.least, sight.most, sight.sum / Double(sight.numbers))
        } else {
            what = sight.examples.map { $0.replacing("|", with: "\\|") }.joined(separator: "; ")
        }
        let missingText = share == 0 ? "none" : String(format: "%.1f %%", share * 100)
        return "| \(name.replacing("|", with: "\\|")) | \(content.rawValue) | \(distinct) | \(missingText) | \(what) |"
    }

    private static func firstRows(of file: CSVFile) -> String {
        var lines = [file.names.joined(separator: ",").prefixCut(1_000)]
        file.forEachRow(of: 0..<min(3, file.rowCount)) { _, fields in
            let texts = file.names.indices.prefix(60).map { fields.text($0) }
            lines.append(texts.joined(separator: ",").prefixCut(1_000))
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// The beginning of a text.
    fileprivate func prefixCut(_ limit: Int) -> String { count <= limit ? self : "\(prefix(limit))…" }
}

import Foundation

/// The first lines of a file of text, cut into fields at whatever separates them: enough to tell what a table holds
/// without reading all of it.
struct TableHead {
    /// The names in the first line.
    let names: [String]
    /// The lines below, as many as were read.
    let rows: [[String]]
    /// The text as it was read.
    let text: String
    /// Whether the file goes on behind what was read.
    let isCut: Bool

    private static let headerLines = 5
    private static let rowLimit = 5000

    /// Reads a file's beginning, at most `limit` bytes; `nil` when it is not text.
    init?(path: String, limit: Int) {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        let content = (try? file.read(upToCount: limit)) ?? Data()
        guard !content.contains(0) else { return nil }
        let decoded = String(decoding: content, as: UTF8.self)
        // A page of another encoding is still text; what is mostly unreadable is not.
        guard decoded.unicodeScalars.lazy.filter({ $0 == "\u{FFFD}" }).count * 10 <= content.count else { return nil }
        let whole = decoded.hasPrefix("\u{FEFF}") ? String(decoded.dropFirst()) : decoded
        var lines = whole.split(maxSplits: Self.rowLimit, whereSeparator: \.isNewline)
        isCut = content.count == limit || lines.count > Self.rowLimit
        if lines.count > 1, isCut { lines.removeLast() }
        let separator = Self.separator(of: lines.prefix(Self.headerLines))
        names = lines.first.map { Self.fields($0, separator) } ?? []
        rows = lines.dropFirst().map { Self.fields($0, separator) }
        text = whole
    }

    /// Lines that may be the header: above it there can be remarks.
    var headers: [[String]] { [names] + rows.prefix(Self.headerLines - 1) }

    /// The different values of a column.
    func values(_ place: Int) -> Set<String> {
        Set(rows.lazy.compactMap { $0.count > place && !$0[place].isEmpty ? $0[place] : nil })
    }

    /// The character that occurs most often in the first lines.
    private static func separator(of lines: ArraySlice<Substring>) -> Character {
        let candidates: [Character] = [",", "\t", ";", "|"]
        let counts = candidates.map { candidate in
            lines.reduce(0) { $0 + $1.lazy.filter { $0 == candidate }.count }
        }
        let most = counts.max() ?? 0
        return zip(candidates, counts).first { $1 == most }?.0 ?? ","
    }

    private static func fields(_ line: Substring, _ separator: Character) -> [String] {
        var fields: [String] = []
        var current = ""
        var isQuoted = false
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == separator, !isQuoted {
                fields.append(current.trimmingBlanks)
                current = ""
            } else {
                current.append(character)
            }
        }
        return fields + [current.trimmingBlanks]
    }
}
